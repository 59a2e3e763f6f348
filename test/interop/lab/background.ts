/** A program that runs beside the test, with its output in a file. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface Background {
  readonly pid: number;
  /** Undefined while it runs. */
  exit(): string | undefined;
  /** SIGTERM, and SIGKILL when it has not ended `patience` milliseconds later. Resolves when it has ended. */
  stop(patience?: number): Promise<'ended' | 'killed'>;
  /** SIGKILL at once, as in a crash. Resolves when it has ended. */
  kill(): Promise<void>;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

export function startBackground(
  command: string,
  args: readonly string[],
  output: Output,
  env: NodeJS.ProcessEnv = process.env,
): Background {
  const files = [openSync(output.stdout, 'a', 0o600), openSync(output.stderr, 'a', 0o600)] as const;
  const child = spawn(command, args, { stdio: ['ignore', ...files], env });
  files.forEach(closeSync);
  let exit: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      exit = error.message;
      resolve();
    });
    child.on('exit', (code, signal) => {
      exit = signal ?? `exit status ${String(code)}`;
      resolve();
    });
  });
  return {
    pid: child.pid ?? -1,
    exit: () => exit,
    async stop(patience = 3000) {
      if (exit !== undefined) return 'ended';
      child.kill('SIGTERM');
      const cancel = new AbortController();
      const late = pause(patience, 'late' as const, { signal: cancel.signal }).catch(() => 'late' as const);
      const first = await Promise.race([ended.then(() => 'ended' as const), late]);
      cancel.abort();
      if (first === 'ended') return 'ended';
      child.kill('SIGKILL');
      await ended;
      return 'killed';
    },
    async kill() {
      if (exit !== undefined) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}
