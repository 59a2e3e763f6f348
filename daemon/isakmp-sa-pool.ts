/** Established Phase 1 SAs: runs their charts, gives them effects and jobs, and tells who takes over from whom. */
import { JobRefused } from '../machines/exchange.js';
import { namesOf } from '../services/certs/certificate-names.js';
import { DeadlineQueue } from '../services/collections/deadline-queue.js';
import { Interned } from '../services/collections/interned.js';
import type { NegotiationId } from '../services/events/event.js';
import { nextSequence } from '../services/exchange/dead-peer-detection.js';
import { copyOfIdentity, isSameIdentity } from '../services/exchange/identity.js';
import { hasSameFeatures, type PeerFeatures } from '../services/exchange/peer-features.js';
import type { PeerSa } from '../services/exchange/phase1-sa.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import { phase1Yields } from '../services/exchange/rivals.js';
import { isSamePeer } from '../services/exchange/same-peer.js';
import type { StateWords } from '../services/explain/explain-standing.js';
import type { Failure } from '../services/failure/failure.js';
import { handlesOf } from '../services/keymat/phase1-keys.js';
import type { Cookie } from '../services/isakmp/header.js';
import type { IdPayload } from '../services/isakmp/payloads/identification.js';
import type { StandingPhase1 } from '../services/ports/recorder.js';
import type { Phase1Suite } from '../services/proposal/phase1-suite.js';
import type { Result } from '../services/result.js';
import { peerDead } from './ending.js';
import { Numbers } from './numbers.js';
import type { DaemonPorts } from './ports.js';
import { phase1Entry } from './phase1-entry.js';
import type { Phase1Entry, Phase2Entry, SaTable, Speaker } from './sa-table.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';
import { StandingRunner, type StandingUse } from './standing-runner.js';

export interface IsakmpSaOwner {
  settings(): Settings;
  sendProbe(entry: Phase1Entry, sequence: number): void;
  /** INITIAL-CONTACT, and beside it the question that shows whether it was read; undefined: the peer takes none. */
  sendIntroduction(entry: Phase1Entry, sequence: number | undefined): void;
  sendDelete(entry: Phase1Entry): void;
  /** A new Phase 1 SA with the same peer under the same rule. */
  negotiateAgain(entry: Phase1Entry): Promise<Result<Phase1Entry, Failure>>;
  /** It takes no new exchange: what is under way under it ends now. */
  outOfUse(entry: Phase1Entry): void;
  /** It speaks for these IPsec SAs now. */
  spokenFor(pair: Phase2Entry): void;
  /** It was the last with its peer. */
  speechless(entry: Phase1Entry): void;
  /** Nothing of the peer is left to talk to. */
  peerDead(entry: Phase1Entry, why: Failure): void;
  /** Bytes that came in under SAs with the peer; grows while it lives. */
  inboundBytes(pairs: Iterable<Phase2Entry>): Promise<number>;
  /** It takes no exchange any more, and nobody finds it. */
  gone(entry: Phase1Entry, reason: string): void;
  /** It has come to its place, or gone from it. */
  joined(entry: Phase1Entry): void;
  placeChanged(entry: Phase1Entry): void;
}

export class IsakmpSaPool {
  readonly #ports: DaemonPorts;
  readonly #table: SaTable;
  readonly #owner: IsakmpSaOwner;
  readonly #runner: StandingRunner<Phase1Entry>;
  /** Out of use, but with keys: the peer may not know yet that they are deleted. By both cookies. */
  readonly #leaving = new Map<string, Phase1Entry>();
  /** What had come in when the first probe of a round left. */
  readonly #inboundBefore = new Map<Phase1Entry, Promise<number>>();
  /** Who waits for the peer to show that it lives. */
  readonly #waiting = new Map<Phase1Entry, ((alive: boolean) => void)[]>();
  /** At the ends of their lifetimes. */
  readonly #ends: DeadlineQueue<Phase1Entry>;
  // What most SAs have in common stands once.
  readonly #suites = new Interned<Phase1Suite>();
  readonly #features = new Interned<PeerFeatures>(hasSameFeatures);
  readonly #ownIdentities = new Interned<IdPayload>(isSameIdentity);
  readonly #numbers: Numbers;

  constructor(ports: DaemonPorts, table: SaTable, charts: StandingUse, owner: IsakmpSaOwner) {
    this.#ports = ports;
    this.#numbers = new Numbers(ports.fellows?.place);
    this.#table = table;
    this.#owner = owner;
    this.#ends = new DeadlineQueue<Phase1Entry>(ports.clock, (entry) => {
      this.delete(entry, 'its lifetime is over');
    });
    this.#runner = new StandingRunner<Phase1Entry>(ports, 'isakmp-sa', charts, {
      timing: () => timingOf(owner.settings().config.globals),
      input: ({ sa, madeAt, softAt }) => ({
        role: sa.role,
        graceMs: sa.suite.lifetimeSeconds * 1000 - (softAt - madeAt),
        jitter: 0,
        canAsk: sa.features.deadPeerDetection,
      }),
      about: ({ sa, id }) => ({ local: sa.local, remote: sa.remote, rule: sa.rule.label, parent: id }),
      effects: {
        sendProbe: (entry, { retransmissions }) => {
          owner.sendProbe(entry, this.#nextProbe(entry, retransmissions === 0));
        },
        sendIntroduction: (entry, { canAsk, retransmissions }) => {
          // The first interval was for a Quick Mode to come.
          owner.sendIntroduction(entry, canAsk ? this.#nextProbe(entry, retransmissions === 1) : undefined);
        },
        sendDelete: (entry) => {
          owner.sendDelete(entry);
        },
        withdraw: (entry, context) => {
          this.#withdraw(entry, context.reason);
        },
      },
      jobs: {
        'negotiate.phase1': async (entry) => {
          const result = await owner.negotiateAgain(entry);
          if (result.ok) return;
          // Some fail before there is a negotiation that could say why: without a rule, or with a key that is locked.
          const { standing: negotiation } = entry;
          this.#ports.events.emit({ type: 'phase1.not-renewed', negotiation, failure: result.error });
          throw new JobRefused(result.error);
        },
        'kernel.usage': (entry) => this.#judge(entry),
      },
      moved: (entry) => {
        if (!this.#runner.is(entry, 'doubted')) this.#resolve(entry, true);
      },
      ended: (entry, _reason, state) => this.#ended(entry, state),
    });
  }

  /** The record of a Phase 1 that has come to its end well. */
  establish(id: NegotiationId, record: Phase1Record): Phase1Entry {
    const { rule, suite, keys, role } = record;
    if (rule === undefined || suite === undefined || keys === undefined)
      throw new Error('established without keys');
    const { clock, random } = this.#ports;
    // Whole milliseconds: V8 keeps a fraction as an object of its own.
    const now = Math.floor(clock.thisTurn());
    const lifetimeMs = suite.lifetimeSeconds * 1000;
    // The end that began goes first; what was made in one moment is not renewed in one.
    const spread = (random.bytes(1)[0] ?? 0) / 256;
    // Who reads the last message knows that the peer has the SA; who sends it does not know whether it was read.
    const confirmedAt = role === 'initiator' && record.mode === 'main' ? now : undefined;
    const soft = role === 'initiator' ? 0.85 + 0.05 * spread : 0.93 + 0.03 * spread;
    const entry = phase1Entry({
      standing: `sa-${String(this.#numbers.next())}`,
      id,
      sa: {
        role,
        local: record.local,
        remote: record.remote,
        initiatorCookie: record.initiatorCookie,
        responderCookie: record.responderCookie,
        rule,
        suite: this.#suites.of(suite),
        keys,
        // Copies: a view would keep the whole buffer of the message alive for as long as the SA.
        lastBlock: new Uint8Array(record.iv),
        ...(record.presharedKey === undefined ? {} : { presharedKey: record.presharedKey.key }),
        mode: record.mode,
        ownIdentity: record.ownIdentity && this.#ownIdentities.of(copyOfIdentity(record.ownIdentity)),
        peerIdentity: record.peerIdentity && copyOfIdentity(record.peerIdentity),
        peerCertificate: record.peerCertificate && namesOf(record.peerCertificate),
        features: this.#features.of(record.features),
      },
      createdAt: clock.wallTime(),
      begunAt: Math.floor(record.begunAt),
      madeAt: now,
      softAt: now + Math.floor(lifetimeMs * soft),
      confirmedAt,
      heardAt: confirmedAt,
      messageIds: [],
    });
    this.#ends.set(entry, now + lifetimeMs);
    this.#table.addPhase1(entry);
    this.#ports.events.emit({
      type: 'phase1.established',
      negotiation: id,
      cookies: cookiesOf(entry),
      role,
    });
    this.#runner.begin(entry);
    if (record.initialContact && role === 'responder' && record.mode === 'aggressive')
      this.#runner.send(entry, { type: 'INTRODUCE' });
    this.#takeOver(entry);
    this.#settleRivals(entry);
    this.#owner.joined(entry);
    return entry;
  }

  /** The SA of an exchange that was run elsewhere: that of a recording. */
  stand(known: StandingPhase1): Phase1Entry {
    const entry = phase1Entry(known);
    this.#ends.set(entry, entry.madeAt + entry.sa.suite.lifetimeSeconds * 1000);
    this.#table.addPhase1(entry);
    this.#runner.begin(entry);
    this.#owner.joined(entry);
    return entry;
  }

  /** Deleted here, perhaps not yet at the peer: it takes no exchange, but what the peer says under it is heard. */
  leaving(initiatorCookie: Cookie, responderCookie: Cookie): Phase1Entry | undefined {
    return this.#leaving.get(`${initiatorCookie}/${responderCookie}`);
  }

  /** Whether INITIAL-CONTACT is to ride in what leaves under it. */
  introduces(entry: Phase1Entry): boolean {
    return this.#runner.is(entry, 'introducing');
  }

  /** The peer has answered what it rode in. */
  introduced(entry: Phase1Entry): void {
    this.#runner.send(entry, { type: 'INTRODUCED' });
  }

  /** Whether new exchanges may begin under it. */
  isUsable(entry: Phase1Entry): boolean {
    return this.#runner.is(entry, 'usable');
  }

  /** Of those with the same peer the one that was made last; `entry` may be among them or gone. */
  youngest(entry: Speaker): Phase1Entry | undefined {
    return this.#last(entry.sa, (other) => this.isUsable(other));
  }

  /** All with the same peer that still take messages, oldest first; `entry` may be among them or gone. */
  standing(entry: Speaker): readonly Phase1Entry[] {
    return this.#others(entry.sa);
  }

  /** The peer has authenticated a message under it. */
  heard(entry: Phase1Entry): void {
    entry.heardAt = Math.floor(this.#ports.clock.thisTurn());
    entry.confirmedAt ??= entry.heardAt;
    this.#runner.send(entry, { type: 'HEARD' });
  }

  /** Something should have been heard. Without dead peer detection there is no way to ask (RFC 3706 5.1). */
  worry(entry: Phase1Entry): void {
    if (entry.sa.features.deadPeerDetection) this.#runner.send(entry, { type: 'WORRY' });
  }

  /** Whether the peer is being asked whether it lives. */
  isAsking(entry: Phase1Entry): boolean {
    return this.#runner.is(entry, 'doubted');
  }

  renew(entry: Phase1Entry): void {
    this.#runner.send(entry, { type: 'RENEW' });
  }

  /** Asks the peer; the answer is whether it lives. One that cannot be asked is taken for alive. */
  probe(entry: Phase1Entry): Promise<boolean> {
    this.worry(entry);
    if (!this.#runner.is(entry, 'doubted')) return Promise.resolve(this.isUsable(entry));
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(entry) ?? [];
      waiting.push(resolve);
      this.#waiting.set(entry, waiting);
    });
  }

  /** Out of use at once; its Delete is sent, more than once. IPsec SAs live on (RFC 2408 3.15 names SAs one by one). */
  delete(entry: Phase1Entry, reason: string): void {
    this.#runner.send(entry, { type: 'DELETE', reason });
  }

  peerDeleted(entry: Phase1Entry): void {
    this.#runner.send(entry, { type: 'PEER_DELETED', reason: 'the peer deleted it' });
  }

  /** Gone without a word. */
  forget(entry: Phase1Entry, reason: string): void {
    this.#runner.send(entry, { type: 'FORGET', reason });
  }

  /** Undefined when it is gone. */
  standsAt(entry: Phase1Entry): readonly StateWords[] | undefined {
    return this.#runner.standsAt(entry);
  }

  /** Those that stand, as they began. */
  get records(): Pick<StandingRunner<Phase1Entry>, 'beginningOf' | 'beginnings'> {
    return this.#runner;
  }

  /** The daemon ends: also those whose Delete would have been repeated. */
  forgetAll(reason: string): void {
    this.#runner.sendAll({ type: 'FORGET', reason });
  }

  #others(sa: PeerSa): readonly Phase1Entry[] {
    return this.#table.at(sa).phase1.filter((other) => isSamePeer(other.sa, sa));
  }

  /** The youngest with the same peer of which that is true. */
  #last(sa: PeerSa, isMeant: (other: Phase1Entry) => boolean): Phase1Entry | undefined {
    return this.#table.at(sa).phase1.findLast((other) => isMeant(other) && isSamePeer(other.sa, sa));
  }

  /** The newest SA with a peer speaks for all IPsec SAs with it. */
  #takeOver(entry: Phase1Entry): void {
    for (const pair of this.#table.at(entry.sa).phase2) {
      if (pair.phase1 === entry || !isSamePeer(pair.phase1.sa, entry.sa)) continue;
      this.#table.attribute(pair, entry);
      this.#owner.spokenFor(pair);
    }
  }

  /** Of two that both ends made at the same time, one is enough; the end that made the other retires it. */
  #settleRivals(entry: Phase1Entry): void {
    const window = Math.min(
      retryWindowMs(timingOf(this.#owner.settings().config.globals)),
      entry.sa.suite.lifetimeSeconds * 500,
    );
    for (const other of this.#table.at(entry.sa).phase1) {
      const rival = other.sa.role !== entry.sa.role && entry.madeAt - other.madeAt <= window;
      if (!rival || !isSamePeer(other.sa, entry.sa)) continue;
      if (!this.#runner.is(other, 'rival') || other.sa.rule.label !== entry.sa.rule.label) continue;
      const loser = phase1Yields(entry.sa, other.sa) ? entry : other;
      if (loser.sa.role === 'initiator') this.#runner.send(loser, { type: 'YIELD' });
    }
  }

  /** The number of the next R-U-THERE. */
  #nextProbe(entry: Phase1Entry, isFirst: boolean): number {
    const { probes } = entry;
    const sequence = nextSequence(probes.sent, () => this.#ports.random.bytes(4));
    if (isFirst) {
      probes.unanswered = sequence;
      this.#inboundBefore.set(entry, this.#owner.inboundBytes(entry.children));
    }
    probes.sent = sequence;
    return sequence;
  }

  /** Resolves when the peer lives, though it does not answer under this SA. */
  async #judge(entry: Phase1Entry): Promise<void> {
    const other = this.#last(entry.sa, (candidate) => candidate !== entry && this.isUsable(candidate));
    const retiring = this.#last(entry.sa, (candidate) => this.#runner.is(candidate, 'retiring'));
    // What has taken its place is this one, under which the peer says nothing.
    if (other === undefined && retiring !== undefined)
      this.#runner.send(retiring, { type: 'SUCCESSOR_LOST' });
    const left = other ?? retiring;
    if (left !== undefined) {
      this.worry(left);
      return;
    }
    const before = await this.#inboundBefore.get(entry);
    const now = await this.#owner.inboundBytes(entry.children);
    if (before === undefined || now <= before) throw new JobRefused(peerDead(entry.sa.remote));
  }

  /** No exchange finds it any more; what it spoke for is spoken for by another, if there is one. */
  #withdraw(entry: Phase1Entry, reason: string): void {
    this.#ends.remove(entry);
    this.#owner.outOfUse(entry);
    this.#table.removePhase1(entry);
    this.#leaving.set(cookiesOf(entry), entry);
    this.#owner.gone(entry, reason);
    this.#ports.events.emit({ type: 'phase1.gone', cookies: cookiesOf(entry), reason });
    const heir = this.#last(entry.sa, (other) => this.isUsable(other));
    const revived = this.#last(entry.sa, (other) => this.#runner.is(other, 'retiring'));
    if (heir === undefined && revived !== undefined) this.#runner.send(revived, { type: 'SUCCESSOR_LOST' });
    const next = heir ?? revived;
    if (next === undefined) this.#owner.speechless(entry);
    else for (const child of [...entry.children]) this.#table.attribute(child, next);
    this.#owner.placeChanged(entry);
  }

  #resolve(entry: Phase1Entry, alive: boolean): void {
    const waiting = this.#waiting.get(entry) ?? [];
    this.#waiting.delete(entry);
    this.#inboundBefore.delete(entry);
    for (const resolve of waiting) resolve(alive);
  }

  #ended(entry: Phase1Entry, state: 'gone' | 'dead'): Failure | undefined {
    this.#leaving.delete(cookiesOf(entry));
    this.#ports.crypto.erase(...handlesOf(entry.sa.keys));
    const why = state === 'dead' ? peerDead(entry.sa.remote) : undefined;
    if (why !== undefined) this.#owner.peerDead(entry, why);
    this.#resolve(entry, false);
    return why;
  }
}

function cookiesOf({ sa }: Phase1Entry): string {
  return `${sa.initiatorCookie}/${sa.responderCookie}`;
}
