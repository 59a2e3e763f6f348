/**
 * Messages of what is begun, oldest first. It is bounded, and shared: a negotiation may have as many in it as an eighth of
 * the room that is left. So one that sends garbage never fills it, nor do some hundreds, and the more of them there are the
 * less each has; a negotiation of which nothing waits yet finds room as long as there is any.
 */
import { type Cookie, ZERO_COOKIE } from '../services/isakmp/header.js';
import type { Arrival } from './arrival.js';

const MOST = 4096;
const SHARE = 8;

export class BegunLine {
  #waiting: Arrival[] = [];
  /** By the initiator's cookie, which is the same in all messages of a negotiation. Empty while nobody need count. */
  readonly #ofNegotiation = new Map<Cookie, number>();
  #counts = false;

  get size(): number {
    return this.#waiting.length;
  }

  /** False where there is no room for it. */
  add(arrival: Arrival): boolean {
    const waiting = this.#waiting;
    const share = (MOST - waiting.length) / SHARE;
    // Nobody can have more than all.
    const isShort = waiting.length < share;
    if (!isShort) {
      if (!this.#counts) this.#countAll();
      if ((this.#ofNegotiation.get(cookieOf(arrival)) ?? 0) >= share) return false;
    }
    waiting.push(arrival);
    if (this.#counts) this.#count(arrival, 1);
    return true;
  }

  /** The first `most`, which wait no longer. */
  take(most: number): readonly Arrival[] {
    const waiting = this.#waiting;
    if (waiting.length > most) {
      const portion = waiting.splice(0, most);
      if (this.#counts) for (const arrival of portion) this.#count(arrival, -1);
      return portion;
    }
    this.#waiting = [];
    if (this.#counts) {
      this.#ofNegotiation.clear();
      this.#counts = false;
    }
    return waiting;
  }

  /** Until it is empty again, so that a line that stays about as long is not counted again and again. */
  #countAll(): void {
    this.#counts = true;
    for (const arrival of this.#waiting) this.#count(arrival, 1);
  }

  #count(arrival: Arrival, more: 1 | -1): void {
    const cookie = cookieOf(arrival);
    const count = (this.#ofNegotiation.get(cookie) ?? 0) + more;
    if (count > 0) this.#ofNegotiation.set(cookie, count);
    else this.#ofNegotiation.delete(cookie);
  }
}

/** What has no header belongs to nothing that is begun. */
function cookieOf({ header }: Arrival): Cookie {
  return header.ok ? header.value.initiatorCookie : ZERO_COOKIE;
}
