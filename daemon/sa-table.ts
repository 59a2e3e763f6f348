/** What is established: Phase 1 SAs and the IPsec SAs made under them, as plain records. */
import type { NegotiationId } from '../services/events/event.js';
import type { ProbeCounters } from '../services/exchange/dead-peer-detection.js';
import type { PeerSa, Phase1Sa } from '../services/exchange/phase1-sa.js';
import { placeOf } from '../services/exchange/same-peer.js';
import type { Cookie } from '../services/isakmp/header.js';
import type { Address, Endpoint } from '../services/net/address.js';
import type { TimerHandle } from '../services/ports/clock.js';
import type { IpsecPolicy, IpsecProtocol, SpiPair } from '../services/ports/kernel.js';

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
}

/** By whom a peer is told about IPsec SAs, or was. */
export interface Speaker {
  /** Under which its chart runs. */
  readonly standing: NegotiationId;
  /** Of the exchange that made it. */
  readonly id: NegotiationId;
  readonly sa: PeerSa;
  /** IPsec SAs that it speaks for. */
  readonly children: Set<Phase2Entry>;
  quickModesCreated: number;
  quickModesDeleted: number;
  keyUses: number;
}

export interface Phase1Entry extends Speaker {
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
  expiry: TimerHandle;
  readonly probes: ProbeCounters;
  /** Message IDs used under this SA: one that comes again is a replay (RFC 2408 3.1 wants them unique). */
  readonly messageIds: Set<number>;
  readonly errors: { decrypt: number; hash: number; other: number; transmit: number };
}

/** Message IDs remembered per Phase 1 SA; past that it is too old to be used. */
export const MOST_MESSAGE_IDS = 65_536;

/** What is established with a peer at one place, oldest first. */
export interface Place {
  readonly phase1: ReadonlySet<Phase1Entry>;
  readonly phase2: ReadonlySet<Phase2Entry>;
}

interface OpenPlace extends Place {
  readonly phase1: Set<Phase1Entry>;
  readonly phase2: Set<Phase2Entry>;
  readonly between: string;
}

const NOTHING: Place = { phase1: new Set(), phase2: new Set() };

export class SaTable {
  readonly #phase1 = new Map<string, Phase1Entry>();
  readonly #byId = new Map<NegotiationId, Phase1Entry>();
  readonly #phase2 = new Set<Phase2Entry>();
  readonly #inbound = new Map<string, Phase2Entry>();
  readonly #outbound = new Map<string, Phase2Entry>();
  readonly #places = new Map<string, OpenPlace>();
  /** Names of places by their two addresses: several only where a NAT is. */
  readonly #between = new Map<string, Set<string>>();
  /** IPsec SAs with one peer for the same traffic, oldest first. */
  readonly #kin = new Map<string, Phase2Entry[]>();

  addPhase1(entry: Phase1Entry): void {
    const { initiatorCookie, responderCookie } = entry.sa;
    this.#phase1.set(cookies(initiatorCookie, responderCookie), entry);
    this.#byId.set(entry.id, entry);
    this.#open(entry.sa).phase1.add(entry);
  }

  removePhase1(entry: Phase1Entry): boolean {
    const { initiatorCookie, responderCookie } = entry.sa;
    this.#byId.delete(entry.id);
    this.#leave(entry.sa, (place) => place.phase1.delete(entry));
    return this.#phase1.delete(cookies(initiatorCookie, responderCookie));
  }

  /** The peer speaks from somewhere else now; IPsec SAs keep the address by which they are known. */
  movePhase1(entry: Phase1Entry, remote: Endpoint): void {
    this.#leave(entry.sa, (place) => place.phase1.delete(entry));
    for (const child of entry.children) this.#leave(entry.sa, (place) => place.phase2.delete(child));
    entry.sa = { ...entry.sa, remote };
    const place = this.#open(entry.sa);
    place.phase1.add(entry);
    for (const child of entry.children) place.phase2.add(child);
  }

  phase1ByCookies(initiator: Cookie, responder: Cookie): Phase1Entry | undefined {
    return this.#phase1.get(cookies(initiator, responder));
  }

  phase1ById(id: NegotiationId): Phase1Entry | undefined {
    return this.#byId.get(id);
  }

  /** All with a peer at this address, also where several stand behind one NAT. Oldest first at each place. */
  *phase1Between(local: Address, remote: Address): Generator<Phase1Entry> {
    for (const place of this.#placesBetween(local, remote)) yield* place.phase1;
  }

  *phase2Between(local: Address, remote: Address): Generator<Phase2Entry> {
    for (const place of this.#placesBetween(local, remote)) yield* place.phase2;
  }

  /** What is established with the peer of an SA, at its place. */
  at(sa: PeerSa): Place {
    return this.#places.get(placeOf(sa)) ?? NOTHING;
  }

  phase1(): IterableIterator<Phase1Entry> {
    return this.#phase1.values();
  }

  get phase1Count(): number {
    return this.#phase1.size;
  }

  addPhase2(entry: Phase2Entry): void {
    this.#open(entry.phase1.sa).phase2.add(entry);
    this.#phase2.add(entry);
    entry.phase1.children.add(entry);
    const key = kinKey(entry);
    const kin = this.#kin.get(key);
    if (kin === undefined) this.#kin.set(key, [entry]);
    else kin.push(entry);
    for (const { protocol, inboundSpi, outboundSpi } of entry.pairs) {
      this.#inbound.set(spiKey(entry.local, protocol, inboundSpi), entry);
      this.#outbound.set(spiKey(entry.remote, protocol, outboundSpi), entry);
    }
  }

  removePhase2(entry: Phase2Entry): boolean {
    this.#leave(entry.phase1.sa, (place) => place.phase2.delete(entry));
    entry.phase1.children.delete(entry);
    const key = kinKey(entry);
    const kin = this.#kin.get(key);
    const at = kin?.indexOf(entry) ?? -1;
    if (at >= 0) kin?.splice(at, 1);
    if (kin?.length === 0) this.#kin.delete(key);
    for (const { protocol, inboundSpi, outboundSpi } of entry.pairs) {
      const outbound = spiKey(entry.remote, protocol, outboundSpi);
      if (this.#outbound.get(outbound) === entry) this.#outbound.delete(outbound);
      this.#inbound.delete(spiKey(entry.local, protocol, inboundSpi));
    }
    return this.#phase2.delete(entry);
  }

  /** Another Phase 1 SA with the same peer at the same place speaks for it from now on. */
  attribute(entry: Phase2Entry, phase1: Phase1Entry): void {
    entry.phase1.children.delete(entry);
    entry.phase1 = phase1;
    phase1.children.add(entry);
  }

  /** IPsec SAs with the same peer for the same traffic, the entry itself too; oldest first. */
  kinOf(entry: Phase2Entry): readonly Phase2Entry[] {
    return this.#kin.get(kinKey(entry)) ?? [];
  }

  /** By the SA that `destination` receives: ours or the peer's. */
  phase2BySpi(destination: Address, protocol: IpsecProtocol, spi: number): Phase2Entry | undefined {
    const key = spiKey(destination, protocol, spi);
    return this.#inbound.get(key) ?? this.#outbound.get(key);
  }

  phase2(): IterableIterator<Phase2Entry> {
    return this.#phase2.values();
  }

  /** Quick Modes, not SAs. */
  get phase2Count(): number {
    return this.#phase2.size;
  }

  *#placesBetween(local: Address, remote: Address): Generator<Place> {
    for (const name of this.#between.get(addressKey(local, remote)) ?? []) {
      const place = this.#places.get(name);
      if (place !== undefined) yield place;
    }
  }

  #open(sa: PeerSa): OpenPlace {
    const name = placeOf(sa);
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const between = addressKey(sa.local.address, sa.remote.address);
    const place: OpenPlace = { phase1: new Set(), phase2: new Set(), between };
    this.#places.set(name, place);
    const names = this.#between.get(between);
    if (names === undefined) this.#between.set(between, new Set([name]));
    else names.add(name);
    return place;
  }

  #leave(sa: PeerSa, remove: (place: OpenPlace) => void): void {
    const name = placeOf(sa);
    const place = this.#places.get(name);
    if (place === undefined) return;
    remove(place);
    if (place.phase1.size > 0 || place.phase2.size > 0) return;
    this.#places.delete(name);
    const names = this.#between.get(place.between);
    names?.delete(name);
    if (names?.size === 0) this.#between.delete(place.between);
  }
}

function cookies(initiator: Cookie, responder: Cookie): string {
  return initiator + responder;
}

function addressKey(local: Address, remote: Address): string {
  return `${local} ${remote}`;
}

function spiKey(destination: Address, protocol: IpsecProtocol, spi: number): string {
  return `${destination}/${String(protocol)}/${String(spi)}`;
}

/** The peer by its place when the SAs were made: what carries the same traffic to another client is no kin. */
function kinKey({ local, remote, policy, pairs }: Phase2Entry): string {
  const { selectors, mode } = policy;
  const side = ({ addresses, port }: (typeof selectors)['local']): string =>
    `${addresses.begin}-${addresses.end}:${String(port)}`;
  const protocols = pairs.map(({ protocol }) => String(protocol)).join('+');
  return `${local} ${remote} ${mode} ${protocols} ${String(selectors.protocol)} ${side(selectors.local)} ${side(selectors.remote)}`;
}
