/** The command as it ships, run as a process: what it reads and prints, and its exit status. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DIST } from '../../in.iked/daemon-process.js';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface Manner {
  /** What it reads from stdin, a pipe. */
  readonly input?: string;
  readonly cwd?: string;
  /** What the host's name service says of these names, in place of what it would. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
}

/** A module that Node loads first. Names of several addresses are nothing that a host must have. */
function nameService(hosts: Readonly<Record<string, readonly string[]>>): string {
  const code = `
    import dns from 'node:dns/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const hosts = new Map(Object.entries(${JSON.stringify(hosts)}));
    const { lookup } = dns;
    dns.lookup = async (name, options) =>
      hosts.get(name)?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })) ?? lookup(name, options);
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** Times of day are printed in UTC, in the C locale. */
export async function ikeadm(
  words: readonly string[],
  { input = '', cwd, hosts }: Manner = {},
): Promise<Ran> {
  const before = hosts === undefined ? [] : ['--import', nameService(hosts)];
  const child = spawn(process.execPath, [...before, join(DIST, 'ikeadm.js'), ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // One that reads no input may have ended before it comes.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, status: child.exitCode ?? -1 };
}

/** `work` on all of them, a few at a time, results in their order. */
export async function abreast<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}
