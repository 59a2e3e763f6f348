/** A root of a test's own, and `ikecert`, as it ships, at work in it. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { DIST } from '../in.iked/daemon-process.js';

/** Where the commands are at home. */
const ZONE = 'Europe/Berlin';

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
  /** The same beside others. */
  running(args: readonly string[], input?: Uint8Array | string): Promise<Ran>;
  /** What a command that must succeed prints, when it is this moment for it, milliseconds since 1970. */
  succeedAt(now: number, args: readonly string[]): Buffer;
  /** What a command that must succeed prints. */
  succeed(args: readonly string[], input?: Uint8Array | string): Buffer;
  /** Every file and directory with mode and contents, as text. */
  picture(): readonly string[];
}

export function databasesBelow(root: string): Databases {
  const env = { ...process.env, TZ: ZONE };
  const line = (args: readonly string[]): readonly string[] => [
    join(DIST, 'ikecert.js'),
    '-R',
    root,
    ...args,
  ];
  const run = (
    args: readonly string[],
    input: Uint8Array | string = '',
    before: readonly string[] = [],
  ): Ran => {
    const ran = spawnSync(process.execPath, [...before, ...line(args)], { input, env });
    return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr.toString() };
  };
  const succeed = (
    args: readonly string[],
    input?: Uint8Array | string,
    before?: readonly string[],
  ): Buffer => {
    const { status, stdout, stderr } = run(args, input, before);
    if (status !== 0) throw new Error(`ikecert ${args.join(' ')}: status ${String(status)}\n${stderr}`);
    return stdout;
  };
  return {
    root,
    certificates: join(root, 'etc/inet/ike/publickeys'),
    keys: join(root, 'etc/inet/secret/ike.privatekeys'),
    crls: join(root, 'etc/inet/ike/crls'),
    run: (args, input) => run(args, input),
    running: async (args, input = '') => {
      const child = spawn(process.execPath, line(args), { env, stdio: 'pipe' });
      // One that reads no input may have ended before it comes.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      const [stdout, stderr] = await Promise.all([
        buffer(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { status: child.exitCode, stdout, stderr };
    },
    succeed: (args, input) => succeed(args, input),
    succeedAt: (now, args) => {
      const clock = `data:text/javascript,Date.now = () => ${String(now)};`;
      return succeed(args, '', ['--import', clock]);
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
