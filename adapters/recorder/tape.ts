/** Where the ports of a negotiation write what they are asked and what comes of it. */
import type { NegotiationId } from '../../services/events/event.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import type { RecordedPort } from '../../services/record/entry.js';
import type { Note, TakenOutcome } from './taken.js';

/** The conversation that is recorded. */
export interface Recorded {
  readonly running: boolean;
  note(by: NegotiationId, note: Note): void;
  copyOf(key: KeyHandle): KeyHandle | undefined;
}

export class Tape {
  readonly #conversation: Recorded;
  readonly #by: NegotiationId;
  #numbers = 0;
  #timers = 0;

  constructor(conversation: Recorded, by: NegotiationId) {
    this.#conversation = conversation;
    this.#by = by;
  }

  note(note: Note): void {
    this.#conversation.note(this.#by, note);
  }

  /** Numbers timers, from 1. */
  nextTimer(): number {
    this.#timers += 1;
    return this.#timers;
  }

  /** A call that answers at once. */
  now<T>(port: RecordedPort, op: string, args: readonly unknown[], value: T): T {
    if (this.#conversation.running) this.#call(port, op, args, { value }, undefined);
    return value;
  }

  /** A call that answers at once or later. `secretIn` says which key has come of it. */
  answer<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    ask: () => MaybePromise<T>,
    secretIn?: (value: T) => KeyHandle,
  ): MaybePromise<T> {
    if (!this.#conversation.running) return ask();
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (error) {
      this.#call(port, op, args, { error }, undefined);
      throw error;
    }
    if (answer instanceof Promise) return this.later(port, op, args, answer, secretIn);
    this.#call(port, op, args, { value: answer }, secretIn?.(answer));
    return answer;
  }

  /** A call whose answer comes later. */
  later<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    answer: Promise<T>,
    secretIn?: (value: T) => KeyHandle,
  ): Promise<T> {
    if (!this.#conversation.running) return answer;
    this.#numbers += 1;
    const number = this.#numbers;
    this.note({ kind: 'call', port, op, args, outcome: undefined, number, secret: undefined });
    // Not what this gives: whoever asked would wait for another promise.
    answer.then(
      (value) => {
        const secret = secretIn === undefined ? undefined : this.#conversation.copyOf(secretIn(value));
        this.note({ kind: 'done', port, op, number, outcome: { value }, secret });
      },
      (error: unknown) => {
        this.note({ kind: 'done', port, op, number, outcome: { error }, secret: undefined });
      },
    );
    return answer;
  }

  #call(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    outcome: TakenOutcome,
    made: KeyHandle | undefined,
  ): void {
    const secret = made === undefined ? undefined : this.#conversation.copyOf(made);
    this.note({ kind: 'call', port, op, args, outcome, number: undefined, secret });
  }
}
