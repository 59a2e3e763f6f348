/** strongSwan's charon as the peer. Its kernel is the shim's: SAs are acknowledged and written down, keys included. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBackground, type Background } from './background.js';
import { ADDRESS, OTHER_END, type End, type Network } from './network.js';
import { readSaLines, type SaLine } from './sa-log.js';
import type { Scenario } from './scenario.js';
import { attempt, eventually, succeed, type Ended } from './shell.js';

const CHARON = '/usr/lib/ipsec/charon';
const PLUGINS =
  'random nonce openssl aes sha1 sha2 md5 hmac gmp pem pkcs1 x509 pubkey constraints socket-default vici kernel-netlink updown';
const CONNECTION = 'ours';

/** A section of strongSwan's files: values and sections by name. */
interface Section {
  readonly [name: string]: string | number | Section;
}

function render(section: Section, indent = ''): string {
  return Object.entries(section)
    .map(([name, value]) =>
      typeof value === 'object'
        ? `${indent}${name} {\n${render(value, `${indent}  `)}${indent}}\n`
        : `${indent}${name} = ${String(value)}\n`,
    )
    .join('');
}

export class Charon {
  readonly #directory: string;
  readonly #process: Background;
  readonly #end: End;
  /** SA lines written before the present scenario. */
  #linesBefore = 0;

  private constructor(directory: string, process: Background, end: End) {
    this.#directory = directory;
    this.#process = process;
    this.#end = end;
  }

  /** Starts it in a namespace, with /run of its own so that it meets no other charon's pid file and socket. */
  static async start(network: Network, end: End, directory: string, shim: string): Promise<Charon> {
    if (!existsSync(CHARON)) throw new Error(`${CHARON} is missing: run test/interop/run.sh as root`);
    mkdirSync(join(directory, 'run'), { recursive: true });
    const log = { path: join(directory, 'charon.log'), default: 1, ike: 2, enc: 1, flush_line: 'yes' };
    writeFileSync(
      join(directory, 'strongswan.conf'),
      render({
        charon: {
          load_modular: 'no',
          load: PLUGINS,
          install_routes: 'no',
          // A refusal is known soon; the good cases lose no packet.
          retransmit_timeout: 0.5,
          retransmit_base: 1.5,
          retransmit_tries: 3,
          filelog: { file: log },
        },
        swanctl: { load: 'random openssl pem pkcs1 x509 pubkey' },
      }),
    );
    const child = startBackground(
      'ip',
      [
        ...['netns', 'exec', network[end], 'sh', '-c'],
        'mount --bind "$1" /run && exec env LD_PRELOAD="$2" "$3"',
        ...['sh', join(directory, 'run'), shim, CHARON],
      ],
      { stdout: join(directory, 'out.log'), stderr: join(directory, 'out.log') },
      {
        ...process.env,
        STRONGSWAN_CONF: join(directory, 'strongswan.conf'),
        FAKEXFRM_LOG: join(directory, 'sa.jsonl'),
      },
    );
    const charon = new Charon(directory, child, end);
    await eventually('charon answers', 10, async () => {
      if (child.exit() !== undefined)
        throw new Error(`charon ended: ${readFileSync(join(directory, 'out.log'), 'utf8')}`);
      return (await charon.#ask('--stats')).status === 0 ? true : undefined;
    });
    return charon;
  }

  #ask(command: string, ...args: readonly string[]): Promise<Ended> {
    const uri = `unix://${join(this.#directory, 'run', 'charon.vici')}`;
    return attempt(
      'env',
      [
        `STRONGSWAN_CONF=${join(this.#directory, 'strongswan.conf')}`,
        ...['swanctl', command, '--uri', uri, ...args],
      ],
      30,
    );
  }

  /** Takes over a scenario's configuration in place of what it had. */
  async configure(scenario: Scenario): Promise<void> {
    const { family, mode, pfs } = scenario;
    const [here, there] = [this.#end, OTHER_END[this.#end]];
    const [local, remote] = [ADDRESS[here][family], ADDRESS[there][family]];
    const espProposals = scenario.phase2[here].map((suite) =>
      pfs === undefined ? suite : `${suite}-${pfs}`,
    );
    const children: Record<string, Section> = {};
    for (const traffic of scenario.traffic) {
      children[traffic.name] = {
        mode,
        esp_proposals: espProposals.join(','),
        ...(mode === 'tunnel' ? { local_ts: traffic[here], remote_ts: traffic[there] } : {}),
      };
    }
    const file = join(this.#directory, 'swanctl.conf');
    writeFileSync(
      file,
      render({
        connections: {
          [CONNECTION]: {
            version: 1,
            local_addrs: local,
            remote_addrs: remote,
            proposals: scenario.phase1[here].join(','),
            local: { auth: 'psk', id: local },
            remote: { auth: 'psk', id: remote },
            children,
          },
        },
        secrets: { 'ike-1': { secret: `0x${scenario.presharedKey[here]}` } },
      }),
      { mode: 0o600 },
    );
    this.#linesBefore = readSaLines(this.saFile).length;
    const loaded = await this.#ask('--load-all', '--clear', '--noprompt', '--file', file);
    if (loaded.status !== 0) throw new Error(`swanctl --load-all: ${loaded.stdout}${loaded.stderr}`);
  }

  get saFile(): string {
    return join(this.#directory, 'sa.jsonl');
  }

  /** SA lines since the present scenario was configured. */
  saLines(): readonly SaLine[] {
    return readSaLines(this.saFile, this.#linesBefore);
  }

  /** Negotiates a child as the initiator; true when charon says that it is established. */
  async initiate(child: string): Promise<boolean> {
    return (await this.#ask('--initiate', '--child', child, '--timeout', '15')).status === 0;
  }

  /** Ends the Phase 1 and its children with Deletes. */
  async terminate(): Promise<void> {
    await this.#ask('--terminate', '--ike', CONNECTION, '--timeout', '5');
  }

  /** Ends one child with a Delete. */
  async terminateChild(child: string): Promise<void> {
    await this.#ask('--terminate', '--child', child, '--timeout', '5');
  }

  /** Forgets everything without telling the peer. */
  async forget(): Promise<void> {
    await this.#ask('--terminate', '--ike', CONNECTION, '--force', '--timeout', '1');
  }

  /** How many Phase 1 SAs and children it holds. */
  async held(): Promise<{ readonly phase1: number; readonly children: number }> {
    const { stdout } = await this.#ask('--list-sas', '--raw');
    return {
      phase1: stdout.match(/state=ESTABLISHED/g)?.length ?? 0,
      children: stdout.match(/state=INSTALLED/g)?.length ?? 0,
    };
  }

  log(): string {
    return readFileSync(join(this.#directory, 'charon.log'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** Compiles the shim into a directory; its path. */
export async function compileShim(directory: string): Promise<string> {
  const shim = join(directory, 'fakexfrm.so');
  const source = join(import.meta.dirname, 'fakexfrm.c');
  await succeed('cc', ['-Wall', '-shared', '-fPIC', '-O2', '-o', shim, source, '-ldl', '-lpthread'], 60);
  return shim;
}
