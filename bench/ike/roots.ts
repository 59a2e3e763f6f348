/** The files of the two ends: what the daemon reads, and what all peers of the load generator have in common. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GroupNumber } from '../../services/algorithms.js';

export const DAEMON_ADDRESS = '127.0.0.1';
export const PEERS = '127.0.0.0/8';
/** Label of the rule whose offer the daemon does not take. */
export const REFUSED = 'refused';

export interface Suite {
  /** As results name it. */
  readonly name: string;
  readonly group: GroupNumber;
  readonly method: 'preshared' | 'rsa_sig';
  /** Further rules and keys before those that fit, as many of each. */
  readonly strangers: number;
}

/** Paths of what was written; `policy` is for `--policy`. */
export interface Root {
  readonly folder: string;
  readonly policy: string;
}

const COMMAND = fileURLToPath(new URL('../../../dist/ikecert.js', import.meta.url));
const KEY = '00112233445566778899aabbccddeeff';
const END = { daemon: 'gateway.example', peer: 'peer.example' } as const;

/** Below `folder`, a root for each end. */
export function layOutRoots(folder: string, suite: Suite): { readonly daemon: Root; readonly peer: Root } {
  const daemon = layOut(join(folder, 'daemon'), 'daemon', suite);
  const peer = layOut(join(folder, 'peer'), 'peer', suite);
  if (suite.method === 'rsa_sig') {
    const certificates = { daemon: ownCertificate(daemon, 'daemon'), peer: ownCertificate(peer, 'peer') };
    ikecert(daemon, ['certdb', '-a'], certificates.peer);
    ikecert(peer, ['certdb', '-a'], certificates.daemon);
  }
  return { daemon, peer };
}

function layOut(folder: string, end: 'daemon' | 'peer', suite: Suite): Root {
  for (const part of ['etc/inet/ike', 'etc/inet/secret', 'var/run'])
    mkdirSync(join(folder, part), { recursive: true, mode: 0o700 });
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  put('etc/inet/ike/config', config(end, suite));
  put('etc/inet/secret/ike.preshared', preshared(end, suite));
  const [local, remote] = end === 'daemon' ? [DAEMON_ADDRESS, PEERS] : [PEERS, DAEMON_ADDRESS];
  const policy = put(
    'etc/inet/policy',
    `{ laddr ${local} raddr ${remote} dir both } ipsec { encr_algs aes(128) encr_auth_algs sha1 sa shared }\n`,
  );
  return { folder, policy };
}

/**
 * Retry windows are short, so that what is remembered for them goes, and costs its time, while it is measured; nobody
 * asks whether the peers live, whose sockets are closed.
 */
function config(end: 'daemon' | 'peer', { group, method, strangers }: Suite): string {
  const rule = (label: string, local: string, remote: string, cipher: string): string =>
    `{ label "${label}" local_addr ${local} remote_addr ${remote}${ids(end, method)}\n` +
    `  p1_xform { auth_method ${method} oakley_group ${String(group)} auth_alg sha1 encr_alg ${cipher} } }\n`;
  const head = [
    'retry_limit 1',
    'retry_timer_init 1',
    'expire_timer 10',
    'dpd_interval_secs 3600',
    ...(method === 'rsa_sig'
      ? [`cert_trust "DNS=${END.daemon}"`, `cert_trust "DNS=${END.peer}"`, 'ignore_crls']
      : []),
  ];
  const rules =
    end === 'daemon'
      ? [
          ...each(strangers, (n) =>
            rule(`stranger ${String(n)}`, DAEMON_ADDRESS, strangerAddress(n), 'aes(128..128)'),
          ),
          rule('peers', DAEMON_ADDRESS, PEERS, 'aes(128..128)'),
        ]
      : [rule('peers', PEERS, DAEMON_ADDRESS, 'aes(128..128)'), rule(REFUSED, PEERS, DAEMON_ADDRESS, '3des')];
  return [...head, ...rules].join('\n');
}

function ids(end: 'daemon' | 'peer', method: Suite['method']): string {
  if (method === 'preshared') return '';
  const [local, remote] = end === 'daemon' ? [END.daemon, END.peer] : [END.peer, END.daemon];
  return ` local_id_type dns local_id "DNS=${local}" remote_id "DNS=${remote}"`;
}

function preshared(end: 'daemon' | 'peer', { strangers }: Suite): string {
  const entry = (local: string, remote: string): string => {
    const type = (text: string): string => (text.includes('/') ? 'prefix' : 'ip');
    return `{ localidtype ${type(local)} localid ${local} remoteidtype ${type(remote)} remoteid ${remote} key ${KEY} }\n`;
  };
  if (end === 'peer') return entry(PEERS, DAEMON_ADDRESS);
  const others = each(strangers, (n) => entry(DAEMON_ADDRESS, strangerAddress(n)));
  return [...others, entry(DAEMON_ADDRESS, PEERS)].join('');
}

/** Nobody who comes by loopback. */
function strangerAddress(n: number): string {
  return `10.${String((n >> 16) & 0xff)}.${String((n >> 8) & 0xff)}.${String(n & 0xff)}`;
}

function each(count: number, make: (n: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

/** Makes a key and a certificate for it, which is given back. */
function ownCertificate(root: Root, end: 'daemon' | 'peer'): string {
  const words = [
    '-ks',
    '-m',
    '2048',
    '-t',
    'rsa-sha256',
    '-D',
    `CN=${end}, O=Example`,
    '-A',
    `DNS=${END[end]}`,
  ];
  const said = ikecert(root, ['certlocal', ...words], '');
  return said.slice(said.indexOf('-----BEGIN'));
}

function ikecert({ folder }: Root, words: readonly string[], input: string): string {
  const args = [COMMAND, '-R', folder, ...words];
  return execFileSync(process.execPath, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}
