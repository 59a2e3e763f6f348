/** Where the ports of a negotiation write what they are asked and what comes of it. */
import type { NegotiationId } from '../../services/events/event.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { RecordedPort } from '../../services/record/entry.js';
import type { Note } from './taken.js';

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
    if (this.#conversation.running)
      this.note({ kind: 'call', port, op, args, outcome: { value }, number: undefined });
    return value;
  }

  /** A call that answers later: `run` begins it. `secretIn` says which key has come of it. */
  later<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    run: () => Promise<T>,
    secretIn?: (value: T) => KeyHandle,
  ): Promise<T> {
    if (!this.#conversation.running) return run();
    this.#numbers += 1;
    const number = this.#numbers;
    this.note({ kind: 'call', port, op, args, outcome: undefined, number });
    const answer = run();
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
}
