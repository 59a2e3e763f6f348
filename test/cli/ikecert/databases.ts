/** A root of a test's own, and `ikecert`, as it ships, at work in it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DIST } from '../in.iked/daemon-process.js';

export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Databases {
  readonly root: string;
  readonly certificates: string;
  readonly keys: string;
  readonly crls: string;
  run(args: readonly string[], input?: Uint8Array | string): Ran;
  /** What a command that must succeed prints. */
  succeed(args: readonly string[], input?: Uint8Array | string): Buffer;
  /** Every file and directory with mode and contents, as text. */
  picture(): readonly string[];
}

export function databasesBelow(root: string): Databases {
  const run = (args: readonly string[], input: Uint8Array | string = ''): Ran => {
    const env = { ...process.env, TZ: 'Europe/Berlin' };
    const ran = spawnSync(process.execPath, [join(DIST, 'ikecert.js'), '-R', root, ...args], { input, env });
    return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr.toString() };
  };
  return {
    root,
    certificates: join(root, 'etc/inet/ike/publickeys'),
    keys: join(root, 'etc/inet/secret/ike.privatekeys'),
    crls: join(root, 'etc/inet/ike/crls'),
    run,
    succeed: (args, input) => {
      const { status, stdout, stderr } = run(args, input);
      if (status !== 0) throw new Error(`ikecert ${args.join(' ')}: status ${String(status)}\n${stderr}`);
      return stdout;
    },
    picture: () => {
      if (!existsSync(root)) return [];
      return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .toSorted()
        .map((name) => {
          const path = join(root, name);
          const stat = statSync(path);
          const content = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
          return `${stat.mode.toString(8)} ${name} ${content}`;
        });
    },
  };
}

/** DER of the first PEM block. */
export function derOf(pem: Buffer | string): Buffer {
  const base64 = /-----BEGIN [A-Z0-9 ]+-----\n([^-]+)-----END/.exec(pem.toString())?.[1] ?? '';
  return Buffer.from(base64, 'base64');
}
