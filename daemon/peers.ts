/**
 * What concerns a peer as a whole: which of its SAs is used next, who takes over from whom, that it has moved, began anew
 * or is dead. Brings together the SAs that stand (isakmp-sa-pool.ts, ipsec-sa-pool.ts) and the look after them
 * (peer-watch.ts).
 */
import type { NegotiationId } from '../services/events/event.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import { isSamePeer, maySpeakFor, withoutRule } from '../services/exchange/same-peer.js';
import type { Failure } from '../services/failure/failure.js';
import type { Address, Endpoint } from '../services/net/address.js';
import type { Rule } from '../services/policy/rule.js';
import { ruleAsItIs } from '../services/policy/select-rule.js';
import type { PlacedPeer } from '../services/ports/fellow-workers.js';
import type { IpsecProtocol, SpiPair } from '../services/ports/kernel.js';
import { err, ok, type Result } from '../services/result.js';
import type { Parted } from './course-log.js';
import { phase1Lost } from './ending.js';
import { inSlices } from './in-slices.js';
import { type AdoptedPairs, IpsecSaPool } from './ipsec-sa-pool.js';
import { IsakmpSaPool } from './isakmp-sa-pool.js';
import { KnownPeers } from './known-peers.js';
import { PeerWatch } from './peer-watch.js';
import type { DaemonPorts } from './ports.js';
import type { Phase1Entry, Phase2Entry, SaTable, Speaker } from './sa-table.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';
import type { Beginning, StandingUse } from './standing-runner.js';
import { aboutPhase1, aboutPhase2 } from './standing-words.js';

export interface PeersOwner {
  settings(): Settings;
  sendProbe(entry: Phase1Entry, sequence: number): void;
  sendIntroduction(entry: Phase1Entry, sequence: number | undefined): void;
  sendDeletePhase1(entry: Phase1Entry): void;
  sendDeletePhase2(entry: Phase1Entry, pairs: readonly SpiPair[]): void;
  /** Tells the peer when that can be done again; `entry` is gone. */
  deleteLater(entry: Speaker, pairs: readonly SpiPair[]): void;
  /** Begins a Phase 1, or joins one under way; the result is the id under which it stands. */
  negotiatePhase1(
    local: Endpoint,
    remote: Endpoint,
    rule: Rule,
    parent: NegotiationId,
  ): Promise<Result<NegotiationId, Failure>>;
  /** Runs a Quick Mode for the traffic of these SAs, with their peer. */
  negotiateAgain(entry: Phase2Entry): Promise<Result<unknown, Failure>>;
  /** A Quick Mode, or a Phase 1, has nothing more to say: what it made is withdrawn. */
  silencePhase1(id: NegotiationId): void;
  silencePhase2(id: NegotiationId): void;
  /** The peer deletes SAs that may still be under way. */
  phase2Deleted(entry: Phase1Entry, protocol: IpsecProtocol, spi: number): void;
  /** What is under way under an SA ends, or goes on at another place. */
  phase1Lost(entry: Phase1Entry, why: Failure): void;
  moved(entry: Phase1Entry): void;
  gone(parted: Parted): void;
}

/** A Phase 1 SA with its IPsec SAs and their Deletes is parted from in some 200 us. */
const GOODBYES_AT_ONCE = 256;

export class Peers {
  readonly isakmpSas: IsakmpSaPool;
  readonly ipsecSas: IpsecSaPool;
  readonly watch: PeerWatch;
  readonly lately: KnownPeers;
  readonly #ports: DaemonPorts;
  readonly #table: SaTable;
  readonly #owner: PeersOwner;

  constructor(ports: DaemonPorts, table: SaTable, use: StandingUse, owner: PeersOwner) {
    this.#ports = ports;
    this.#table = table;
    this.#owner = owner;
    this.lately = new KnownPeers(ports.clock);
    const settings = (): Settings => owner.settings();
    const placeChanged = (entry: Speaker): void => {
      this.watch.placeChanged(entry);
      this.#tellWhatStands(entry.sa);
    };
    this.watch = new PeerWatch(ports.clock, ports.kernel, table, {
      settings,
      isUsable: (entry) => this.isakmpSas.isUsable(entry),
      worry: (entry) => {
        this.isakmpSas.worry(entry);
      },
      renew: (entry) => {
        this.isakmpSas.renew(entry);
      },
      orphaned: (pairs) => {
        void this.#findAgain(pairs);
      },
    });
    this.isakmpSas = new IsakmpSaPool(ports, table, use, {
      settings,
      sendProbe: (entry, sequence) => {
        owner.sendProbe(entry, sequence);
      },
      sendIntroduction: (entry, sequence) => {
        owner.sendIntroduction(entry, sequence);
      },
      sendDelete: (entry) => {
        owner.sendDeletePhase1(entry);
      },
      negotiateAgain: (entry) => this.renewPhase1(entry),
      outOfUse: (entry) => {
        owner.silencePhase1(entry.id);
        owner.phase1Lost(entry, phase1Lost(entry.sa.remote));
      },
      spokenFor: (pair) => {
        this.ipsecSas.spokenFor(pair);
      },
      speechless: (entry) => {
        for (const child of [...entry.children]) this.ipsecSas.unspokenFor(child);
      },
      peerDead: (entry, why) => {
        this.#dead(entry, why);
      },
      inboundBytes: (pairs) => this.watch.inboundBytes(pairs),
      gone: (entry, reason) => {
        const endedAt = ports.clock.now();
        owner.gone({ about: aboutPhase1(entry, endedAt), remote: entry.sa.remote.address, reason, endedAt });
      },
      joined: (entry) => {
        this.watch.joined(entry);
        this.#tellWhatStands(entry.sa);
      },
      placeChanged,
    });
    this.ipsecSas = new IpsecSaPool(ports, table, use, {
      settings,
      negotiateAgain: (entry) => owner.negotiateAgain(entry),
      sendDelete: (entry, isFirst) => {
        const standing = this.isakmpSas.standing(entry.phase1);
        // Under all of them: one or the other may be known to us alone.
        for (const under of standing) owner.sendDeletePhase2(under, entry.pairs);
        if (standing.length === 0 && isFirst) owner.deleteLater(entry.phase1, entry.pairs);
      },
      announceEnd: (entry) => {
        for (const under of this.isakmpSas.standing(entry.phase1)) owner.sendDeletePhase2(under, entry.pairs);
      },
      deleteLater: (entry) => {
        owner.deleteLater(entry.phase1, entry.pairs);
      },
      leaving: (entry) => {
        owner.silencePhase2(entry.id);
      },
      idleMs: (entry) => this.watch.idleMs(entry),
      gone: (entry, reason) => {
        const endedAt = ports.clock.now();
        owner.gone({ about: aboutPhase2(entry, endedAt), remote: entry.remote, reason, endedAt });
      },
      placeChanged,
    });
    ports.fellows?.onNews((news) => {
      if (news.type === 'deleted') this.#deletedElsewhere(news.peer, news.protocol, news.spis);
      else this.#clear(news.peer, ports.clock.now() - news.agoMs, undefined);
    });
  }

  /** A Phase 1 has come to its end well. */
  established(id: NegotiationId, record: Phase1Record): void {
    const entry = this.isakmpSas.establish(id, record);
    this.lately.add(record.remote.address);
    if (record.peerInitialContact) this.beganAnew(entry);
  }

  /** IPsec SAs of an earlier run; the Phase 1 SA of their peer is known from what was remembered alone. */
  adopt(speaker: Speaker, pairs: AdoptedPairs): void {
    const entry = this.ipsecSas.adopt(speaker, pairs);
    const standing = this.isakmpSas.youngest(speaker);
    if (standing === undefined) return;
    // The peer was quicker than the start.
    this.#table.attribute(entry, standing);
    this.ipsecSas.spokenFor(entry);
  }

  /** Whether anything stands with a peer at this address, here or at another worker. */
  knows(local: Address, remote: Address): boolean {
    return this.#stands(local, remote) || this.#ports.fellows?.knows(local, remote) === true;
  }

  #stands(local: Address, remote: Address): boolean {
    // IPsec SAs without a Phase 1 SA count too: INITIAL-CONTACT would make the peer drop its halves of them.
    return this.#table.knows(local, remote);
  }

  /**
   * The youngest usable Phase 1 SA of those made under the rule of the same label (a refresh makes new objects of the same
   * rules); with the same peer as `near`, where that is given.
   */
  usablePhase1(local: Address, remote: Address, rule: Rule, near?: Speaker): Phase1Entry | undefined {
    const all =
      near === undefined ? this.#table.phase1Between(local, remote) : this.#table.at(near.sa).phase1;
    let youngest: Phase1Entry | undefined;
    for (const entry of all) {
      const fits = near === undefined || isSamePeer(entry.sa, near.sa);
      if (!fits || entry.sa.rule.label !== rule.label || !this.isakmpSas.isUsable(entry)) continue;
      if (youngest === undefined || entry.madeAt >= youngest.madeAt) youngest = entry;
    }
    return youngest;
  }

  /**
   * Nothing is negotiated under a rule that went. The first Quick Mode is part of what was under way when the Phase 1 SA was
   * made, and is not disturbed, as nothing that is under way.
   */
  ruleOf({ sa, madeAt, quickModesCreated }: Phase1Entry): Result<Rule, Failure> {
    const { config } = this.#owner.settings();
    const isFresh = this.#ports.clock.thisTurn() - madeAt <= retryWindowMs(timingOf(config.globals));
    return quickModesCreated === 0 && isFresh ? ok(sa.rule) : ruleAsItIs(config, sa.rule);
  }

  async negotiatePhase1(
    local: Endpoint,
    remote: Endpoint,
    rule: Rule,
    parent: NegotiationId,
  ): Promise<Result<Phase1Entry, Failure>> {
    const result = await this.#owner.negotiatePhase1(local, remote, rule, parent);
    if (!result.ok) return result;
    const entry = this.#table.phase1ById(result.value);
    return entry === undefined ? err(phase1Lost(remote)) : ok(entry);
  }

  /** After a Quick Mode without an answer: whether the peer lives. An SA under which it cannot be asked is given up. */
  async prove(entry: Phase1Entry): Promise<boolean> {
    if (entry.sa.features.deadPeerDetection) return this.isakmpSas.probe(entry);
    this.isakmpSas.delete(entry, 'the peer answers nothing under it, and cannot be asked whether it lives');
    return false;
  }

  /** The peer has authenticated a message under the SA, from `remote`. */
  heard(entry: Phase1Entry, remote: Endpoint): void {
    const { features, remote: before } = entry.sa;
    const moved = before.address !== remote.address || before.port !== remote.port;
    if (moved && features.nat.remote) this.#moved(entry, remote);
    this.isakmpSas.heard(entry);
  }

  /** The peer deletes what it receives on. */
  peerDeletedPhase2(entry: Phase1Entry, protocol: 50 | 51, spis: readonly number[]): void {
    const { sa } = entry;
    const unknown = spis.filter((spi) => !this.#peerDeleted(sa, protocol, spi));
    for (const spi of unknown) this.#owner.phase2Deleted(entry, protocol, spi);
    const { fellows } = this.#ports;
    if (unknown.length > 0 && fellows?.knows(sa.local.address, sa.remote.address) === true)
      fellows.tell({ type: 'deleted', peer: withoutRule(sa), protocol, spis: unknown });
  }

  /** Another worker was told, to whose Phase 1 SA with the peer the Delete belongs. */
  #deletedElsewhere(peer: PlacedPeer, protocol: IpsecProtocol, spis: readonly number[]): void {
    for (const spi of spis) this.#peerDeleted(peer, protocol, spi);
  }

  /** Whether there is such an SA with that peer. Another client behind the same NAT has no say in it. */
  #peerDeleted(peer: PlacedPeer, protocol: IpsecProtocol, spi: number): boolean {
    const { address } = peer.remote;
    const found = this.#table.phase2BySpi(address, protocol, spi);
    if (found === undefined || !maySpeakFor(peer, found.phase1.sa)) return false;
    const receives = found.pairs.some((pair) => pair.protocol === protocol && pair.outboundSpi === spi);
    // AH and ESP of one Quick Mode are of no use without each other: the Delete of either ends both.
    if (receives && found.remote === address) this.ipsecSas.peerDeleted(found);
    return true;
  }

  /**
   * INITIAL-CONTACT, RFC 2407 4.6.3.3: the peer has no other SAs with us. Clears those of the same authenticated identity
   * at the same place only, and none that were made since the peer began to say so: its message may have been on its way
   * for long. Nor a Phase 1 SA that the peer may be about to have: our last message of it may still be on its way.
   */
  beganAnew(entry: Phase1Entry): void {
    this.#clear(entry.sa, entry.begunAt, entry);
    const { fellows, clock } = this.#ports;
    const { local, remote } = entry.sa;
    if (fellows?.knows(local.address, remote.address) !== true) return;
    fellows.tell({ type: 'began-anew', peer: withoutRule(entry.sa), agoMs: clock.now() - entry.begunAt });
  }

  /** `but` is the SA under which the peer has said so, where it is this worker's. */
  #clear(sa: PlacedPeer, begunAt: number, but: Phase1Entry | undefined): void {
    const { phase1, phase2 } = this.#table.at(sa);
    const reason = 'the peer started anew';
    for (const pair of phase2) {
      if (pair.madeAt < begunAt && isSamePeer(pair.phase1.sa, sa)) this.ipsecSas.forget(pair, reason);
    }
    for (const older of phase1) {
      const known =
        older.confirmedAt ?? older.madeAt + retryWindowMs(timingOf(this.#owner.settings().config.globals));
      if (older !== but && known < begunAt && isSamePeer(older.sa, sa)) this.isakmpSas.forget(older, reason);
    }
  }

  /**
   * Deletes everything: the IPsec SAs first, while their Phase 1 SA can still authenticate the Delete. Resolves when all
   * Deletes have been sent, once each.
   */
  async sayGoodbye(reason: string): Promise<void> {
    const { clock } = this.#ports;
    const part = (entry: Phase1Entry): void => {
      if (this.#table.phase1ById(entry.id) !== entry) return;
      const children = [...entry.children];
      this.#owner.sendDeletePhase2(
        entry,
        children.flatMap((child) => child.pairs),
      );
      for (const child of children) this.ipsecSas.forget(child, reason);
      this.isakmpSas.delete(entry, reason);
      // Nobody will be there to say it again.
      this.isakmpSas.forget(entry, reason);
    };
    await inSlices(clock, [...this.#table.phase1()], part, GOODBYES_AT_ONCE);
    this.isakmpSas.forgetAll(reason);
    await inSlices(clock, [...this.#table.phase2()], (pair) => {
      this.ipsecSas.forget(pair, reason);
    });
  }

  /** How each that stands began, for who begins to watch. */
  *beginnings(): Generator<Beginning> {
    yield* this.isakmpSas.records.beginnings();
    yield* this.ipsecSas.records.beginnings();
  }

  /** The kernel has none of them any more. */
  forgetPairs(reason: string): void {
    void inSlices(this.#ports.clock, [...this.#table.phase2()], (entry) => {
      this.ipsecSas.forget(entry, reason);
    });
  }

  /** A new Phase 1 SA with the peer of one that stands or stood. */
  renewPhase1({ sa, standing }: Speaker): Promise<Result<Phase1Entry, Failure>> {
    const rule = ruleAsItIs(this.#owner.settings().config, sa.rule);
    if (!rule.ok) return Promise.resolve(rule);
    return this.negotiatePhase1(sa.local, sa.remote, rule.value, standing);
  }

  #tellWhatStands({ local, remote }: PlacedPeer): void {
    const { fellows } = this.#ports;
    fellows?.standing(local.address, remote.address, this.#stands(local.address, remote.address));
  }

  /** Its NAT has given it another port or address; it has authenticated itself from there. */
  #moved(entry: Phase1Entry, remote: Endpoint): void {
    const before = entry.sa;
    this.#table.movePhase1(entry, remote);
    this.#tellWhatStands(before);
    this.#tellWhatStands(entry.sa);
    this.#owner.moved(entry);
    for (const child of entry.children) this.#moveInKernel(child, remote);
    this.watch.joined(entry);
  }

  /**
   * ESP follows to the new port. To another address it does not: the SAs are known by it here and in the kernel, and
   * the peer makes new ones, or is found dead at the old place.
   */
  #moveInKernel({ local, remote, pairs }: Phase2Entry, to: Endpoint): void {
    if (to.address !== remote) return;
    for (const { protocol, inboundSpi, outboundSpi } of pairs) {
      for (const sa of [
        { destination: local, protocol, spi: inboundSpi },
        { destination: remote, protocol, spi: outboundSpi },
      ]) {
        this.#ports.kernel.moveRemote(sa, to).catch((error: unknown) => {
          const call = 'moveRemote';
          const detail = `${String(protocol)} of ${to.address}`;
          this.#ports.events.emit({ type: 'kernel.call', call, detail, error: String(error) });
        });
      }
    }
  }

  /** IPsec SAs that no Phase 1 SA speaks for, and a peer that does not send: a new Phase 1 SA asks it and tells it. */
  async #findAgain(pairs: readonly Phase2Entry[]): Promise<void> {
    const pair = pairs.at(-1);
    if (pair === undefined) return;
    const found = await this.renewPhase1(pair.phase1);
    if (found.ok || found.error.code !== 'peer-silent') return;
    // It may have begun one itself meanwhile, and only our own question is lost: that one is asked under instead.
    const since = this.isakmpSas.youngest(pair.phase1);
    if (since === undefined) this.#dead(pair.phase1, found.error);
    else this.isakmpSas.worry(since);
  }

  /** Clears what stands with a peer that does not live, here and in the kernel: the next packet begins anew. */
  #dead(entry: Speaker, why: Failure): void {
    const pairs = this.#table.at(entry.sa).phase2.filter((pair) => isSamePeer(pair.phase1.sa, entry.sa));
    this.#ports.events.emit({
      type: 'peer.dead',
      negotiation: entry.standing,
      remote: entry.sa.remote,
      phase2: pairs.length,
      failure: why,
    });
    for (const pair of pairs) this.ipsecSas.forget(pair, 'the peer is dead');
  }
}
