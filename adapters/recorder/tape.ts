/** Where the ports of a negotiation write what they are asked and what comes of it. */
import type { Bytes } from '../../services/bytes.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { Endpoint } from '../../services/net/address.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import type { AlgorithmName } from './algorithm-names.js';
import type { Operation } from './operation.js';
import { KIND, OUTCOME, type OutcomeKind } from './piece.js';

export type PacketKind = typeof KIND.in | typeof KIND.out;

/** The conversation that is recorded. */
export interface Recorded {
  readonly running: boolean;
  readonly secrets: boolean;
  passed(kind: PacketKind, by: NegotiationId, local: Endpoint, remote: Endpoint, bytes: Bytes): void;
  /** `number` names an answer that comes later; 0 for one that came at once. `made`: the key that came of it. */
  called(
    by: NegotiationId,
    op: Operation,
    args: readonly unknown[],
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    made: KeyHandle | undefined,
  ): void;
  /** A call that answered at once, in few values: as `Piece.brief`. */
  brief(
    by: NegotiationId,
    op: Operation,
    name: AlgorithmName | undefined,
    first: number,
    second: number,
    third: number,
    one: Bytes | undefined,
    two: Bytes | undefined,
    three: Bytes | undefined,
  ): void;
  /** A call that answered at once, with arguments and an answer that nobody changes: they are not copied. */
  kept(
    by: NegotiationId,
    op: Operation,
    args: readonly unknown[],
    value: unknown,
    made: KeyHandle | undefined,
  ): void;
  refused(by: NegotiationId, op: Operation, args: readonly unknown[], error: unknown): void;
  /** The answer that is called `number` came. */
  done(
    by: NegotiationId,
    op: Operation,
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    made: KeyHandle | undefined,
  ): void;
  wentOff(by: NegotiationId, timer: number): void;
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

  /** Keys are kept, too. */
  get secrets(): boolean {
    return this.#conversation.secrets;
  }

  sent(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    this.#conversation.passed(KIND.out, this.#by, local, remote, bytes);
  }

  /** Numbers timers, from 1. */
  nextTimer(): number {
    this.#timers += 1;
    return this.#timers;
  }

  wentOff(timer: number): void {
    this.#conversation.wentOff(this.#by, timer);
  }

  /** As `Piece.brief`. */
  brief(
    op: Operation,
    name: AlgorithmName | undefined,
    first: number,
    second: number,
    third: number,
    one: Bytes | undefined,
    two: Bytes | undefined,
    three: Bytes | undefined,
  ): void {
    this.#conversation.brief(this.#by, op, name, first, second, third, one, two, three);
  }

  /** As `Recorded.kept`. */
  kept<T>(op: Operation, args: readonly unknown[], value: T): T {
    this.#conversation.kept(this.#by, op, args, value, undefined);
    return value;
  }

  /** It threw this. */
  refused(op: Operation, args: readonly unknown[], error: unknown): void {
    this.#conversation.refused(this.#by, op, args, error);
  }

  /** A call that answers at once. */
  now<T>(op: Operation, args: readonly unknown[], value: T): T {
    this.#conversation.called(this.#by, op, args, OUTCOME.value, value, 0, undefined);
    return value;
  }

  /** A call that answers at once or later, as `kept`. `secretIn` says which key has come of it. */
  answer<T>(
    op: Operation,
    args: readonly unknown[],
    ask: () => MaybePromise<T>,
    secretIn?: (value: T) => KeyHandle,
  ): MaybePromise<T> {
    if (!this.#conversation.running) return ask();
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (error) {
      this.refused(op, args, error);
      throw error;
    }
    if (answer instanceof Promise) return this.later(op, args, answer, secretIn);
    this.#conversation.kept(this.#by, op, args, answer, secretIn?.(answer));
    return answer;
  }

  /** A call whose answer comes later. */
  later<T>(
    op: Operation,
    args: readonly unknown[],
    answer: Promise<T>,
    secretIn?: (value: T) => KeyHandle,
  ): Promise<T> {
    const conversation = this.#conversation;
    if (!conversation.running) return answer;
    this.#numbers += 1;
    const number = this.#numbers;
    conversation.called(this.#by, op, args, OUTCOME.none, undefined, number, undefined);
    // Not what this gives: whoever asked would wait for another promise.
    answer.then(
      (value) => {
        conversation.done(this.#by, op, OUTCOME.value, value, number, secretIn?.(value));
      },
      (error: unknown) => {
        conversation.done(this.#by, op, OUTCOME.error, error, number, undefined);
      },
    );
    return answer;
  }
}
