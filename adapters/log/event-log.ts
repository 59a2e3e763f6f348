/**
 * The debug log: a reader of the event stream. JSON Lines where a program reads them, a plain line where a terminal
 * does. Chart steps (`negotiation.transition`, `negotiation.state`) are the inspector's and not repeated here.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { isShown } from '../../services/admin/debug-levels.js';
import { categoryOf } from '../../services/events/category.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events, StampedEvent } from '../../services/ports/events.js';
import { err, ok, type Result } from '../../services/result.js';
import { eventWords } from './event-words.js';

export interface EventLogOptions {
  readonly clock: Clock;
  readonly format: 'text' | 'json';
  /** Where lines go until a file is named. */
  readonly output: 'stderr' | undefined;
}

const STDERR = 2;

export class EventLog {
  readonly #clock: Clock;
  readonly #format: 'text' | 'json';
  #level: number;
  #descriptor: number | undefined;
  #logger: Logger | undefined;

  constructor(events: Events, level: number, options: EventLogOptions) {
    this.#clock = options.clock;
    this.#format = options.format;
    this.#level = level;
    this.#use(options.output === 'stderr' ? STDERR : undefined);
    events.subscribe((event) => {
      this.#write(event);
    });
  }

  get level(): number {
    return this.#level;
  }

  /** Whether there is anywhere to write. */
  get hasOutput(): boolean {
    return this.#descriptor !== undefined;
  }

  setLevel(level: number): void {
    this.#level = level;
  }

  /** Appends to `file` from now on. The error is the error code of the system. */
  writeTo(file: string): Result<void, string> {
    try {
      const descriptor = openSync(file, 'a', 0o600);
      const before = this.#descriptor;
      this.#use(descriptor);
      if (before !== undefined && before !== STDERR) closeSync(before);
      return ok(undefined);
    } catch (error) {
      return err(error instanceof Error && 'code' in error ? String(error.code) : 'EIO');
    }
  }

  #use(descriptor: number | undefined): void {
    this.#descriptor = descriptor;
    this.#logger =
      descriptor === undefined || this.#format === 'text'
        ? undefined
        : pino({ base: null, timestamp: false }, pino.destination({ dest: descriptor, sync: true }));
  }

  #write(event: StampedEvent): void {
    if (
      this.#descriptor === undefined ||
      event.type === 'negotiation.transition' ||
      event.type === 'negotiation.state'
    )
      return;
    const category = categoryOf(event);
    if (!isShown(category, this.#level)) return;
    const time = new Date(this.#clock.wallTime()).toISOString();
    if (this.#logger !== undefined) {
      this.#logger.info({ time, category, ...event }, eventWords(event));
      return;
    }
    const who = 'negotiation' in event && event.negotiation !== undefined ? `${event.negotiation} ` : '';
    writeSync(this.#descriptor, `${time.slice(11, 23)} ${category.padEnd(6)} ${who}${eventWords(event)}\n`);
  }
}
