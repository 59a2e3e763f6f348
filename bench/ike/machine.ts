/** On what a figure was measured, and what else was running: without that it says nothing. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly processors: string;
  readonly kernel: string;
  readonly node: string;
  readonly openssl: string;
  readonly memoryGiB: number;
  /** Of the sources; `-dirty` where files had been changed. */
  readonly revision: string;
  readonly when: string;
  /** Processes that could run, in the last minute, before and after. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

export function describeMachine(): Omit<Machine, 'loadAfter'> {
  return {
    processors: `${String(availableParallelism())} x ${cpus()[0]?.model ?? 'unknown'}`,
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    openssl: process.versions.openssl,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    revision: revision(),
    when: new Date().toISOString(),
    loadBefore: load(),
  };
}

export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function revision(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
