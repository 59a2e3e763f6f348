/**
 * One ikecert at a time changes the directories: a file that names the process which holds it. Node has no flock(2).
 * What a process left that died is taken away by the next one, under a second file, so that two cannot both take it.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result } from '../../services/result.js';
import { causeOf, isErrno } from './system-error.js';

const NAME = '.ikecert.lock';
/** Others hold it for milliseconds. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** Runs `work` while no other ikecert changes anything. The error is a sentence for an operator. */
export async function withStoreLock<T>(
  directory: string,
  work: () => T,
  patience = PATIENCE_MS,
): Promise<Result<T, string>> {
  const path = join(directory, NAME);
  const deadline = performance.now() + patience;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    while (!take(path)) {
      const holder = holderOf(path);
      if (holder === undefined) continue;
      if (!isAlive(holder)) takeAway(path, holder);
      else if (performance.now() > deadline) {
        return err(
          `another ikecert (process ${String(holder)}) is changing the databases; if there is none, remove ${path}`,
        );
      }
      await pause(LOOK_AGAIN_MS);
    }
  } catch (error) {
    return err(`${directory} cannot be changed: ${causeOf(error)}`);
  }
  try {
    return ok(work());
  } finally {
    rmSync(path, { force: true });
  }
}

/** The file appears with its contents, or not at all. */
function take(path: string): boolean {
  const mine = `${path}.${String(process.pid)}`;
  writeFileSync(mine, `${String(process.pid)}\n`, { mode: 0o644 });
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(mine);
  }
}

/** Undefined: it is gone, or of nobody. */
function holderOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, 'ESRCH');
  }
}

function takeAway(path: string, dead: number): void {
  const breaking = `${path}.breaking`;
  if (!take(breaking)) return;
  try {
    // Somebody else may have been quicker, and be at work by now.
    const holder = holderOf(path);
    if (holder !== undefined && (holder === dead || (Number.isNaN(holder) && Number.isNaN(dead))))
      rmSync(path, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}
