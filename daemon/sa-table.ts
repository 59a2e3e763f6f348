/** What is established: Phase 1 SAs and the IPsec SAs made under them, as plain records. */
import type { Deadline } from '../services/collections/deadline-queue.js';
import { NumberIndex } from '../services/collections/number-index.js';
import type { SmallSet } from '../services/collections/small-set.js';
import type { NegotiationId } from '../services/events/event.js';
import type { ProbeCounters } from '../services/exchange/dead-peer-detection.js';
import type { PeerSa, Phase1Sa } from '../services/exchange/phase1-sa.js';
import { portOfPlace } from '../services/exchange/same-peer.js';
import type { Cookie } from '../services/isakmp/header.js';
import type { Address, Endpoint } from '../services/net/address.js';
import type { IpsecPolicy, IpsecProtocol, SpiPair, TrafficSide } from '../services/ports/kernel.js';

/** The IPsec SAs from one Quick Mode, which live and end together. */
export interface Phase2Entry {
  /** Under which its chart runs. */
  readonly standing: NegotiationId;
  /** Of the Quick Mode that made it; what an earlier run made has no other name than its own. */
  readonly id: NegotiationId;
  readonly role: 'initiator' | 'responder';
  readonly local: Address;
  readonly remote: Address;
  /** One pair, or one of AH and one of ESP. */
  readonly pairs: readonly SpiPair[];
  /** What it was made for: the traffic it carries, and how. */
  readonly policy: IpsecPolicy;
  /**
   * The Phase 1 SA that speaks for it: the one that made it, or a newer one with the same peer. It may be gone, or have
   * been an earlier run's.
   */
  phase1: Speaker;
  /** `Clock.now()`. */
  readonly madeAt: number;
  /** From its soft limit to its hard one, milliseconds, and to the hard one altogether. */
  readonly graceMs: number;
  readonly lifetimeMs: number;
  /** At the last look; undefined before the first. */
  seen: SeenUse | undefined;
}

/** What SAs had carried, both ways, bytes. */
export interface SeenUse {
  readonly inbound: number;
  readonly outbound: number;
  /** `Clock.now()` when they were first seen to have carried more; undefined when they never have. */
  readonly usedAt: number | undefined;
}

/** By whom a peer is told about IPsec SAs, or was. */
export interface Speaker {
  /** Under which its chart runs. */
  readonly standing: NegotiationId;
  /** Of the exchange that made it. */
  readonly id: NegotiationId;
  readonly sa: PeerSa;
  /** IPsec SAs that it speaks for. */
  readonly children: SmallSet<Phase2Entry>;
  quickModesCreated: number;
  quickModesDeleted: number;
  keyUses: number;
}

/** Its deadline is its end. */
export interface Phase1Entry extends Speaker, Deadline {
  /** Replaced when the peer moves behind its NAT. */
  sa: Phase1Sa;
  /** `Clock.wallTime()`, milliseconds. */
  readonly createdAt: number;
  /** `Clock.now()` when its negotiation began, and when it was established. */
  readonly begunAt: number;
  readonly madeAt: number;
  /** `Clock.now()` from which it is renewed, if it is needed. */
  readonly softAt: number;
  /**
   * `Clock.now()` when it was first known that the peer has it too, and of the last message that it authenticated under
   * it; undefined before that.
   */
  confirmedAt: number | undefined;
  heardAt: number | undefined;
  readonly probes: ProbeCounters;
  /** Message IDs used under this SA: one that comes again is a replay (RFC 2408 3.1 wants them unique). */
  readonly messageIds: SmallSet<number>;
  readonly errors: { decrypt: number; hash: number; other: number; transmit: number };
}

/** Message IDs remembered per Phase 1 SA; past that it is too old to be used. */
export const MOST_MESSAGE_IDS = 65_536;

/** What is established with a peer at one place, oldest first. Its deadline is the next look after the peer. */
export interface Place extends Deadline {
  readonly phase1: readonly Phase1Entry[];
  readonly phase2: readonly Phase2Entry[];
  /** `Clock.now()` of the last look; -1 before the watch has heard of the place. */
  lookedAt: number;
}

interface OpenPlace extends Place {
  phase1: readonly Phase1Entry[];
  phase2: readonly Phase2Entry[];
}

/** Peers that share an address behind a NAT, by their ports; beside them, under 0, one that says it is behind none. */
type Neighbours = Map<number, OpenPlace>;

const NONE: readonly never[] = [];
const NOTHING: Place = { phase1: NONE, phase2: NONE, lookedAt: -1, due: 0, position: -1 };

/**
 * There may be a hundred thousand of each kind. Tables are by numbers and by text that is there anyway (an address, a
 * cookie), so that finding an SA in one more way costs 50 bytes and no text of its own.
 */
export class SaTable {
  /** By our own cookie, which is unique. */
  readonly #phase1 = new Map<Cookie, Phase1Entry>();
  readonly #byId = new Map<NegotiationId, Phase1Entry>();
  /** Those that peers began, by the first half of their cookie. */
  readonly #byPeerCookie = new NumberIndex<Phase1Entry>();
  /** By SPI. */
  readonly #inbound = new NumberIndex<Phase2Entry>();
  readonly #outbound = new NumberIndex<Phase2Entry>();
  #phase2Count = 0;
  /** By local, then remote address. */
  readonly #places = new Map<Address, Map<Address, OpenPlace | Neighbours>>();
  /** IPsec SAs with one peer for the same traffic, oldest first, by `kinNumber`. */
  readonly #kin = new NumberIndex<Phase2Entry>();
  #placeGone: (place: Place) => void = () => undefined;

  /** `told` hears of each place where nothing stands any more; one that is spoken of later is another. */
  whenPlaceGone(told: (place: Place) => void): void {
    this.#placeGone = told;
  }

  addPhase1(entry: Phase1Entry): void {
    this.#phase1.set(ownCookie(entry), entry);
    this.#byId.set(entry.id, entry);
    if (entry.sa.role === 'responder') this.#byPeerCookie.add(cookieNumber(entry.sa.initiatorCookie), entry);
    const place = this.#open(entry.sa);
    place.phase1 = withLast(place.phase1, entry);
  }

  removePhase1(entry: Phase1Entry): boolean {
    this.#byId.delete(entry.id);
    if (entry.sa.role === 'responder')
      this.#byPeerCookie.delete(cookieNumber(entry.sa.initiatorCookie), entry);
    this.#leave(entry.sa, entry, undefined);
    const cookie = ownCookie(entry);
    return this.#phase1.get(cookie) === entry && this.#phase1.delete(cookie);
  }

  /** The peer speaks from somewhere else now; IPsec SAs keep the address by which they are known. */
  movePhase1(entry: Phase1Entry, remote: Endpoint): void {
    const before = entry.sa;
    entry.sa = { ...before, remote };
    const place = this.#open(entry.sa);
    this.#leave(before, entry, undefined);
    place.phase1 = withLast(place.phase1, entry);
    for (const child of entry.children) {
      this.#leave(before, undefined, child);
      place.phase2 = withLast(place.phase2, child);
    }
  }

  phase1ByCookies(initiator: Cookie, responder: Cookie): Phase1Entry | undefined {
    const entry = this.#phase1.get(responder) ?? this.#phase1.get(initiator);
    const isIt = entry?.sa.initiatorCookie === initiator && entry.sa.responderCookie === responder;
    return isIt ? entry : undefined;
  }

  phase1ById(id: NegotiationId): Phase1Entry | undefined {
    return this.#byId.get(id);
  }

  /** Whether an SA with a peer at this address began with this cookie of its. */
  isUsedCookie(local: Address, remote: Address, initiatorCookie: Cookie): boolean {
    const isIt = ({ sa }: Phase1Entry): boolean =>
      sa.initiatorCookie === initiatorCookie && sa.local.address === local && sa.remote.address === remote;
    const own = this.#phase1.get(initiatorCookie);
    if (own !== undefined && isIt(own)) return true;
    return this.#byPeerCookie.find(cookieNumber(initiatorCookie), isIt) !== undefined;
  }

  /** Whether there is an SA of either phase with a peer at this address: asked for each first message. */
  knows(local: Address, remote: Address): boolean {
    // A place goes with its last SA.
    return this.#places.get(local)?.has(remote) === true;
  }

  /** All with a peer at this address, also where several stand behind one NAT. Oldest first at each place. */
  *phase1Between(local: Address, remote: Address): Generator<Phase1Entry> {
    for (const place of this.#placesBetween(local, remote)) yield* place.phase1;
  }

  *phase2Between(local: Address, remote: Address): Generator<Phase2Entry> {
    for (const place of this.#placesBetween(local, remote)) yield* place.phase2;
  }

  /** What is established with the peer of an SA, at its place. */
  at(sa: Omit<PeerSa, 'rule'>): Place {
    return this.#placeOf(sa) ?? NOTHING;
  }

  phase1(): IterableIterator<Phase1Entry> {
    return this.#phase1.values();
  }

  get phase1Count(): number {
    return this.#phase1.size;
  }

  addPhase2(entry: Phase2Entry): void {
    const place = this.#open(entry.phase1.sa);
    place.phase2 = withLast(place.phase2, entry);
    entry.phase1.children.add(entry);
    this.#kin.add(kinNumber(entry), entry);
    for (const { inboundSpi, outboundSpi } of entry.pairs) {
      this.#inbound.add(inboundSpi, entry);
      this.#outbound.add(outboundSpi, entry);
    }
    this.#phase2Count += 1;
  }

  removePhase2(entry: Phase2Entry): boolean {
    this.#leave(entry.phase1.sa, undefined, entry);
    entry.phase1.children.delete(entry);
    for (const { inboundSpi, outboundSpi } of entry.pairs) {
      this.#inbound.delete(inboundSpi, entry);
      this.#outbound.delete(outboundSpi, entry);
    }
    const was = this.#kin.delete(kinNumber(entry), entry);
    if (was) this.#phase2Count -= 1;
    return was;
  }

  /** Another Phase 1 SA with the same peer at the same place speaks for it from now on. */
  attribute(entry: Phase2Entry, phase1: Phase1Entry): void {
    entry.phase1.children.delete(entry);
    entry.phase1 = phase1;
    phase1.children.add(entry);
  }

  /** IPsec SAs with the same peer for the same traffic, the entry itself too; oldest first. */
  kinOf(entry: Phase2Entry): readonly Phase2Entry[] {
    return this.#kin.filter(kinNumber(entry), (other) => isKin(other, entry));
  }

  /** By the SA that `destination` receives: ours or the peer's. */
  phase2BySpi(destination: Address, protocol: IpsecProtocol, spi: number): Phase2Entry | undefined {
    return (
      this.#inbound.find(
        spi,
        ({ local, pairs }) =>
          local === destination &&
          pairs.some((pair) => pair.inboundSpi === spi && pair.protocol === protocol),
      ) ??
      this.#outbound.find(
        spi,
        ({ remote, pairs }) =>
          remote === destination &&
          pairs.some((pair) => pair.outboundSpi === spi && pair.protocol === protocol),
      )
    );
  }

  *phase2(): Generator<Phase2Entry> {
    for (const [number, entry] of this.#inbound.entries()) {
      const first = entry.pairs[0];
      // What has a second pair is there under that, too.
      if (first !== undefined && (first.inboundSpi | 0) === number) yield entry;
    }
  }

  /** Quick Modes, not SAs. */
  get phase2Count(): number {
    return this.#phase2Count;
  }

  *#placesBetween(local: Address, remote: Address): Generator<Place> {
    const there = this.#places.get(local)?.get(remote);
    if (there instanceof Map) yield* there.values();
    else if (there !== undefined) yield there;
  }

  #placeOf(sa: Omit<PeerSa, 'rule'>): OpenPlace | undefined {
    const there = this.#places.get(sa.local.address)?.get(sa.remote.address);
    const port = portOfPlace(sa);
    if (there instanceof Map) return there.get(port);
    return port === 0 ? there : undefined;
  }

  #open(sa: PeerSa): OpenPlace {
    const known = this.#placeOf(sa);
    if (known !== undefined) return known;
    const place: OpenPlace = { phase1: NONE, phase2: NONE, lookedAt: -1, due: 0, position: -1 };
    const { local, remote } = sa;
    const port = portOfPlace(sa);
    let byRemote = this.#places.get(local.address);
    if (byRemote === undefined) {
      byRemote = new Map<Address, OpenPlace | Neighbours>();
      this.#places.set(local.address, byRemote);
    }
    const there = byRemote.get(remote.address);
    if (there instanceof Map) there.set(port, place);
    else if (there === undefined && port === 0) byRemote.set(remote.address, place);
    else byRemote.set(remote.address, new Map([...(there ? [[0, there] as const] : []), [port, place]]));
    return place;
  }

  /** One of them goes; with the last one the place. */
  #leave(sa: PeerSa, phase1: Phase1Entry | undefined, phase2: Phase2Entry | undefined): void {
    const place = this.#placeOf(sa);
    if (place === undefined) return;
    if (phase1 !== undefined) place.phase1 = without(place.phase1, phase1);
    if (phase2 !== undefined) place.phase2 = without(place.phase2, phase2);
    if (place.phase1.length > 0 || place.phase2.length > 0) return;
    const { local, remote } = sa;
    const byRemote = this.#places.get(local.address);
    const there = byRemote?.get(remote.address);
    if (there instanceof Map) there.delete(portOfPlace(sa));
    if (!(there instanceof Map) || there.size === 0) byRemote?.delete(remote.address);
    if (byRemote?.size === 0) this.#places.delete(local.address);
    this.#placeGone(place);
  }
}

/** 32 bits of the 64. */
function cookieNumber(cookie: Cookie): number {
  return Number.parseInt(cookie.slice(0, 8), 16);
}

function ownCookie({ sa }: Phase1Entry): Cookie {
  return sa.role === 'initiator' ? sa.initiatorCookie : sa.responderCookie;
}

/**
 * A new list: nobody who goes through the old one is disturbed, and it has room for no more than it holds, where one that
 * grows has room for sixteen. Ten thousand SAs at one place cost 8 us with each that comes or goes.
 */
function withLast<T>(list: readonly T[], item: T): readonly T[] {
  // V8 makes room for seventeen where it spreads an empty list.
  return list.length === 0 ? [item] : list.concat([item]);
}

function without<T>(list: readonly T[], item: T): readonly T[] {
  const at = list.indexOf(item);
  if (at < 0) return list;
  return list.length === 1 ? NONE : list.toSpliced(at, 1);
}

/** The peer by its place when the SAs were made: what carries the same traffic to another client is no kin. */
function isKin(one: Phase2Entry, other: Phase2Entry): boolean {
  const [{ selectors: ones }, { selectors: others }] = [one.policy, other.policy];
  return (
    one.local === other.local &&
    one.remote === other.remote &&
    one.policy.mode === other.policy.mode &&
    one.pairs.length === other.pairs.length &&
    one.pairs.every(({ protocol }, index) => protocol === other.pairs[index]?.protocol) &&
    ones.protocol === others.protocol &&
    isSameSide(ones.local, others.local) &&
    isSameSide(ones.remote, others.remote)
  );
}

function isSameSide(one: TrafficSide, other: TrafficSide): boolean {
  return (
    one.port === other.port &&
    one.addresses.begin === other.addresses.begin &&
    one.addresses.end === other.addresses.end
  );
}

/** The same for kin, and rarely for others. */
function kinNumber({ local, remote, policy: { selectors } }: Phase2Entry): number {
  let number = 31 * selectors.protocol + selectors.local.port + 7 * selectors.remote.port;
  for (const address of [local, remote, selectors.local.addresses.begin, selectors.remote.addresses.begin]) {
    // FNV-1a.
    for (let at = 0; at < address.length; at++)
      number = Math.imul(number ^ address.charCodeAt(at), 0x0100_0193);
  }
  return number;
}
