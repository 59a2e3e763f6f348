/** Runs commands of the system to their end. */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * How many times as long things may take: a kernel of the laboratory is five to twenty times slower than its host, which
 * may be a busy one. What does not happen is found out later, what happens is not slower for it.
 */
const PATIENCE = process.env.KERNEL_LAB === undefined ? 1 : 4;

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects: a command that cannot be started or takes longer than `seconds` of patience has status -1. */
export function attempt(command: string, args: readonly string[], seconds = 30): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { timeout: seconds * PATIENCE * 1000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ status, stdout, stderr: status === -1 ? `${stderr}${error?.message ?? ''}` : stderr });
      },
    );
  });
}

/** The output of a command that must succeed. */
export async function succeed(command: string, args: readonly string[], seconds = 30): Promise<string> {
  const ended = await attempt(command, args, seconds);
  if (ended.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')}: status ${String(ended.status)}\n${ended.stdout}${ended.stderr}`,
    );
  }
  return ended.stdout;
}

/** Asks again until the answer is not undefined; an error that names `what` after `seconds` of patience. */
export async function eventually<T>(
  what: string,
  seconds: number,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const allowed = seconds * PATIENCE;
  const deadline = performance.now() + allowed * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${String(allowed)} s: ${what}`);
    await pause(25);
  }
}
