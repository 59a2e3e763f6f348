/**
 * Phase 1 negotiations that others began and in which nothing is proved yet: how many there may be, and how much work
 * they may cost. A source is an IPv4 address or an IPv6 /64, which is what one subscriber has.
 *
 * Who has sent our cookie back has shown that its address is its own. Those have room of their own, so that a flood
 * from forged addresses touches nobody who is past the first round trip. What turned out to be genuine is not counted
 * against its source: peers that establish one SA after the other are never limited.
 */
import type { NegotiationId } from '../services/events/event.js';
import { type Address, familyOf, prefixRange } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import { err, ok, type Result } from '../services/result.js';
import { type Rate, RateLimit } from './rate-limit.js';
import { type LedgerLimits, SourceLedger } from './source-ledger.js';

export interface HalfOpenLimits {
  /** Negotiations whose initiator has not yet answered. */
  readonly unanswered: LedgerLimits;
  /** Negotiations whose initiator has sent our cookie back. */
  readonly answered: LedgerLimits;
  /** New negotiations of one source. */
  readonly offers: Rate;
  /** Diffie-Hellman computations of Main Mode for one source. */
  readonly computations: Rate;
  /** Aggressive Mode computes for an address that may be forged: much less of it, for one source and for all. */
  readonly aggressive: Rate;
  readonly aggressiveInAll: Rate;
}

export const HALF_OPEN_LIMITS: HalfOpenLimits = {
  unanswered: { total: 4096, perSource: 128 },
  answered: { total: 2048, perSource: 64 },
  // Not lower: whoever forges a peer's address would use up what the peer itself needs.
  offers: { perSecond: 500, burst: 500 },
  computations: { perSecond: 10, burst: 32 },
  aggressive: { perSecond: 1, burst: 8 },
  aggressiveInAll: { perSecond: 50, burst: 200 },
};

interface Admitted {
  readonly source: string;
  readonly mode: 'main' | 'aggressive';
  computed: boolean;
}

const EVERYBODY = '';

export class HalfOpen {
  readonly #unanswered: SourceLedger;
  readonly #answered: SourceLedger;
  readonly #offers: RateLimit;
  readonly #computations: RateLimit;
  readonly #aggressive: RateLimit;
  readonly #aggressiveInAll: RateLimit;
  readonly #admitted = new Map<NegotiationId, Admitted>();
  #everAnswered = 0;

  /** Negotiations whose initiator has sent our cookie back, since the daemon began. */
  get everAnswered(): number {
    return this.#everAnswered;
  }

  get counts(): { readonly unanswered: number; readonly answered: number } {
    return { unanswered: this.#unanswered.size, answered: this.#answered.size };
  }

  constructor(clock: Clock, limits: HalfOpenLimits = HALF_OPEN_LIMITS) {
    this.#unanswered = new SourceLedger(limits.unanswered);
    this.#answered = new SourceLedger(limits.answered);
    this.#offers = new RateLimit(clock, limits.offers);
    this.#computations = new RateLimit(clock, limits.computations);
    this.#aggressive = new RateLimit(clock, limits.aggressive);
    this.#aggressiveInAll = new RateLimit(clock, limits.aggressiveInAll);
  }

  get size(): number {
    return this.#admitted.size;
  }

  /** The value is the negotiation that has to end to make room; the error says why this one may not begin. */
  admit(
    id: NegotiationId,
    address: Address,
    mode: 'main' | 'aggressive',
  ): Result<NegotiationId | undefined, string> {
    const source = sourceOf(address);
    if (!this.#offers.take(source)) return err('its source begins too many negotiations');
    if (mode === 'aggressive') {
      if (!this.#aggressive.take(source)) return err('its source begins too many Aggressive Modes');
      if (!this.#aggressiveInAll.take(EVERYBODY)) return err('too many Aggressive Modes are begun');
    }
    this.#admitted.set(id, { source, mode, computed: false });
    return ok(this.#put(this.#unanswered.add(id, source)));
  }

  /** The initiator sent our cookie. Gives back the negotiation that has to end to make room. */
  answered(id: NegotiationId): NegotiationId | undefined {
    const admitted = this.#admitted.get(id);
    if (admitted === undefined || this.#answered.has(id)) return undefined;
    this.#unanswered.delete(id);
    this.#everAnswered += 1;
    return this.#put(this.#answered.add(id, admitted.source));
  }

  /** Whether Diffie-Hellman may be computed for it now. */
  mayCompute(id: NegotiationId): boolean {
    const admitted = this.#admitted.get(id);
    if (admitted === undefined || admitted.computed || admitted.mode === 'aggressive') return true;
    admitted.computed = this.#computations.take(admitted.source);
    return admitted.computed;
  }

  /** `proved`: the peer has authenticated itself. */
  ended(id: NegotiationId, proved: boolean): void {
    const admitted = this.#admitted.get(id);
    if (admitted === undefined) return;
    this.#admitted.delete(id);
    this.#unanswered.delete(id);
    this.#answered.delete(id);
    if (!proved) return;
    this.#offers.giveBack(admitted.source);
    if (admitted.computed) this.#computations.giveBack(admitted.source);
    if (admitted.mode === 'main') return;
    this.#aggressive.giveBack(admitted.source);
    this.#aggressiveInAll.giveBack(EVERYBODY);
  }

  #put(displaced: NegotiationId | undefined): NegotiationId | undefined {
    if (displaced !== undefined) this.#admitted.delete(displaced);
    return displaced;
  }
}

/** What is taken for one sender. */
export function sourceOf(address: Address): string {
  return familyOf(address) === 4 ? address : prefixRange(address, 64).begin;
}
