/**
 * Looks after each peer from time to time, under one timer for each: whether packets leave for it and none come back,
 * whether it has been silent for long, whether a Phase 1 SA must be renewed or an IPsec SA has long been idle.
 * It only looks; what is done about it is for the charts.
 */
import { isSamePeer, placeOf } from '../services/exchange/same-peer.js';
import type { PeerSa } from '../services/exchange/phase1-sa.js';
import type { Clock, TimerHandle } from '../services/ports/clock.js';
import type { Kernel } from '../services/ports/kernel.js';
import type { Phase1Entry, Phase2Entry, SaTable } from './sa-table.js';
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

interface Use {
  readonly inbound: number;
  readonly outbound: number;
}

interface Seen extends Use {
  /** `Clock.now()` when it was first seen to have carried more; undefined when it never has. */
  readonly usedAt: number | undefined;
}

interface Watched {
  readonly sa: PeerSa;
  timer: TimerHandle;
  /** `Clock.now()` of the last look. */
  lookedAt: number;
}

export class PeerWatch {
  readonly #clock: Clock;
  readonly #kernel: Kernel;
  readonly #table: SaTable;
  readonly #owner: PeerWatchOwner;
  readonly #watched = new Map<string, Watched>();
  readonly #seen = new WeakMap<Phase2Entry, Seen>();

  constructor(clock: Clock, kernel: Kernel, table: SaTable, owner: PeerWatchOwner) {
    this.#clock = clock;
    this.#kernel = kernel;
    this.#table = table;
    this.#owner = owner;
  }

  /** The SAs at a place are others now: it is watched as long as there are any. */
  placeChanged({ sa }: { readonly sa: PeerSa }): void {
    const key = placeOf(sa);
    const { phase1, phase2 } = this.#table.at(sa);
    const watched = this.#watched.get(key);
    if (phase1.size === 0 && phase2.size === 0) {
      this.#clock.clearTimeout(watched?.timer);
      this.#watched.delete(key);
      return;
    }
    const now = this.#clock.now();
    if (watched === undefined) {
      const fresh: Watched = { sa, timer: undefined, lookedAt: now };
      this.#watched.set(key, fresh);
      this.#arm(key, fresh);
    } else {
      this.#arm(key, watched);
    }
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
    const uses = await Promise.all([...pairs].map((pair) => this.#use(pair)));
    return uses.reduce((sum, { inbound }) => sum + inbound, 0);
  }

  get size(): number {
    return this.#watched.size;
  }

  #intervalMs(): number {
    const seconds = this.#owner.settings().config.globals.dpdIntervalSeconds;
    return seconds === 0 ? LOOK_MS : seconds * 1000;
  }

  #arm(key: string, watched: Watched): void {
    this.#clock.clearTimeout(watched.timer);
    const now = this.#clock.now();
    const due = Math.min(watched.lookedAt + this.#intervalMs(), this.#nextOccasion(watched));
    watched.timer = this.#clock.setTimeout(
      () => {
        void this.#lookAfter(key, watched);
      },
      Math.max(SHORTEST_MS, Math.ceil(due - now)),
    );
  }

  /** `Clock.now()` when something other than worry is due. */
  #nextOccasion({ sa, lookedAt }: Watched): number {
    let next = Infinity;
    const consider = (moment: number): void => {
      if (moment > lookedAt && moment < next) next = moment;
    };
    let oldest: Phase1Entry | undefined;
    const { phase1 } = this.#table.at(sa);
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

  /** When, of two SAs with a peer of which `younger` was made last, the end that retires one of them has done so: Deletes and all. */
  #settledAt({ madeAt }: Phase1Entry): number {
    // One window in which the other end may have made its half, one in which it lets the old one stand.
    const windows = 2 * retryWindowMs(timingOf(this.#owner.settings().config.globals));
    return madeAt + windows + RETIREMENT_MARGIN_MS;
  }

  /** Whether the peer may have ended `entry` beside `other`, and all its Deletes are lost. */
  #isOverdue(other: Phase1Entry, entry: Phase1Entry): boolean {
    if (other === entry) return false;
    const settled = this.#settledAt(other.madeAt > entry.madeAt ? other : entry);
    const heard = entry.heardAt ?? entry.madeAt;
    return heard < settled && this.#clock.now() >= settled && isSamePeer(other.sa, entry.sa);
  }

  async #lookAfter(key: string, watched: Watched): Promise<void> {
    const { sa, lookedAt } = watched;
    const now = this.#clock.now();
    watched.lookedAt = now;
    const pairs = [...this.#table.at(sa).phase2];
    const growth = await Promise.all(pairs.map((pair) => this.#growth(pair)));
    if (this.#watched.get(key) !== watched) return;
    this.#decide(watched, now - lookedAt, pairs, growth);
    if (this.#watched.get(key) === watched) this.#arm(key, watched);
  }

  #decide({ sa }: Watched, sinceMs: number, pairs: readonly Phase2Entry[], growth: readonly Use[]): void {
    const now = this.#clock.now();
    const { globals } = this.#owner.settings().config;
    const usable = [...this.#table.at(sa).phase1].filter((entry) => this.#owner.isUsable(entry));
    for (const entry of usable) {
      if (now >= entry.softAt && entry.children.size > 0) this.#owner.renew(entry);
    }
    if (globals.dpdIntervalSeconds === 0) return;
    const received = growth.some(({ inbound }) => inbound > 0);
    const sent = growth.some(({ outbound }) => outbound > 0);
    const heard = received || usable.some(({ heardAt }) => heardAt !== undefined && now - heardAt < sinceMs);
    const unanswered = sent && !heard;
    const youngest = usable.at(-1);
    if (unanswered && youngest === undefined) this.#owner.orphaned(pairs);
    for (const entry of usable) {
      const silentMs = now - (entry.heardAt ?? entry.madeAt);
      const quiet = silentMs >= this.#intervalMs() * QUIET_LOOKS || now >= this.#unconfirmedAt(entry);
      const idle = pairs.some((pair) => pair.phase1 === entry && this.#isIdle(pair, silentMs));
      const left = usable.some((other) => isLeftFor(other, entry) || this.#isOverdue(other, entry));
      if (quiet || idle || left || (unanswered && entry === youngest)) this.#owner.worry(entry);
    }
  }

  /** `p2_idletime_secs`: what nobody has used for so long is of doubtful worth, unless the peer was heard meanwhile. */
  #isIdle(pair: Phase2Entry, silentMs: number): boolean {
    const { idletimeSeconds } = pair.phase1.sa.rule.phase2;
    if (idletimeSeconds === undefined) return false;
    const idleMs = this.#clock.now() - (this.#seen.get(pair)?.usedAt ?? pair.madeAt);
    return Math.min(idleMs, silentMs) >= idletimeSeconds * 1000;
  }

  async #growth(pair: Phase2Entry): Promise<Use> {
    const before = this.#seen.get(pair) ?? { inbound: 0, outbound: 0 };
    const { inbound, outbound } = await this.#look(pair);
    return { inbound: inbound - before.inbound, outbound: outbound - before.outbound };
  }

  async #look(pair: Phase2Entry): Promise<Seen> {
    const use = await this.#use(pair);
    const before = this.#seen.get(pair);
    const more = use.inbound + use.outbound > (before?.inbound ?? 0) + (before?.outbound ?? 0);
    const seen = { ...use, usedAt: more ? this.#clock.now() : before?.usedAt };
    this.#seen.set(pair, seen);
    return seen;
  }

  /** What a kernel does not tell counts for nothing. */
  async #use({ local, remote, pairs }: Phase2Entry): Promise<Use> {
    const bytes = async (destination: string, protocol: 50 | 51, spi: number): Promise<number> => {
      try {
        return (await this.#kernel.usage({ destination, protocol, spi }))?.bytes ?? 0;
      } catch {
        return 0;
      }
    };
    const uses = await Promise.all(
      pairs.map(async ({ protocol, inboundSpi, outboundSpi }) => ({
        inbound: await bytes(local, protocol, inboundSpi),
        outbound: await bytes(remote, protocol, outboundSpi),
      })),
    );
    return uses.reduce(
      (sum, use) => ({ inbound: sum.inbound + use.inbound, outbound: sum.outbound + use.outbound }),
      { inbound: 0, outbound: 0 },
    );
  }
}

/** Whether the peer has made `newer` and said nothing under `older` since: its Delete of that may be lost. */
function isLeftFor(newer: Phase1Entry, older: Phase1Entry): boolean {
  return (older.heardAt ?? older.madeAt) < newer.madeAt && isSamePeer(newer.sa, older.sa);
}
