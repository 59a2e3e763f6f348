/** Runs Phase 1 negotiations of both modes: finds them by cookies, gives their charts effects and jobs, makes SAs of them. */
import type { ExchangeOutput } from '../machines/exchange.js';
import type { NegotiationId } from '../services/events/event.js';
import { prepareOffer } from '../services/exchange/phase1-offer.js';
import { readClear } from '../services/exchange/phase1-reading.js';
import {
  AFTER_PHASE1,
  blankPhase1,
  EXCHANGE_TITLE,
  learn,
  type Phase1Record,
} from '../services/exchange/phase1-record.js';
import type { Failure } from '../services/failure/failure.js';
import { type Cookie, FLAG, freshCookie, type IsakmpHeader, ZERO_COOKIE } from '../services/isakmp/header.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import { handlesOf } from '../services/keymat/phase1-keys.js';
import type { Address, Endpoint } from '../services/net/address.js';
import type { Rule } from '../services/policy/rule.js';
import { rulesForResponder } from '../services/policy/select-rule.js';
import type { Datagram } from '../services/ports/udp.js';
import { err, ok, type Result } from '../services/result.js';
import type { DropCounter } from './drop-counter.js';
import { crowdedOut, explainEnding } from './ending.js';
import { type ChartUse, ExchangeRunner } from './exchange-runner.js';
import { HalfOpen } from './half-open.js';
import { LatelyEnded } from './lately-ended.js';
import { summarize } from './message-summary.js';
import type { Negotiation } from './negotiation.js';
import { Numbers } from './numbers.js';
import { ownCookie } from './own-cookie.js';
import { Phase1Index } from './phase1-index.js';
import { Phase1Steps } from './phase1-steps.js';
import { type DaemonPorts, recordedPortsOf } from './ports.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';
import { Throttle } from './throttle.js';

type Phase1Negotiation = Negotiation<Phase1Record>;

export interface Phase1Owner {
  settings(): Settings;
  readonly nattPort: number;
  /** Whether an older Phase 1 SA with this peer is known. */
  knowsPeer(local: Address, remote: Address): boolean;
  /** Whether a standing Phase 1 SA with this peer began with this cookie. */
  knowsCookie(local: Address, remote: Address, initiatorCookie: Cookie): boolean;
  established(id: NegotiationId, record: Phase1Record): void;
  /** Before it is told to anybody. */
  failed(id: NegotiationId, record: Phase1Record, failure: Failure): void;
  statistics: {
    attempted(role: Phase1Record['role']): void;
  };
}

/** Failed negotiations of others that are remembered for one retry window, so that a duplicate does not begin anew. */
const MOST_FAILED = 2048;

export class Phase1Pool {
  readonly #ports: DaemonPorts;
  readonly #drops: DropCounter;
  readonly #owner: Phase1Owner;
  readonly #runner: ExchangeRunner<Phase1Record>;
  readonly #refusals: Throttle;
  readonly halfOpen: HalfOpen;
  readonly #failed: LatelyEnded;
  /** Live and lately ended ones. */
  readonly #index = new Phase1Index<Phase1Negotiation>();
  readonly #waiting = new Map<NegotiationId, ((result: Result<NegotiationId, Failure>) => void)[]>();
  /** Established ones whose last message may have to be sent again. */
  readonly #lately = new Map<NegotiationId, Phase1Negotiation>();
  /** Aggressive Modes that we began and ended, while nothing shows that message 3 arrived. */
  readonly #unconfirmed = new Set<NegotiationId>();
  readonly #numbers: Numbers;

  constructor(ports: DaemonPorts, drops: DropCounter, charts: ChartUse, owner: Phase1Owner) {
    this.#ports = ports;
    this.#numbers = new Numbers(ports.fellows?.place);
    this.#drops = drops;
    this.#owner = owner;
    this.#refusals = new Throttle(ports.clock, 1000);
    this.halfOpen = new HalfOpen(ports.clock);
    this.#failed = new LatelyEnded(ports.clock, MOST_FAILED);
    const steps = new Phase1Steps(ports, {
      settings: () => owner.settings(),
      nattPort: owner.nattPort,
      knowsPeer: (local, remote) => owner.knowsPeer(local, remote),
      transmit: (negotiation, bytes, summary) => {
        this.#runner.transmit(negotiation, bytes, summary);
      },
    });
    this.#runner = new ExchangeRunner<Phase1Record>(ports, drops, charts, {
      destination: ({ record }) => record,
      effects: {
        sendOffer: (negotiation) => steps.sendOffer(negotiation),
        chooseProposal: (negotiation) => steps.chooseProposal(negotiation),
        sendChoice: (negotiation) => steps.sendChoice(negotiation),
        sendKeyExchange: (negotiation) => steps.sendKeyExchange(negotiation),
        sendProof: (negotiation) => steps.sendProof(negotiation),
        checkProof: (negotiation) => steps.checkProof(negotiation),
      },
      jobs: {
        'crypto.generateKeyPair': (negotiation) => steps.generateKeyPair(negotiation),
        'crypto.sharedSecret': (negotiation) => steps.sharedSecret(negotiation),
        'crypto.sign': (negotiation) => steps.sign(negotiation),
        'crypto.decrypt': (negotiation) => steps.decrypt(negotiation),
      },
      read: (negotiation, datagram, header, expects) => steps.read(negotiation, datagram, header, expects),
      ended: (negotiation, output) => {
        this.#ended(negotiation, output);
      },
    });
  }

  /** A Main Mode or Aggressive Mode datagram of any kind. */
  receive(datagram: Datagram, header: IsakmpHeader): void {
    const negotiation = this.#index.find(header, datagram.remote);
    if (negotiation !== undefined) {
      this.#ports.recorder?.heard(negotiation.id, datagram);
      if (this.#mayGoOn(negotiation, datagram, header)) this.#runner.deliver(negotiation, datagram, header);
    } else if (header.responderCookie === ZERO_COOKIE) {
      this.#respond(datagram, header);
    } else {
      this.#drops.drop(datagram.remote, 'its cookies belong to no negotiation');
    }
  }

  /** Whether a message with this header would find a negotiation; one without both cookies finds none. */
  knows(header: IsakmpHeader, remote: Endpoint): boolean {
    return header.responderCookie !== ZERO_COOKIE && this.#index.find(header, remote) !== undefined;
  }

  /** A live negotiation that a notify in the clear may be about. */
  liveByCookies(header: IsakmpHeader, remote: Endpoint): Phase1Negotiation | undefined {
    const found = this.#index.find(header, remote);
    return found?.record.firstRemote.address === remote.address && !found.ended ? found : undefined;
  }

  /**
   * Aggressive Mode ends for its initiator with a message that nothing answers. Until the peer is heard under the SA it
   * goes again with each repeat under the SA (`delivery` of Quick Mode, probes), or the two would wait for each other.
   */
  repeatLast(id: NegotiationId): void {
    const negotiation = this.#lately.get(id);
    if (negotiation !== undefined && this.#unconfirmed.has(id)) this.#runner.repeat(negotiation);
  }

  /** The peer was heard under the SA, so that it has our last message. */
  confirmed(id: NegotiationId): void {
    this.#unconfirmed.delete(id);
  }

  /** Its SA is withdrawn: who has not heard our last message must not make an SA of it now. */
  silence(id: NegotiationId): void {
    this.#unconfirmed.delete(id);
    const negotiation = this.#lately.get(id);
    if (negotiation !== undefined) this.#runner.forget(negotiation);
  }

  live(): IterableIterator<Phase1Negotiation> {
    return this.#runner.negotiations();
  }

  /**
   * A Phase 1 SA with the peer under `rule`: joins a negotiation of ours that is under way, or begins one.
   * The result is the id under which the SA stands in the table.
   */
  negotiate(
    local: Endpoint,
    remote: Endpoint,
    rule: Rule,
    parent: NegotiationId,
  ): Promise<Result<NegotiationId, Failure>> {
    const underWay = this.#underWay(local, remote, rule);
    if (underWay !== undefined) return this.#resultOf(underWay);
    const settings = this.#owner.settings();
    const mode = rule.ikeMode === 'aggressive' ? 'aggressive' : 'main';
    const blank = { ...this.#blank(mode, 'initiator', local, remote, ZERO_COOKIE), rule };
    const prepared = prepareOffer(blank, rule, settings.presharedKeys);
    if (!prepared.ok) return Promise.resolve(prepared);
    const id = `p1-${String(this.#numbers.next())}`;
    const chart = `${mode}-mode-initiator` as const;
    this.#ports.recorder?.begin(id, { chart, settings, parent, offer: { local, remote, rule: rule.label } });
    const record = { ...prepared.value, initiatorCookie: ownCookie(this.#ports, id) };
    this.#announce(id, chart, record, parent);
    // Whoever asks waits before it can end.
    const result = this.#resultOf(id);
    const negotiation = this.#runner.start(id, chart, record, {
      timing: timingOf(settings.config.globals),
      pfs: false,
      method: record.method,
    });
    this.#index.add(negotiation);
    return result;
  }

  #resultOf(id: NegotiationId): Promise<Result<NegotiationId, Failure>> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? [];
      waiting.push(resolve);
      this.#waiting.set(id, waiting);
    });
  }

  #underWay(local: Endpoint, remote: Endpoint, rule: Rule): NegotiationId | undefined {
    for (const { id, record } of this.#runner.negotiations()) {
      if (
        record.role === 'initiator' &&
        record.rule?.label === rule.label &&
        record.local.address === local.address &&
        record.remote.address === remote.address
      ) {
        return id;
      }
    }
    return undefined;
  }

  #respond(datagram: Datagram, header: IsakmpHeader): void {
    const { local, remote } = datagram;
    const refuse = (reason: string): void => {
      this.#drops.drop(remote, reason);
    };
    const mode = header.exchangeType === EXCHANGE.aggressive ? 'aggressive' : 'main';
    if ((header.flags & FLAG.encryption) !== 0) {
      refuse(`the first message of ${EXCHANGE_TITLE[mode]} is encrypted`);
      return;
    }
    // RFC 2408 2.5.3: cookies are unique to an SA. This is an old message 1 that somebody sends again.
    if (this.#owner.knowsCookie(local.address, remote.address, header.initiatorCookie)) {
      refuse('an established SA began with its cookie');
      return;
    }
    const place = { exchange: `${mode}-mode`, number: 1, method: undefined, protected: false } as const;
    const decoded = readClear(header, datagram, place);
    if (!decoded.ok) {
      refuse(decoded.error);
      return;
    }
    const settings = this.#owner.settings();
    // A refusal costs an actor and an event: once a second and source is enough to see it.
    const candidates = rulesForResponder(settings.config, local.address, remote.address);
    if (candidates.usable.length === 0 && !this.#refusals.allows(remote.address)) {
      refuse('no usable rule covers its address');
      return;
    }
    const id = `p1-${String(this.#numbers.next())}`;
    const admitted = this.halfOpen.admit(id, remote.address, mode);
    if (!admitted.ok) {
      refuse(admitted.error);
      return;
    }
    this.#displace(admitted.value);
    const chart = `${mode}-mode-responder` as const;
    this.#ports.recorder?.begin(id, { chart, settings });
    this.#ports.recorder?.heard(id, datagram);
    const { initiatorCookie } = header;
    const responderCookie = freshCookie(recordedPortsOf(this.#ports, id).random);
    const record = this.#blank(mode, 'responder', local, remote, initiatorCookie, responderCookie);
    this.#announce(id, chart, record, undefined);
    this.#ports.events.emit({
      type: 'message.received',
      negotiation: id,
      local,
      remote,
      message: summarize(header.exchangeType, 1, decoded.value, false, 0, datagram.bytes.length),
    });
    const negotiation = this.#runner.start(id, chart, record, {
      timing: timingOf(settings.config.globals),
      pfs: false,
      first: { payloads: decoded.value, bytes: datagram.bytes },
    });
    this.#index.add(negotiation);
  }

  /** A message with our cookie shows that the address is the peer's own, and lets it ask for Diffie-Hellman. */
  #mayGoOn(negotiation: Phase1Negotiation, { remote }: Datagram, header: IsakmpHeader): boolean {
    const { id, record, ended } = negotiation;
    if (ended || record.role === 'initiator' || header.responderCookie !== record.responderCookie)
      return true;
    this.#displace(this.halfOpen.answered(id));
    if (this.halfOpen.mayCompute(id)) return true;
    this.#drops.drop(remote, 'its source asks for too much Diffie-Hellman');
    return false;
  }

  #displace(id: NegotiationId | undefined): void {
    const negotiation = id === undefined ? undefined : this.#runner.byId(id);
    if (negotiation === undefined) return;
    this.#drops.drop(negotiation.record.remote, 'its negotiation made room for others');
    negotiation.send({ type: 'DISPLACED', failure: crowdedOut(negotiation.record.remote) });
  }

  #announce(id: NegotiationId, chart: string, record: Phase1Record, parent: NegotiationId | undefined): void {
    this.#owner.statistics.attempted(record.role);
    this.#ports.events.emit({
      type: 'negotiation.started',
      negotiation: id,
      chart,
      local: record.local,
      remote: record.remote,
      rule: record.rule?.label,
      parent,
    });
  }

  #blank(
    mode: Phase1Record['mode'],
    role: Phase1Record['role'],
    local: Endpoint,
    remote: Endpoint,
    initiatorCookie: Cookie,
    responderCookie = ZERO_COOKIE,
  ): Phase1Record {
    const { config, certificates: stores } = this.#owner.settings();
    const begunAt = this.#ports.clock.now();
    const ends = { local, remote, initiatorCookie, responderCookie };
    return blankPhase1({ mode, role, ...ends, config, stores, begunAt });
  }

  // The end

  #ended(negotiation: Phase1Negotiation, output: ExchangeOutput): void {
    const { id, record } = negotiation;
    const timing = timingOf(this.#owner.settings().config.globals);
    const succeeded = output.outcome.kind === 'succeeded';
    this.halfOpen.ended(id, succeeded);
    this.#forgetLater(negotiation, retryWindowMs(timing), succeeded || record.role === 'initiator');
    if (record.keyPair !== undefined) this.#ports.crypto.erase(record.keyPair.privateKey);
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    if (succeeded) {
      this.#lately.set(id, negotiation);
      if (record.mode === 'aggressive' && record.role === 'initiator') this.#unconfirmed.add(id);
      this.#owner.established(id, record);
      learn(record, AFTER_PHASE1);
      this.#ports.events.emit({
        type: 'negotiation.ended',
        negotiation: id,
        outcome: 'established',
        failure: undefined,
      });
      for (const resolve of waiting) resolve(ok(id));
      return;
    }
    if (record.keys !== undefined) this.#ports.crypto.erase(...handlesOf(record.keys));
    const failed = explainEnding(output, {
      place: { exchange: EXCHANGE_TITLE[record.mode], message: negotiation.lastSent?.summary.number ?? 1 },
      remote: record.remote,
      attempts: timing.retryLimit + 1,
    });
    this.#owner.failed(id, record, failed);
    this.#ports.events.emit({
      type: 'negotiation.ended',
      negotiation: id,
      outcome: 'failed',
      failure: failed,
    });
    for (const resolve of waiting) resolve(err(failed));
  }

  /** `wanted`: it is the peer's or ours by right. What strangers left unfinished is kept only while there is room. */
  #forgetLater(negotiation: Phase1Negotiation, ms: number, wanted: boolean): void {
    const forget = (): void => {
      this.#runner.forget(negotiation);
      this.#unconfirmed.delete(negotiation.id);
      this.#lately.delete(negotiation.id);
      this.#index.delete(negotiation);
    };
    if (wanted) this.#ports.clock.setTimeout(forget, ms);
    else this.#failed.keep(negotiation.id, ms, forget);
  }
}
