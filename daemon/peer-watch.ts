/**
 * Looks after each peer from time to time, each at its own time: whether packets leave for it and none come back,
 * whether it has been silent for long, whether a Phase 1 SA must be renewed or an IPsec SA has long been idle.
 * It only looks; what is done about it is for the charts.
 */
import { DeadlineQueue } from '../services/collections/deadline-queue.js';
import type { PeerSa } from '../services/exchange/phase1-sa.js';
import type { Clock } from '../services/ports/clock.js';
import type { Kernel, SaIdentity } from '../services/ports/kernel.js';
import { leftBehind } from './left-behind.js';
import type { Phase1Entry, Phase2Entry, Place, SaTable, SeenUse } from './sa-table.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';

export interface PeerWatchOwner {
  settings(): Settings;
  isUsable(entry: Phase1Entry): boolean;
  worry(entry: Phase1Entry): void;
  renew(entry: Phase1Entry): void;
  /** Packets leave for a peer that does not answer, and no Phase 1 SA is left to ask it under. */
  orphaned(pairs: readonly Phase2Entry[]): void;
}

/** How often a peer is looked at where `dpd_interval_secs` says nothing of it. */
const LOOK_MS = 30_000;
/** A peer of which nothing was heard for so many looks is asked, though nobody needs it. */
const QUIET_LOOKS = 10;
/** Looks are never closer. */
const SHORTEST_MS = 1000;
/** A Quick Mode, which mostly follows, is answered by then. */
const UNPROVED_MS = 5000;
/** After the peer has given up repeating its last message. */
const UNCONFIRMED_MARGIN_MS = 1000;

/** Over how long the Deletes of a Phase 1 SA are spread, and a little more. */
const RETIREMENT_MARGIN_MS = 20_000;

/** Bytes. */
interface Use {
  readonly inbound: number;
  readonly outbound: number;
}

/** What has carried nothing yet, as most have that stand idle: one for all of them. */
const UNUSED: SeenUse = { inbound: 0, outbound: 0, usedAt: undefined };

export class PeerWatch {
  readonly #clock: Clock;
  readonly #kernel: Kernel;
  readonly #table: SaTable;
  readonly #owner: PeerWatchOwner;
  readonly #looks: DeadlineQueue<Place>;

  constructor(clock: Clock, kernel: Kernel, table: SaTable, owner: PeerWatchOwner) {
    this.#clock = clock;
    this.#kernel = kernel;
    this.#table = table;
    this.#owner = owner;
    this.#looks = new DeadlineQueue<Place>(clock, (place) => {
      // What it was early for may have been settled since, as when a fresh peer was heard.
      if (this.#dueAt(place) > clock.now()) this.#arm(place);
      else void this.#lookAfter(place);
    });
    table.whenPlaceGone((place) => {
      this.#looks.remove(place);
    });
  }

  /** Something has come or gone at a place: it is watched as long as anything stands there. */
  placeChanged({ sa }: { readonly sa: PeerSa }): void {
    const place = this.#table.at(sa);
    // What goes leaves a look that is too early at the worst, and that does no harm.
    if (place.lookedAt >= 0 || isEmpty(place)) return;
    place.lookedAt = Math.floor(this.#clock.thisTurn());
    this.#arm(place);
  }

  /** A Phase 1 SA has come to its place: what is due with it may be earlier than the next look. */
  joined(entry: Phase1Entry): void {
    this.placeChanged(entry);
    const place = this.#table.at(entry.sa);
    // While the place is looked at it is in no queue, and gets its next time after that.
    if (place.position < 0) return;
    const before = place.phase1.at(-2);
    if (before !== undefined && before.madeAt > entry.madeAt) {
      this.#arm(place);
      return;
    }
    let due = Infinity;
    const consider = (moment: number): void => {
      if (moment > place.lookedAt && moment < due) due = moment;
    };
    consider(entry.softAt);
    consider(this.#unconfirmedAt(entry));
    if (before !== undefined) consider(this.#settledAt(entry));
    if (due < place.due) this.#set(place, due);
  }

  /** Whether nothing was heard under an SA for so long that its peer should be asked before it is needed. */
  isQuiet({ heardAt, madeAt, sa }: Phase1Entry): boolean {
    const { dpdIntervalSeconds } = this.#owner.settings().config.globals;
    if (dpdIntervalSeconds === 0 || !sa.features.deadPeerDetection) return false;
    return this.#clock.now() - (heardAt ?? madeAt) >= dpdIntervalSeconds * 1000;
  }

  /** Milliseconds since it was last seen to carry anything; undefined when it never was. */
  async idleMs(entry: Phase2Entry): Promise<number | undefined> {
    const { usedAt } = await this.#look(entry);
    return usedAt === undefined ? undefined : this.#clock.now() - usedAt;
  }

  async inboundBytes(pairs: Iterable<Phase2Entry>): Promise<number> {
    let sum = 0;
    for (const pair of [...pairs]) sum += (await this.#use(pair)).inbound;
    return sum;
  }

  #intervalMs(): number {
    const seconds = this.#owner.settings().config.globals.dpdIntervalSeconds;
    return seconds === 0 ? LOOK_MS : seconds * 1000;
  }

  #arm(place: Place): void {
    this.#set(place, this.#dueAt(place));
  }

  #dueAt(place: Place): number {
    return Math.min(place.lookedAt + this.#intervalMs(), this.#nextOccasion(place));
  }

  #set(place: Place, due: number): void {
    // Whole milliseconds are plain numbers to V8; a fraction would be an object of its own for each place.
    this.#looks.set(place, Math.ceil(Math.max(this.#clock.now() + SHORTEST_MS, due)));
  }

  /** `Clock.now()` when something other than worry is due. */
  #nextOccasion({ phase1, lookedAt }: Place): number {
    let next = Infinity;
    const consider = (moment: number): void => {
      if (moment > lookedAt && moment < next) next = moment;
    };
    let oldest: Phase1Entry | undefined;
    for (const entry of phase1) {
      consider(entry.softAt);
      consider(this.#unconfirmedAt(entry));
      if (oldest === undefined || entry.madeAt < oldest.madeAt) oldest = entry;
    }
    // Of two, the younger decides: so all but the oldest have their moment, and pairs need not be gone through.
    for (const entry of phase1) if (entry !== oldest) consider(this.#settledAt(entry));
    return next;
  }

  /**
   * When an SA under which the peer has said nothing yet becomes doubtful: our last message may be lost for good. The
   * initiator of Aggressive Mode asks while it can still send that message again.
   */
  #unconfirmedAt({ heardAt, madeAt, sa }: Phase1Entry): number {
    if (heardAt !== undefined) return Infinity;
    if (sa.role === 'initiator') return madeAt + UNPROVED_MS;
    return madeAt + retryWindowMs(timingOf(this.#owner.settings().config.globals)) + UNCONFIRMED_MARGIN_MS;
  }

  /** When, of two SAs with a peer of which this was made last, the end that retires one of them has done so: Deletes and all. */
  #settledAt({ madeAt }: Phase1Entry): number {
    return madeAt + this.#settlingMs();
  }

  #settlingMs(): number {
    // One window in which the other end may have made its half, one in which it lets the old one stand.
    return 2 * retryWindowMs(timingOf(this.#owner.settings().config.globals)) + RETIREMENT_MARGIN_MS;
  }

  async #lookAfter(place: Place): Promise<void> {
    const now = this.#clock.now();
    const sinceMs = now - place.lookedAt;
    place.lookedAt = Math.floor(now);
    const pairs = place.phase2;
    const growth = { inbound: 0, outbound: 0 };
    for (const pair of [...pairs]) {
      const { inbound, outbound } = pair.seen ?? UNUSED;
      const seen = await this.#look(pair);
      growth.inbound += Math.max(0, seen.inbound - inbound);
      growth.outbound += Math.max(0, seen.outbound - outbound);
    }
    if (isEmpty(place)) return;
    this.#decide(place, sinceMs, pairs, growth);
    if (!isEmpty(place)) this.#arm(place);
  }

  #decide(place: Place, sinceMs: number, pairs: readonly Phase2Entry[], growth: Use): void {
    const now = this.#clock.now();
    const { globals } = this.#owner.settings().config;
    const usable = place.phase1.filter((entry) => this.#owner.isUsable(entry));
    for (const entry of usable) {
      if (now >= entry.softAt && entry.children.size > 0) this.#owner.renew(entry);
    }
    if (globals.dpdIntervalSeconds === 0) return;
    const received = growth.inbound > 0;
    const sent = growth.outbound > 0;
    const heard = received || usable.some(({ heardAt }) => heardAt !== undefined && now - heardAt < sinceMs);
    const unanswered = sent && !heard;
    const youngest = usable.at(-1);
    if (unanswered && youngest === undefined) this.#owner.orphaned(pairs);
    const left = leftBehind(usable, this.#settlingMs(), now);
    for (const entry of usable) {
      const silentMs = now - (entry.heardAt ?? entry.madeAt);
      const quiet = silentMs >= this.#intervalMs() * QUIET_LOOKS || now >= this.#unconfirmedAt(entry);
      const idle = this.#anyIdle(entry, silentMs);
      if (quiet || idle || left.has(entry) || (unanswered && entry === youngest)) this.#owner.worry(entry);
    }
  }

  #anyIdle({ children }: Phase1Entry, silentMs: number): boolean {
    for (const pair of children) if (this.#isIdle(pair, silentMs)) return true;
    return false;
  }

  /** `p2_idletime_secs`: what nobody has used for so long is of doubtful worth, unless the peer was heard meanwhile. */
  #isIdle(pair: Phase2Entry, silentMs: number): boolean {
    const { idletimeSeconds } = pair.phase1.sa.rule.phase2;
    if (idletimeSeconds === undefined) return false;
    const idleMs = this.#clock.now() - (pair.seen?.usedAt ?? pair.madeAt);
    return Math.min(idleMs, silentMs) >= idletimeSeconds * 1000;
  }

  async #look(pair: Phase2Entry): Promise<SeenUse> {
    const { inbound, outbound } = await this.#use(pair);
    const before = pair.seen ?? UNUSED;
    const more = inbound + outbound > before.inbound + before.outbound;
    const seen: SeenUse = { inbound, outbound, usedAt: more ? this.#clock.now() : before.usedAt };
    pair.seen = inbound + outbound === 0 && seen.usedAt === undefined ? UNUSED : seen;
    return seen;
  }

  /** One after the other, not beside each other: each promise is an object, and a daemon looks at thousands of pairs. */
  async #use({ local, remote, pairs }: Phase2Entry): Promise<Use> {
    let inbound = 0;
    let outbound = 0;
    for (const { protocol, inboundSpi, outboundSpi } of pairs) {
      inbound += await this.#bytes({ destination: local, protocol, spi: inboundSpi });
      outbound += await this.#bytes({ destination: remote, protocol, spi: outboundSpi });
    }
    return { inbound, outbound };
  }

  /** What a kernel does not tell counts for nothing. */
  async #bytes(sa: SaIdentity): Promise<number> {
    try {
      return (await this.#kernel.usage(sa))?.bytes ?? 0;
    } catch {
      return 0;
    }
  }
}

function isEmpty({ phase1, phase2 }: Place): boolean {
  return phase1.length === 0 && phase2.length === 0;
}
