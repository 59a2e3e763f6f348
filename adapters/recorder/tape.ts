/** Where the ports of a negotiation write what they are asked and what comes of it. */
import type { KeyHandle } from '../../services/ports/keys.js';
import type { RecordedPort } from '../../services/record/entry.js';
import type { Note } from './taken.js';

export interface Tape {
  readonly running: boolean;
  note(note: Note): void;
  /** Numbers of promises and timers, from 1. */
  nextNumber(): number;
  nextTimer(): number;
  /** A copy of a key; undefined in a recording without secrets. */
  copyOf(key: KeyHandle): KeyHandle | undefined;
}

/** A call that answers at once. */
export function noted<T>(tape: Tape, port: RecordedPort, op: string, args: readonly unknown[], value: T): T {
  if (tape.running) tape.note({ kind: 'call', port, op, args, outcome: { value }, number: undefined });
  return value;
}

/** A call that answers later. */
export function notedLater<T>(
  tape: Tape,
  port: RecordedPort,
  op: string,
  args: readonly unknown[],
  run: () => Promise<T>,
  secretIn?: (value: T) => KeyHandle,
): Promise<T> {
  if (!tape.running) return run();
  const number = tape.nextNumber();
  tape.note({ kind: 'call', port, op, args, outcome: undefined, number });
  return run().then(
    (value) => {
      const secret = secretIn === undefined ? undefined : tape.copyOf(secretIn(value));
      tape.note({ kind: 'done', port, op, number, outcome: { value }, secret });
      return value;
    },
    (error: unknown) => {
      tape.note({ kind: 'done', port, op, number, outcome: { error }, secret: undefined });
      throw error;
    },
  );
}
