/** A deed of which the kernel's word never reaches a daemon: it stands still meanwhile, and its messages are taken from it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, succeed } from '../../interop/lab/shell.js';

const SOURCE = join(import.meta.dirname, '../lab/take-messages.c');

/** How many messages it was not told. */
export async function behindItsBack(pid: number, deed: () => Promise<void>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ikechart-take-'));
  const program = join(folder, 'take-messages');
  try {
    await succeed('cc', ['-o', program, SOURCE]);
    process.kill(pid, 'SIGSTOP');
    await eventually(`process ${String(pid)} stands still`, 10, () => isStopped(pid) || undefined);
    await deed();
    return Number(await succeed(program, [String(pid)]));
  } finally {
    process.kill(pid, 'SIGCONT');
    rmSync(folder, { recursive: true, force: true });
  }
}

function isStopped(pid: number): boolean {
  return readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') T ');
}
