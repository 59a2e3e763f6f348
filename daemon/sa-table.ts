/** What is established: Phase 1 SAs and the IPsec SAs made under them, as plain records. */
import type { NegotiationId } from '../services/events/event.js';
import type { Phase1Sa } from '../services/exchange/phase1-sa.js';
import type { Cookie } from '../services/isakmp/header.js';
import type { Address } from '../services/net/address.js';
import type { TimerHandle } from '../services/ports/clock.js';
import type { IpsecProtocol, SpiPair } from '../services/ports/kernel.js';

/** The IPsec SAs from one Quick Mode, which live and end together. */
export interface Phase2Entry {
  readonly local: Address;
  readonly remote: Address;
  /** One pair, or one of AH and one of ESP. */
  readonly pairs: readonly SpiPair[];
  /** The Phase 1 SA that made it; it may be gone by now. */
  readonly phase1: Phase1Entry;
  /** `Clock.now()`. */
  readonly madeAt: number;
}

export interface Phase1Entry {
  readonly id: NegotiationId;
  readonly sa: Phase1Sa;
  /** `Clock.wallTime()`, milliseconds. */
  readonly createdAt: number;
  /** `Clock.now()` when its negotiation began, and when it was established. */
  readonly begunAt: number;
  readonly madeAt: number;
  expiry: TimerHandle;
  /** Message IDs used under this SA: one that comes again is a replay (RFC 2408 3.1 wants them unique). */
  readonly messageIds: Set<number>;
  quickModesCreated: number;
  quickModesDeleted: number;
  keyUses: number;
  readonly errors: { decrypt: number; hash: number; other: number; transmit: number };
}

/** Message IDs remembered per Phase 1 SA; past that it is too old to be used. */
export const MOST_MESSAGE_IDS = 65_536;

/** What is established between two addresses, oldest first. */
interface Pair {
  readonly phase1: Set<Phase1Entry>;
  readonly phase2: Set<Phase2Entry>;
}

const NOTHING: Pair = { phase1: new Set(), phase2: new Set() };

export class SaTable {
  readonly #phase1 = new Map<string, Phase1Entry>();
  readonly #byId = new Map<NegotiationId, Phase1Entry>();
  readonly #phase2 = new Set<Phase2Entry>();
  readonly #inbound = new Map<string, Phase2Entry>();
  readonly #outbound = new Map<string, Phase2Entry>();
  readonly #pairs = new Map<string, Pair>();

  addPhase1(entry: Phase1Entry): void {
    const { initiatorCookie, responderCookie, local, remote } = entry.sa;
    this.#phase1.set(cookies(initiatorCookie, responderCookie), entry);
    this.#byId.set(entry.id, entry);
    this.#pairToChange(local.address, remote.address).phase1.add(entry);
  }

  removePhase1(entry: Phase1Entry): boolean {
    const { initiatorCookie, responderCookie, local, remote } = entry.sa;
    this.#byId.delete(entry.id);
    this.#pair(local.address, remote.address).phase1.delete(entry);
    this.#dropEmptyPair(local.address, remote.address);
    return this.#phase1.delete(cookies(initiatorCookie, responderCookie));
  }

  phase1ByCookies(initiator: Cookie, responder: Cookie): Phase1Entry | undefined {
    return this.#phase1.get(cookies(initiator, responder));
  }

  phase1ById(id: NegotiationId): Phase1Entry | undefined {
    return this.#byId.get(id);
  }

  /** Oldest first. */
  phase1Between(local: Address, remote: Address): ReadonlySet<Phase1Entry> {
    return this.#pair(local, remote).phase1;
  }

  /** Of those made under the rule of this label: a refresh makes new objects of the same rules. */
  youngestPhase1(local: Address, remote: Address, ruleLabel: string): Phase1Entry | undefined {
    let found: Phase1Entry | undefined;
    for (const entry of this.phase1Between(local, remote)) {
      if (entry.sa.rule.label === ruleLabel) found = entry;
    }
    return found;
  }

  phase2Between(local: Address, remote: Address): ReadonlySet<Phase2Entry> {
    return this.#pair(local, remote).phase2;
  }

  phase1(): IterableIterator<Phase1Entry> {
    return this.#phase1.values();
  }

  get phase1Count(): number {
    return this.#phase1.size;
  }

  addPhase2(entry: Phase2Entry): void {
    this.#pairToChange(entry.local, entry.remote).phase2.add(entry);
    this.#phase2.add(entry);
    for (const { protocol, inboundSpi, outboundSpi } of entry.pairs) {
      this.#inbound.set(spiKey(entry.local, protocol, inboundSpi), entry);
      this.#outbound.set(spiKey(entry.remote, protocol, outboundSpi), entry);
    }
  }

  removePhase2(entry: Phase2Entry): boolean {
    this.#pair(entry.local, entry.remote).phase2.delete(entry);
    this.#dropEmptyPair(entry.local, entry.remote);
    for (const { protocol, inboundSpi, outboundSpi } of entry.pairs) {
      const outbound = spiKey(entry.remote, protocol, outboundSpi);
      if (this.#outbound.get(outbound) === entry) this.#outbound.delete(outbound);
      this.#inbound.delete(spiKey(entry.local, protocol, inboundSpi));
    }
    return this.#phase2.delete(entry);
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

  #pair(local: Address, remote: Address): Pair {
    return this.#pairs.get(pairKey(local, remote)) ?? NOTHING;
  }

  #pairToChange(local: Address, remote: Address): Pair {
    const key = pairKey(local, remote);
    const pair = this.#pairs.get(key) ?? { phase1: new Set(), phase2: new Set() };
    this.#pairs.set(key, pair);
    return pair;
  }

  #dropEmptyPair(local: Address, remote: Address): void {
    const { phase1, phase2 } = this.#pair(local, remote);
    if (phase1.size === 0 && phase2.size === 0) this.#pairs.delete(pairKey(local, remote));
  }
}

function cookies(initiator: Cookie, responder: Cookie): string {
  return initiator + responder;
}

function pairKey(local: Address, remote: Address): string {
  return `${local} ${remote}`;
}

function spiKey(destination: Address, protocol: IpsecProtocol, spi: number): string {
  return `${destination}/${String(protocol)}/${String(spi)}`;
}
