/** Threads for the groups whose computation would hold up the event loop. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type { GroupNumber } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { PublicValueRefused } from '../../services/ports/crypto.js';
import type { DhFault, DhTask } from './dh-worker.js';

export interface DhPoolOptions {
  /** At most this many threads; as many as there are processors, less one, when absent. */
  readonly maxThreads?: number;
  /** What the threads run; for tests of a worker that breaks. */
  readonly file?: URL;
}

export interface DhWork {
  readonly group: GroupNumber;
  readonly exponent: Bytes;
  readonly peerPublicValue: Bytes | undefined;
  readonly answerLength: number;
}

type DhThreads = Piscina<DhTask, DhFault | undefined>;

/** How long a thread without work stays, milliseconds. */
const IDLE_TIMEOUT = 30_000;

/** Threads start with the first task, leave when idle, and keep no process alive that has nothing else to do. */
export class DhPool {
  private readonly maxThreads: number;
  private readonly file: URL;
  private tasks = 0;
  private pool: Promise<DhThreads> | undefined;

  constructor(options: DhPoolOptions = {}) {
    this.maxThreads = options.maxThreads ?? Math.max(1, availableParallelism() - 1);
    this.file = options.file ?? workerFile();
  }

  /** Computations handed over and not finished. */
  get underWay(): number {
    return this.tasks;
  }

  /**
   * The answer, which the caller wipes where it is secret. Rejects with `PublicValueRefused` or a sentence for an
   * operator.
   */
  async run(work: DhWork): Promise<Bytes> {
    const exponent = shared(work.exponent.length);
    const answer = shared(work.answerLength);
    exponent.set(work.exponent);
    this.tasks += 1;
    try {
      const task: DhTask = {
        group: work.group,
        exponent,
        peerPublicValue: work.peerPublicValue,
        answer,
      };
      const fault = await this.hand(task);
      if (fault !== undefined) {
        throw 'refused' in fault ? new PublicValueRefused(fault.refused) : new Error(fault.failed);
      }
      return Uint8Array.from(answer);
    } finally {
      this.tasks -= 1;
      exponent.fill(0);
      answer.fill(0);
    }
  }

  /** Ends the threads; what they were computing is rejected. */
  async close(): Promise<void> {
    const pool = this.pool;
    this.pool = undefined;
    await (await pool)?.destroy();
  }

  private async hand(task: DhTask): Promise<DhFault | undefined> {
    const threads = await this.threads();
    try {
      return await threads.run(task);
    } catch (error) {
      throw new Error(`A Diffie-Hellman computation was lost with its thread: ${reason(error)}`, {
        cause: error,
      });
    }
  }

  private async threads(): Promise<DhThreads> {
    this.pool ??= this.open();
    try {
      return await this.pool;
    } catch (error) {
      this.pool = undefined;
      throw new Error(`The threads for Diffie-Hellman cannot be started: ${reason(error)}`, { cause: error });
    }
  }

  /** Piscina is loaded here, since most runs never need it. */
  private async open(): Promise<DhThreads> {
    const { Piscina } = await import('piscina');
    const pool = new Piscina<DhTask, DhFault | undefined>({
      filename: this.file.href,
      minThreads: 0,
      maxThreads: this.maxThreads,
      idleTimeout: IDLE_TIMEOUT,
    });
    // A broken thread rejects its task, which is where it is reported; an event nobody hears would end the process.
    pool.on('error', () => undefined);
    return pool;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function shared(length: number): Bytes {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Beside this file: as TypeScript in a source tree, as JavaScript in a build. */
function workerFile(): URL {
  const source = new URL('./dh-worker.ts', import.meta.url);
  return existsSync(fileURLToPath(source)) ? source : new URL('./dh-worker.js', import.meta.url);
}
