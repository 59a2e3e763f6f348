/** The outside of `ikeadm` for a run in this process: the real request handler, two host names, a fixed time. */
import { Readable } from 'node:stream';
import { PlainConsole } from '../../../cli/ikeadm/console/plain-console.js';
import type { Files } from '../../../cli/ikeadm/files.js';
import { runIkeadm } from '../../../cli/ikeadm/run.js';
import type { Printed } from '../../../cli/ikeadm/printed.js';
import type { World } from '../../../cli/ikeadm/session.js';
import { encodeError } from '../../../services/admin/door/heads.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import type { Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';
import { err, ok } from '../../../services/result.js';
import type { SimulatedAdministration } from '../../services/admin/simulated-administration.js';

const HOSTS: Readonly<Record<string, readonly Address[]>> = {
  alpha: ['192.0.2.1', '2001:db8::1'],
  beta: ['198.51.100.7', '2001:db8::7'],
};

/** Nothing can be opened. */
const NO_FILES: Files = {
  forReading: () => Promise.resolve(err('Permission denied')),
  forWriting: () => Promise.resolve(err('Permission denied')),
  forAppending: () => Promise.resolve(err('Permission denied')),
  temporary: () => Promise.resolve(err('Permission denied')),
};

export interface Wishes {
  /** In place of the request handler. */
  readonly handle?: (request: Bytes) => Promise<Bytes>;
  /** What comes from stdin. */
  readonly input?: string;
  /** In place of a door that is there, when its administration is, and answers. */
  readonly connect?: World['connect'];
}

export function worldOf(admin: SimulatedAdministration | undefined, wishes: Wishes = {}): World {
  const {
    input = '',
    handle = async (request: Bytes) =>
      admin ? handleRequest(ownCall(request), admin) : encodeError({ name: 'NO_OBJ' }),
    connect = () =>
      Promise.resolve(
        admin === undefined
          ? err({ operation: 'open', reason: 'No such file or directory', mend: 'Start it.' })
          : ok({
              passesFiles: false,
              call: async (request: Bytes) => ok(await handle(request)),
              close: () => undefined,
            }),
      ),
  } = wishes;
  return {
    connect,
    names: {
      nameOf: (address) =>
        Promise.resolve(Object.entries(HOSTS).find(([, addresses]) => addresses.includes(address))?.[0]),
      addressesOf: (name) => Promise.resolve(HOSTS[name] ?? []),
    },
    now: () => 1_770_437_506,
    files: NO_FILES,
    ignoreInterrupts: () => undefined,
    untilInterrupted: () => Promise.resolve(),
    console: new PlainConsole(Readable.from([Buffer.from(input)])),
  };
}

export async function runIn(world: World, words: readonly string[]): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  const exit = await runIkeadm(
    words,
    () => world,
    (part) => {
      stdout += part.stdout;
      stderr += part.stderr;
      return Promise.resolve();
    },
  );
  return { stdout, stderr, exit };
}

export function run(line: string, admin?: SimulatedAdministration): Promise<Printed> {
  return runIn(worldOf(admin), line.split(' '));
}

/** Interactive mode with `input` in place of a person; `options` as on the command line. */
export function typed(
  input: string,
  admin?: SimulatedAdministration,
  ...options: readonly string[]
): Promise<Printed> {
  return runIn(worldOf(admin, { input }), options);
}
