/** One worker as the head has it: a thread, questions and their answers, and its end. */
import { closeSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { RefreshRefusal } from '../../../daemon/host.js';
import type { DaemonOutput } from '../../../machines/daemon.js';
import type { DoorCall } from '../../../services/admin/door-call.js';
import { encodeError } from '../../../services/admin/door/heads.js';
import type { Bytes } from '../../../services/bytes.js';
import type { Clock } from '../../../services/ports/clock.js';
import { err, type Result } from '../../../services/result.js';
import type { FromWorker, ToWorker, WorkerAnswer, WorkerBeginning } from './messages.js';
import { put, takeOut } from './shared-bytes.js';

/** Files and garbage may keep a worker so long from hearing that it shall stop, milliseconds. */
const PATIENCE_MS = 5000;
/** A worker may take so long to close its ports when its Deletes have left, milliseconds: tokens log out. */
export const CLOSING_MS = 2000;

export interface WorkerListener {
  /** What is for the others, or for who follows what happens. */
  heard(message: Extract<FromWorker, { type: 'standing' | 'news' | 'events' | 'rules-given' }>): void;
  /** It has ended by itself, and its SAs with it: one sentence. */
  lost(why: string): void;
}

export class WorkerThread {
  readonly #worker: Worker;
  readonly #index: number;
  readonly #listener: WorkerListener;
  readonly #waiting = new Map<number, (answer: WorkerAnswer | undefined) => void>();
  #asked = 0;
  #leaving = false;
  #isRunning = false;
  #isDead = false;
  #settleStarted: (output: DaemonOutput | undefined) => void = () => undefined;
  #settleRead: () => void = () => undefined;
  #settleEnded: () => void = () => undefined;
  #farewell: (ms: number) => void = () => undefined;
  /** Settles when it has read its files, or will not. */
  readonly read: Promise<void>;
  /** Settles when it runs, or with what kept it from running. */
  readonly started: Promise<DaemonOutput | undefined>;
  readonly ended: Promise<void>;

  constructor(beginning: WorkerBeginning, listener: WorkerListener, file = threadFile()) {
    this.#index = beginning.place.index;
    this.#listener = listener;
    this.started = new Promise((resolve) => {
      this.#settleStarted = resolve;
    });
    this.read = new Promise((resolve) => {
      this.#settleRead = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.#worker = new Worker(file, {
      workerData: beginning,
      name: `worker ${String(this.#index + 1)}`,
      // It closes descriptors that the head has opened for it; Node would warn of each on stderr.
      trackUnmanagedFds: false,
    });
    this.#worker.on('message', (message: FromWorker) => {
      this.#heard(message);
    });
    this.#worker.on('error', (error) => {
      this.#died(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    this.#worker.on('exit', (code) => {
      this.#died(`status ${String(code)}`);
    });
  }

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** A call of the door; its bytes and files stay the caller's. */
  async call({ request, caller, takesFiles }: DoorCall, files: readonly number[]): Promise<Bytes> {
    if (this.#isDead) for (const file of files) closeSync(file);
    const shared = put(request);
    const reply = await this.#ask((number) => ({
      ...{ type: 'call', number, caller, takesFiles, files },
      request: shared,
    }));
    if (reply instanceof Uint8Array) return takeOut(reply);
    // Nobody takes it out.
    shared.fill(0);
    return encodeError({
      name: 'SYS_ERR',
      details: [`Worker ${String(this.#index + 1)} has ended, and in.iked with it.`],
    });
  }

  async refresh(): Promise<Result<void, RefreshRefusal>> {
    const result = await this.#ask((number) => ({ type: 'refresh', number }));
    if (typeof result === 'object' && 'ok' in result) return result;
    return err({ fault: 'environment', lines: [`Worker ${String(this.#index + 1)} has ended.`] });
  }

  /**
   * It says goodbye to its peers first. Settles when it has ended, or, with one sentence, when that is not to be waited for
   * any longer.
   */
  stop(clock: Clock): Promise<string | undefined> {
    this.#leaving = true;
    return new Promise((resolve) => {
      const waitFor = (ms: number, missing: string) =>
        clock.setTimeout(() => {
          const who = `Worker ${String(this.#index + 1)}`;
          // It has no SAs before it runs.
          const lost = this.#isRunning ? ', and peers may keep SAs that nobody deletes' : '';
          resolve(`${who} hangs: it ${missing}. It is ended${lost}.`);
        }, ms);
      let patience = waitFor(PATIENCE_MS, 'does not hear that it shall stop');
      this.#farewell = (ms) => {
        clock.clearTimeout(patience);
        patience = waitFor(ms + CLOSING_MS, 'takes too long to say goodbye');
      };
      void this.ended.then(() => {
        clock.clearTimeout(patience);
        resolve(undefined);
      });
      this.tell({ type: 'stop' });
    });
  }

  async terminate(): Promise<void> {
    this.#leaving = true;
    await this.#worker.terminate();
  }

  #ask(question: (number: number) => ToWorker): Promise<WorkerAnswer | undefined> {
    // Nobody would answer.
    if (this.#isDead) return Promise.resolve(undefined);
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.tell(question(number));
    });
  }

  #heard(message: FromWorker): void {
    switch (message.type) {
      case 'read':
        this.#settleRead();
        return;
      case 'started':
        this.#isRunning = message.output === undefined;
        this.#settleRead();
        this.#settleStarted(message.output);
        return;
      case 'farewell':
        this.#farewell(message.ms);
        return;
      case 'ended':
        // What it could not start with is said once.
        if (message.output.fault !== undefined) this.#settleStarted(message.output);
        this.#settleEnded();
        // By itself: its thread is still there, and would never say anything again.
        if (this.#isRunning) this.#died(message.output.lines.join(' ') || 'it has stopped by itself');
        return;
      case 'answer':
        this.#answered(message);
        return;
      default:
        this.#listener.heard(message);
    }
  }

  #answered({ number, answer }: Extract<FromWorker, { type: 'answer' }>): void {
    const settle = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (settle !== undefined) settle(answer);
    // It may be secret, and nobody waits for it any more.
    else if (answer instanceof Uint8Array) answer.fill(0);
  }

  #died(reason: string): void {
    const why = `Worker ${String(this.#index + 1)} has ended (${reason}): its SAs are gone.`;
    this.#settleRead();
    this.#settleStarted({ fault: 'environment', lines: [why] });
    this.#settleEnded();
    this.#isDead = true;
    for (const settle of this.#waiting.values()) settle(undefined);
    this.#waiting.clear();
    if (this.#leaving) return;
    this.#leaving = true;
    this.#listener.lost(why);
  }
}

/** Beside the commands: as TypeScript in a source tree, as JavaScript in a build. */
function threadFile(): URL {
  const source = new URL('../worker-thread.ts', import.meta.url);
  return existsSync(fileURLToPath(source)) ? source : new URL('./worker-thread.js', import.meta.url);
}
