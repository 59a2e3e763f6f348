/**
 * Which Phase 1 SAs with a peer it has probably left for another: their Deletes may be lost. Looks at all of one place
 * together, once each: there may be thousands, and pairs of them are not gone through.
 */
import { hex } from '../services/bytes.js';
import type { Phase1Entry } from './sa-table.js';

/** Of the SAs with one peer. */
interface Made {
  oldest: Phase1Entry;
  /** `madeAt` of the oldest beside it, of the youngest, and of the youngest that the ends have settled about. */
  next: number;
  youngest: number;
  settled: number;
}

/** At most places one stands alone. */
const NONE: ReadonlySet<Phase1Entry> = new Set();

/**
 * `entries` are at one place. Of two that were made together one is retired; `settlingMs` after the younger was made that has
 * happened, Deletes and all.
 */
export function leftBehind(
  entries: readonly Phase1Entry[],
  settlingMs: number,
  now: number,
): ReadonlySet<Phase1Entry> {
  if (entries.length < 2) return NONE;
  const left = new Set<Phase1Entry>();
  const byPeer = new Map<string, Made>();
  for (const entry of entries) note(byPeer, entry, now - settlingMs);
  for (const entry of entries) {
    const made = byPeer.get(peerKey(entry));
    if (made === undefined) continue;
    const heard = entry.heardAt ?? entry.madeAt;
    // The peer has made a newer one and said nothing under this one since.
    const forNewer = heard < made.youngest;
    const isSettled = (madeAt: number): boolean => heard < madeAt + settlingMs && now >= madeAt + settlingMs;
    const besideOlder = (made.oldest !== entry || made.next <= entry.madeAt) && isSettled(entry.madeAt);
    const besideNewer = made.settled > entry.madeAt && isSettled(made.settled);
    if (forNewer || besideOlder || besideNewer) left.add(entry);
  }
  return left;
}

function note(byPeer: Map<string, Made>, entry: Phase1Entry, settledBefore: number): void {
  const { madeAt } = entry;
  const settled = madeAt <= settledBefore ? madeAt : -Infinity;
  const key = peerKey(entry);
  const made = byPeer.get(key);
  if (made === undefined) {
    byPeer.set(key, { oldest: entry, next: Infinity, youngest: madeAt, settled });
    return;
  }
  if (madeAt < made.oldest.madeAt) {
    made.next = made.oldest.madeAt;
    made.oldest = entry;
  } else if (madeAt < made.next) made.next = madeAt;
  made.youngest = Math.max(made.youngest, madeAt);
  made.settled = Math.max(made.settled, settled);
}

function peerKey({ sa: { peerIdentity } }: Phase1Entry): string {
  return peerIdentity === undefined ? '' : `${String(peerIdentity.idType)}:${hex(peerIdentity.data)}`;
}
