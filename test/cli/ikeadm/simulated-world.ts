/** The outside of `ikeadm` for a run in this process: the real request handler, two host names, a fixed time. */
import { runIkeadm, type Printed } from '../../../cli/ikeadm/run.js';
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

export function worldOf(
  admin: SimulatedAdministration | undefined,
  handle: (request: Bytes) => Promise<Bytes> = async (request) =>
    admin ? handleRequest(ownCall(request), admin) : encodeError({ name: 'NO_OBJ' }),
): World {
  return {
    connect: () =>
      Promise.resolve(
        admin === undefined
          ? err({ operation: 'open', reason: 'No such file or directory', mend: 'Start it.' })
          : ok({
              passesFiles: false,
              call: async (request: Bytes) => ok(await handle(request)),
              close: () => undefined,
            }),
      ),
    names: {
      nameOf: (address) =>
        Promise.resolve(Object.entries(HOSTS).find(([, addresses]) => addresses.includes(address))?.[0]),
      addressesOf: (name) => Promise.resolve(HOSTS[name] ?? []),
    },
    now: () => 1_770_437_506,
    createDebugFile: (path) =>
      Promise.resolve(path === 'good' ? ok('/tmp/good') : err('open user-specified file: Permission denied')),
  };
}

export function run(line: string, admin?: SimulatedAdministration): Promise<Printed> {
  return runIkeadm(line === '' ? [] : line.split(' '), () => worldOf(admin));
}
