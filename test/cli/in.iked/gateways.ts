/** Two real daemons on loopback, each with a private root, and their administrators. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attempt, type Ended } from '../../interop/lab/shell.js';
import { readSaLines, type SaLine } from '../../interop/lab/sa-log.js';
import { DaemonProcess, DIST } from './daemon-process.js';

export const EAST = '127.0.0.1';
export const WEST = '127.0.0.2';
/** Hosts in the networks that the two protect. */
export const INSIDE_EAST = '10.1.0.5';
export const INSIDE_WEST = '10.2.0.9';

export const TRANSFORM = 'p1_xform { auth_method preshared oakley_group 14 auth_alg sha1 encr_alg aes(128) }';

/** The initiator gives up on a silent peer after 1.2 s, the responder on the negotiation after three. */
export const IMPATIENT = {
  globals: 'retry_limit 1\nretry_timer_init 0.4\n',
  westGlobals: 'expire_timer 3\n',
} as const;

export interface Root {
  readonly config: string;
  readonly preshared: string;
  readonly policy: string;
}

export interface Ports {
  readonly port: number;
  readonly nattPort: number;
}

export function configFile(root: string): string {
  return join(root, 'etc/inet/ike/config');
}

export function presharedFile(root: string): string {
  return join(root, 'etc/inet/secret/ike.preshared');
}

export function policyFile(root: string): string {
  return join(root, 'etc/inet/ipsecinit.conf');
}

export function doorFile(root: string): string {
  return join(root, 'var/run/ike_door');
}

export function traceFile(root: string): string {
  return join(root, 'sadb.jsonl');
}

export function writeRoot(root: string, { config, preshared, policy }: Root): void {
  for (const [file, text] of [
    [configFile(root), config],
    [presharedFile(root), preshared],
    [policyFile(root), policy],
  ] as const) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  }
}

export function rule(
  local: string,
  remote: string,
  { transform = TRANSFORM, label = `${local} to ${remote}` } = {},
): string {
  return `{ label "${label}" local_addr ${local} remote_addr ${remote} ${transform} }\n`;
}

export function presharedKey(local: string, remote: string, keyHex: string): string {
  return `{ localidtype IP localid ${local} remoteidtype IP remoteid ${remote} key ${keyHex} }\n`;
}

/** `network` is the second number of an address in 10.0.0.0/8. */
export function tunnelPolicy(
  local: { readonly network: number; readonly address: string },
  remote: { readonly network: number; readonly address: string },
): string {
  const selectors = `laddr 10.${String(local.network)}.0.0/16 raddr 10.${String(remote.network)}.0.0/16`;
  const tunnel = `tunnel ${local.address}-${remote.address} negotiate tunnel`;
  return `{ ${selectors} ${tunnel} } ipsec { encr_algs aes(128) encr_auth_algs sha1 sa shared }\n`;
}

/** Ports that are free on all of the addresses. */
export async function freePorts(...addresses: readonly string[]): Promise<Ports> {
  const port = await freePort(addresses, 0);
  return { port, nattPort: await freePort(addresses, port) };
}

async function freePort(addresses: readonly string[], taken: number): Promise<number> {
  const [first = EAST, ...others] = addresses;
  for (let attempts = 0; attempts < 50; attempts++) {
    const port = await bind(first, 0);
    if (port === undefined || port === taken) continue;
    const bound = await Promise.all(others.map((address) => bind(address, port)));
    if (bound.every((got) => got === port)) return port;
  }
  throw new Error(`no UDP port is free on all of ${addresses.join(', ')}`);
}

/** The port bound, and given back; undefined when it is in use. */
function bind(address: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      const { port: got } = socket.address();
      socket.close(() => {
        resolve(got);
      });
    });
  });
}

export class Gateway {
  readonly root: string;
  readonly daemon: DaemonProcess;

  /** The daemon runs with what `writeRoot` has put under `root`. */
  constructor(
    root: string,
    addresses: readonly string[],
    { port, nattPort }: Ports,
    flags: readonly string[],
  ) {
    this.root = root;
    this.daemon = new DaemonProcess([
      ...[
        '-R',
        root,
        '--listen',
        addresses.join(','),
        '--port',
        String(port),
        '--natt-port',
        String(nattPort),
      ],
      ...['--policy', policyFile(root), '--sadb-trace', traceFile(root), '-p', '2', '-d', ...flags],
    ]);
  }

  ikeadm(...words: readonly string[]): Promise<Ended> {
    return ikeadm(this.root, ...words);
  }

  /** The one document of `ikeadm -j`. */
  async asked(...words: readonly string[]): Promise<unknown> {
    const { stdout } = await this.ikeadm('-j', ...words);
    return JSON.parse(stdout);
  }

  trace(): readonly SaLine[] {
    return readSaLines(traceFile(this.root));
  }

  /** SPIs of installed SAs that were not deleted, in order. */
  liveSpis(): readonly string[] {
    const live = new Set<string>();
    for (const { op, spi } of this.trace()) {
      if (op === 'delete') live.delete(spi);
      else live.add(spi);
    }
    return [...live].sort();
  }
}

export function ikeadm(root: string, ...words: readonly string[]): Promise<Ended> {
  return attempt(process.execPath, [join(DIST, 'ikeadm.js'), '-R', root, ...words]);
}

export interface Wishes {
  readonly flags?: readonly string[];
  /** Put before the rule of both. */
  readonly globals?: string;
  /** In place of the globals of the other. */
  readonly westGlobals?: string;
  /** In place of the key of the other. */
  readonly westKey?: string;
  /** In place of the transform of the other. */
  readonly westTransform?: string;
  /** Label of east's rule, made of the pre-shared key. */
  readonly eastLabel?: (key: string) => string;
}

export interface Gateways {
  readonly east: Gateway;
  readonly west: Gateway;
  /** Pre-shared key, hex. */
  readonly key: string;
  readonly ports: Ports;
  stop(): Promise<void>;
}

/** Resolves when both run. */
export async function startGateways(folder: string, wishes: Wishes = {}): Promise<Gateways> {
  const { flags = ['--no-inspect'], globals = '', westGlobals = globals, westTransform } = wishes;
  const ports = await freePorts(EAST, WEST);
  const key = randomBytes(24).toString('hex');
  const inEast = { network: 1, address: EAST };
  const inWest = { network: 2, address: WEST };
  const roots = { east: join(folder, 'east'), west: join(folder, 'west') };
  writeRoot(roots.east, {
    config:
      globals + rule(EAST, WEST, wishes.eastLabel === undefined ? {} : { label: wishes.eastLabel(key) }),
    preshared: presharedKey(EAST, WEST, key),
    policy: tunnelPolicy(inEast, inWest),
  });
  writeRoot(roots.west, {
    config: westGlobals + rule(WEST, EAST, westTransform === undefined ? {} : { transform: westTransform }),
    preshared: presharedKey(WEST, EAST, wishes.westKey ?? key),
    policy: tunnelPolicy(inWest, inEast),
  });
  const east = new Gateway(roots.east, [EAST], ports, flags);
  const west = new Gateway(roots.west, [WEST], ports, flags);
  const stop = async (): Promise<void> => {
    await Promise.all([east.daemon.stop(), west.daemon.stop()]);
  };
  try {
    await Promise.all([east.daemon.running(), west.daemon.running()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { east, west, key, ports, stop };
}
