/**
 * Joins the fragments of peers (IKE fragmentation, `services/isakmp/fragment.ts`). Bounded: one message at a time for
 * each pair of cookies, and only for cookies that we know; what is not whole after a while is forgotten.
 */
import { type Bytes, concat } from '../services/bytes.js';
import type { Fragment } from '../services/isakmp/fragment.js';
import type { Clock } from '../services/ports/clock.js';

const MOST_FRAGMENTS = 64;
const MOST_BYTES = 65_536;
const MOST_MESSAGES = 256;
const PATIENCE_MS = 30_000;

interface Partial {
  readonly id: number;
  readonly parts: Map<number, Bytes>;
  bytes: number;
  /** Number of the last fragment, once it has come. */
  count: number | undefined;
  readonly begunAt: number;
}

export type Joined =
  | { readonly outcome: 'whole'; readonly message: Bytes }
  | { readonly outcome: 'waiting' }
  | { readonly outcome: 'refused'; readonly reason: string };

const WAITING: Joined = { outcome: 'waiting' };

export class Reassembly {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #partials = new Map<string, Partial>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many messages wait for more; leak tests read it. */
  get size(): number {
    return this.#partials.size;
  }

  /** `key` names the negotiation or SA: both cookies. */
  add(key: string, fragment: Fragment): Joined {
    this.#forgetOld();
    const { id, number, last, data } = fragment;
    if (number > MOST_FRAGMENTS)
      return { outcome: 'refused', reason: `a message of more than ${String(MOST_FRAGMENTS)} fragments` };
    const partial = this.#partialFor(key, id);
    // One that comes again is the network's doing, or a whole message sent again: it says nothing new.
    if (partial.parts.has(number)) return WAITING;
    if (partial.bytes + data.length > MOST_BYTES) {
      this.#partials.delete(key);
      return { outcome: 'refused', reason: 'the fragments of a message are too long together' };
    }
    partial.parts.set(number, data);
    partial.bytes += data.length;
    if (last) partial.count ??= number;
    const message = whole(partial);
    if (message === undefined) return WAITING;
    this.#partials.delete(key);
    return { outcome: 'whole', message };
  }

  #partialFor(key: string, id: number): Partial {
    const known = this.#partials.get(key);
    if (known?.id === id) return known;
    // A peer sends one message at a time: another one means that it has given up the first.
    this.#partials.delete(key);
    for (const oldest of this.#partials.keys()) {
      if (this.#partials.size < MOST_MESSAGES) break;
      this.#partials.delete(oldest);
    }
    const fresh: Partial = { id, parts: new Map(), bytes: 0, count: undefined, begunAt: this.#clock.now() };
    this.#partials.set(key, fresh);
    return fresh;
  }

  #forgetOld(): void {
    const limit = this.#clock.now() - PATIENCE_MS;
    for (const [key, { begunAt }] of this.#partials) {
      if (begunAt > limit) break;
      this.#partials.delete(key);
    }
  }
}

function whole({ parts, count }: Partial): Bytes | undefined {
  if (count === undefined || parts.size < count) return undefined;
  const inOrder: Bytes[] = [];
  for (let number = 1; number <= count; number++) {
    const part = parts.get(number);
    if (part === undefined) return undefined;
    inOrder.push(part);
  }
  return concat(...inOrder);
}
