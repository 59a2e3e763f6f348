/** `--background`: the daemon is another process, and this one ends when it runs or with what kept it from running. */
import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

const FLAG = '--background';
const STDERR = 2;
/** What a daemon that died of a signal leaves: a service manager may try again. */
const TRY_AGAIN = 1;

/**
 * The status to exit with. Its stderr is ours until it runs, and for good where ours is a regular file: the log that a
 * service manager has opened. A pipe or a terminal may end with whoever called us.
 */
export function startInBackground(argv: readonly string[]): Promise<number> {
  const [node = process.execPath, script = ''] = process.argv;
  const keepsStderr = fstatSync(STDERR).isFile();
  const child = spawn(node, [...process.execArgv, script, ...argv.filter((word) => word !== FLAG)], {
    detached: true,
    stdio: ['ignore', 'ignore', keepsStderr ? 'inherit' : 'pipe', 'ipc'],
  });
  child.stderr?.pipe(process.stderr);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', () => {
      resolve(0);
    });
    // `close` comes when all of its stderr has been read.
    child.once('close', (code) => {
      resolve(code ?? TRY_AGAIN);
    });
  });
}

/** Whether this process is the daemon that a `--background` waits for. */
export function isInBackground(): boolean {
  return process.connected && process.send !== undefined;
}

/** Tells whoever waits that the daemon runs. */
export async function reportRunning(): Promise<void> {
  await new Promise((resolve) => process.send?.('running', resolve));
  process.disconnect();
}

/** Whether what is written to stderr still goes somewhere when whoever waited has gone. */
export function stderrLasts(): boolean {
  return fstatSync(STDERR).isFile();
}
