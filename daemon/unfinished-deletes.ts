/**
 * Deletes of SAs that perhaps only the peer holds: as responder of a Quick Mode we failed after message 2, or the last Phase
 * 1 SA went while their Delete was being repeated. A Delete is not acknowledged (RFC 2409 5.7), and this one mostly follows a
 * window in which much was lost: it is sent a few times, and under every Phase 1 SA with the peer, since some of them may be
 * known to us alone. One that arrives twice does no harm. Where there is none, one is made: the peer would send into nothing.
 */
import type { Clock } from '../services/ports/clock.js';
import type { SpiPair } from '../services/ports/kernel.js';
import type { Phase1Entry, Speaker } from './sa-table.js';

export interface UnfinishedDeletesOwner {
  /** All Phase 1 SAs with the peer of an SA, which itself may be gone. */
  standing(entry: Speaker): readonly Phase1Entry[];
  /** Whether anything stands with the peer. With nothing left the next Phase 1 says INITIAL-CONTACT, which does as much. */
  knowsPeer(entry: Speaker): boolean;
  /** Makes a Phase 1 SA with the peer, or tries to; resolves when that has come to an end. */
  reach(entry: Speaker): Promise<unknown>;
  sendDelete(under: Phase1Entry, pairs: readonly SpiPair[]): void;
}

/** Under each Phase 1 SA. */
const TIMES = 8;
const INTERVAL_MS = 1000;
/** Attempts to make a Phase 1 SA. */
const MOST_REACHES = 3;
/** A look at the peer, and a Phase 1 that the look begins. */
const PATIENCE_MS = 65_000;

export class UnfinishedDeletes {
  readonly #clock: Clock;
  readonly #owner: UnfinishedDeletesOwner;

  constructor(clock: Clock, owner: UnfinishedDeletesOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Of a Quick Mode under `entry`. */
  begin(entry: Speaker, pairs: readonly SpiPair[]): void {
    const until = this.#clock.now() + PATIENCE_MS;
    const said = new Map<Phase1Entry, number>();
    let [reaches, isReaching, isFirst] = [0, false, true];
    const again = (): void => {
      const all = this.#owner.standing(entry);
      // Not in the moment in which the last one goes: all that stands with the peer may be going.
      const enough = [...said.values()].includes(TIMES);
      if (all.length === 0 && !enough && !isFirst && !isReaching && reaches < MOST_REACHES) {
        reaches += 1;
        isReaching = true;
        void this.#owner.reach(entry).then(() => (isReaching = false));
      }
      isFirst = false;
      for (const under of all) {
        const times = said.get(under) ?? 0;
        if (times === TIMES) continue;
        said.set(under, times + 1);
        this.#owner.sendDelete(under, pairs);
      }
      // A Phase 1 SA that is made meanwhile may be the one that the peer knows.
      if (this.#owner.knowsPeer(entry) && this.#clock.now() < until)
        this.#clock.setTimeout(again, INTERVAL_MS);
    };
    again();
  }
}
