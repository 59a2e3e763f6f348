/** Runs Main Mode negotiations: finds them by cookies, gives their charts effects and jobs, makes SAs of them. */
import type { ExchangeEvent, ExchangeOutput } from '../machines/exchange.js';
import { hex, NO_BYTES } from '../services/bytes.js';
import type { NegotiationId } from '../services/events/event.js';
import { expiry, type GivingUp, jobFailed, silence } from '../services/exchange/giving-up.js';
import * as mainMode from '../services/exchange/main-mode.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import {
  type HeaderFields,
  openMessage,
  type Protection,
  sealMessage,
} from '../services/exchange/protection.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import {
  FLAG,
  type Cookie,
  HEADER_LENGTH,
  type IsakmpHeader,
  ZERO_COOKIE,
} from '../services/isakmp/header.js';
import { checkMessage } from '../services/isakmp/message-rules.js';
import { decodePayloads, encodeMessage } from '../services/isakmp/message.js';
import { type DecodedPayload, type Payload, verifyPayload } from '../services/isakmp/payload.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import { type Address, type Endpoint, formatEndpoint } from '../services/net/address.js';
import type { Rule } from '../services/policy/rule.js';
import { presharedKeyFor } from '../services/policy/select-preshared-key.js';
import { rulesForResponder } from '../services/policy/select-rule.js';
import type { KeyHandle } from '../services/ports/keys.js';
import type { Datagram } from '../services/ports/udp.js';
import { err, ok, type Result } from '../services/result.js';
import type { ChartWatcher } from './chart-watcher.js';
import type { DropCounter } from './drop-counter.js';
import { ExchangeRunner, type Negotiation } from './exchange-runner.js';
import { summarize } from './message-summary.js';
import type { DaemonPorts } from './ports.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';
import { Throttle } from './throttle.js';

type Phase1Negotiation = Negotiation<Phase1Record>;

export interface Phase1Owner {
  settings(): Settings;
  /** Whether an older Phase 1 SA with this peer is known. */
  knowsPeer(local: Address, remote: Address): boolean;
  established(id: NegotiationId, record: Phase1Record): void;
  /** Sends an unprotected error notify, as rarely as is safe. */
  warnPeer(record: Phase1Record, notifyType: number): void;
  statistics: {
    attempted(role: Phase1Record['role']): void;
    failed(role: Phase1Record['role'], failure: Failure): void;
  };
}

/** Negotiations under way, and those remembered for one retry window after their end. */
const MOST_LIVE = 8192;
const MOST_REMEMBERED = 65_536;

export class Phase1Pool {
  readonly #ports: DaemonPorts;
  readonly #drops: DropCounter;
  readonly #owner: Phase1Owner;
  readonly #runner: ExchangeRunner<Phase1Record>;
  readonly #refusals: Throttle;
  /** Live and lately ended ones, by the initiator's cookie and the address of the initiator. */
  readonly #byInitiator = new Map<string, Phase1Negotiation>();
  readonly #waiting = new Map<NegotiationId, ((result: Result<NegotiationId, Failure>) => void)[]>();
  #count = 0;

  constructor(ports: DaemonPorts, drops: DropCounter, watcher: ChartWatcher, owner: Phase1Owner) {
    this.#ports = ports;
    this.#drops = drops;
    this.#owner = owner;
    this.#refusals = new Throttle(ports.clock, 1000);
    this.#runner = new ExchangeRunner<Phase1Record>(ports, drops, watcher, {
      endpoints: (record) => record,
      effects: {
        sendOffer: (negotiation) => this.#sendOffer(negotiation),
        chooseProposal: (negotiation) => this.#chooseProposal(negotiation),
        sendChoice: (negotiation) =>
          this.#sendClear(negotiation, 2, mainMode.buildChoice(negotiation.record)),
        sendKeyExchange: (negotiation) => this.#sendKeyExchange(negotiation),
        sendProof: (negotiation) => this.#sendProof(negotiation),
        checkProof: (negotiation) => this.#checkProof(negotiation),
      },
      jobs: {
        'crypto.generateKeyPair': (negotiation) => this.#generateKeyPair(negotiation),
        'crypto.sharedSecret': (negotiation) => this.#sharedSecret(negotiation),
      },
      read: (negotiation, datagram, header, expects) => this.#read(negotiation, datagram, header, expects),
      ended: (negotiation, output) => {
        this.#ended(negotiation, output);
      },
    });
  }

  /** A Main Mode datagram of any kind. */
  receive(datagram: Datagram, header: IsakmpHeader): void {
    const negotiation = this.#find(datagram, header);
    if (negotiation !== undefined) {
      this.#runner.deliver(negotiation, datagram, header);
    } else if (header.responderCookie === ZERO_COOKIE) {
      this.#respond(datagram, header);
    } else {
      this.#drops.drop(datagram.remote, 'its cookies belong to no negotiation');
    }
  }

  /** A live negotiation that a notify in the clear may be about. */
  liveByCookies(header: IsakmpHeader, remote: Endpoint): Phase1Negotiation | undefined {
    for (const negotiation of this.#runner.negotiations()) {
      const { record } = negotiation;
      if (
        record.initiatorCookie === header.initiatorCookie &&
        record.remote.address === remote.address &&
        (header.responderCookie === ZERO_COOKIE ||
          record.responderCookie === ZERO_COOKIE ||
          record.responderCookie === header.responderCookie)
      ) {
        return negotiation;
      }
    }
    return undefined;
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
    const under = this.#underWay(local, remote, rule) ?? this.#initiate(local, remote, rule, parent);
    if (!under.ok) return Promise.resolve(under);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(under.value) ?? [];
      waiting.push(resolve);
      this.#waiting.set(under.value, waiting);
    });
  }

  #underWay(local: Endpoint, remote: Endpoint, rule: Rule): Result<NegotiationId, Failure> | undefined {
    for (const { id, record } of this.#runner.negotiations()) {
      if (
        record.role === 'initiator' &&
        record.rule === rule &&
        record.local.address === local.address &&
        record.remote.address === remote.address
      ) {
        return ok(id);
      }
    }
    return undefined;
  }

  #initiate(
    local: Endpoint,
    remote: Endpoint,
    rule: Rule,
    parent: NegotiationId,
  ): Result<NegotiationId, Failure> {
    const { config, presharedKeys } = this.#owner.settings();
    const key = presharedKeyFor(presharedKeys, local.address, remote.address, 'main');
    if (!key.ok) return key;
    const record: Phase1Record = {
      ...this.#blank('initiator', local, remote, this.#cookie()),
      rule,
      presharedKey: key.value.key,
      presharedWhy: key.value.why,
    };
    const id = this.#nextId();
    this.#announce(id, 'main-mode-initiator', record, parent);
    // Started in a later turn, so that whoever asked is waiting before it can end.
    queueMicrotask(() => {
      const negotiation = this.#runner.start(id, 'main-mode-initiator', record, {
        timing: timingOf(config.globals),
        pfs: false,
      });
      this.#byInitiator.set(initiatorKey(record.initiatorCookie, remote), negotiation);
    });
    return ok(id);
  }

  #respond(datagram: Datagram, header: IsakmpHeader): void {
    const { local, remote } = datagram;
    const refuse = (reason: string): void => {
      this.#drops.drop(remote, reason);
    };
    if ((header.flags & FLAG.encryption) !== 0) {
      refuse('the first message of a Main Mode is encrypted');
      return;
    }
    const decoded = readClear(header, datagram, 1);
    if (!decoded.ok) {
      refuse(decoded.error);
      return;
    }
    if (this.#runner.size >= MOST_LIVE || this.#byInitiator.size >= MOST_REMEMBERED) {
      refuse('too many negotiations are under way');
      return;
    }
    const { config } = this.#owner.settings();
    // A refusal costs an actor and an event: once a second and source is enough to see it.
    const candidates = rulesForResponder(config, local.address, remote.address);
    if (candidates.usable.length === 0 && !this.#refusals.allows(remote.address)) {
      refuse('no usable rule covers its address');
      return;
    }
    const record: Phase1Record = {
      ...this.#blank('responder', local, remote, header.initiatorCookie),
      responderCookie: this.#cookie(),
    };
    const id = this.#nextId();
    this.#announce(id, 'main-mode-responder', record, undefined);
    this.#ports.events.emit({
      type: 'message.received',
      negotiation: id,
      local,
      remote,
      message: summarize(header.exchangeType, 1, decoded.value, false, 0, datagram.bytes.length),
    });
    const negotiation = this.#runner.start(id, 'main-mode-responder', record, {
      timing: timingOf(config.globals),
      pfs: false,
      first: { payloads: decoded.value, digest: this.#runner.digest(datagram.bytes) },
    });
    this.#byInitiator.set(initiatorKey(record.initiatorCookie, remote), negotiation);
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

  #find(datagram: Datagram, header: IsakmpHeader): Phase1Negotiation | undefined {
    const negotiation = this.#byInitiator.get(initiatorKey(header.initiatorCookie, datagram.remote));
    if (negotiation === undefined) return undefined;
    const own = negotiation.record.responderCookie;
    const fits =
      header.responderCookie === own || header.responderCookie === ZERO_COOKIE || own === ZERO_COOKIE;
    return fits ? negotiation : undefined;
  }

  #blank(
    role: Phase1Record['role'],
    local: Endpoint,
    remote: Endpoint,
    initiatorCookie: Cookie,
  ): Phase1Record {
    return {
      role,
      local,
      remote,
      initiatorCookie,
      responderCookie: ZERO_COOKIE,
      rule: undefined,
      presharedKey: undefined,
      presharedWhy: '',
      nonceLength: this.#owner.settings().config.globals.phase1NonceLength,
      initialContact: false,
      offer: [],
      saBody: NO_BYTES,
      suite: undefined,
      chosen: undefined,
      keyPair: undefined,
      peerPublic: NO_BYTES,
      ownNonce: NO_BYTES,
      peerNonce: NO_BYTES,
      keys: undefined,
      iv: NO_BYTES,
      peerIdentity: undefined,
      peerInitialContact: false,
    };
  }

  /** RFC 2408 2.5.3: unpredictable and never zero. */
  #cookie(): Cookie {
    for (;;) {
      const cookie = hex(this.#ports.random.bytes(8));
      if (cookie !== ZERO_COOKIE) return cookie;
    }
  }

  #nextId(): NegotiationId {
    this.#count += 1;
    return `p1-${String(this.#count)}`;
  }

  // What the chart asks for

  #sendOffer(negotiation: Phase1Negotiation): ExchangeEvent {
    const { payloads, patch } = mainMode.buildOffer(negotiation.record);
    negotiation.record = { ...negotiation.record, ...patch };
    this.#sendClear(negotiation, 1, payloads);
    return { type: 'sent' };
  }

  #chooseProposal(negotiation: Phase1Negotiation): ExchangeEvent {
    const { config, presharedKeys } = this.#owner.settings();
    const chosen = mainMode.processOffer(negotiation.record, negotiation.payloads, config, presharedKeys);
    if (!chosen.ok) return { type: 'refused', failure: chosen.error };
    negotiation.record = { ...negotiation.record, ...chosen.value };
    const { rule } = negotiation.record;
    if (rule !== undefined) {
      this.#ports.events.emit({ type: 'negotiation.rule', negotiation: negotiation.id, rule: rule.label });
    }
    return { type: 'chosen' };
  }

  async #generateKeyPair(negotiation: Phase1Negotiation): Promise<void> {
    const group = negotiation.record.suite?.group;
    if (group === undefined) throw new Error('no group was agreed');
    const keyPair = await this.#ports.crypto.generateKeyPair(group);
    if (negotiation.ended) {
      this.#ports.crypto.erase(keyPair.privateKey);
      return;
    }
    const ownNonce = this.#ports.random.bytes(negotiation.record.nonceLength);
    negotiation.record = { ...negotiation.record, keyPair, ownNonce };
  }

  async #sharedSecret(negotiation: Phase1Negotiation): Promise<void> {
    const { suite, keyPair, peerPublic } = negotiation.record;
    if (suite === undefined || keyPair === undefined) throw new Error('no key exchange has taken place');
    const secret = await this.#ports.crypto.sharedSecret(suite.group, keyPair.privateKey, peerPublic);
    if (!negotiation.ended) {
      const keys = mainMode.deriveKeys(negotiation.record, secret, this.#ports.crypto);
      negotiation.record = { ...negotiation.record, ...keys };
    }
    this.#ports.crypto.erase(secret);
  }

  #sendKeyExchange(negotiation: Phase1Negotiation): undefined {
    const number = negotiation.record.role === 'initiator' ? 3 : 4;
    this.#sendClear(negotiation, number, mainMode.buildKeyExchange(negotiation.record));
    return undefined;
  }

  #sendProof(negotiation: Phase1Negotiation): ExchangeEvent {
    const { role, local, remote } = negotiation.record;
    negotiation.record = {
      ...negotiation.record,
      initialContact: !this.#owner.knowsPeer(local.address, remote.address),
    };
    const payloads = mainMode.buildProof(negotiation.record, this.#ports.crypto);
    const sealed = sealMessage(
      this.#ports.crypto,
      protectionOf(negotiation.record),
      headerOf(negotiation.record),
      payloads,
    );
    negotiation.record = { ...negotiation.record, iv: sealed.iv };
    const number = role === 'initiator' ? 5 : 6;
    this.#runner.transmit(
      negotiation,
      sealed.bytes,
      summarize(EXCHANGE.mainMode, number, payloads, true, 0, sealed.bytes.length),
    );
    return { type: 'sent' };
  }

  #checkProof(negotiation: Phase1Negotiation): ExchangeEvent {
    const proof = mainMode.checkProof(negotiation.record, negotiation.payloads, this.#ports.crypto);
    if (!proof.ok) return { type: 'refused', failure: proof.error };
    negotiation.record = { ...negotiation.record, ...proof.value };
    return { type: 'proved' };
  }

  #sendClear(negotiation: Phase1Negotiation, number: number, payloads: readonly Payload[]): undefined {
    const bytes = encodeMessage({ ...headerOf(negotiation.record), flags: 0 }, payloads);
    this.#runner.transmit(
      negotiation,
      bytes,
      summarize(EXCHANGE.mainMode, number, payloads, false, 0, bytes.length),
    );
    return undefined;
  }

  // What comes in

  #read(
    negotiation: Phase1Negotiation,
    datagram: Datagram,
    header: IsakmpHeader,
    expects: number,
  ): ExchangeEvent {
    return expects >= 5
      ? this.#readProtected(negotiation, datagram, header, expects)
      : this.#readOpen(negotiation, datagram, header, expects);
  }

  #readOpen(
    negotiation: Phase1Negotiation,
    datagram: Datagram,
    header: IsakmpHeader,
    expects: number,
  ): ExchangeEvent {
    if ((header.flags & FLAG.encryption) !== 0) {
      return {
        type: 'unexpected',
        reason: `an encrypted message where message ${String(expects)} in the clear is due`,
      };
    }
    const decoded = readClear(header, datagram, expects);
    if (!decoded.ok) return { type: 'unexpected', reason: decoded.error };
    const { record } = negotiation;
    if (record.role === 'initiator' && expects === 2) {
      if (header.responderCookie === ZERO_COOKIE)
        return { type: 'unexpected', reason: 'a message 2 without a cookie' };
      negotiation.record = { ...record, responderCookie: header.responderCookie };
    }
    this.#report(negotiation, datagram, expects, decoded.value, false);
    const processed =
      expects === 2
        ? mainMode.processChoice(negotiation.record, decoded.value)
        : mainMode.processKeyExchange(negotiation.record, decoded.value, this.#ports.crypto);
    return this.#verdict(negotiation, decoded.value, processed);
  }

  #readProtected(
    negotiation: Phase1Negotiation,
    datagram: Datagram,
    header: IsakmpHeader,
    expects: number,
  ): ExchangeEvent {
    const { record } = negotiation;
    if ((header.flags & FLAG.encryption) === 0) {
      return { type: 'unexpected', reason: `message ${String(expects)} must be encrypted` };
    }
    const opened = openMessage(this.#ports.crypto, protectionOf(record), header, datagram.bytes);
    const fault = opened.ok ? faultOf(expects, opened.value.payloads, true) : opened.error;
    if (!opened.ok || fault !== undefined) {
      this.#ports.events.emit({
        type: 'message.ignored',
        negotiation: negotiation.id,
        remote: datagram.remote,
        reason: `message ${String(expects)} cannot be read: ${fault ?? 'unknown'}`,
      });
      return { type: 'unreadable', suspicion: mainMode.suspectWrongKey(record, fault ?? 'unknown') };
    }
    this.#report(negotiation, datagram, expects, opened.value.payloads, true);
    return this.#verdict(negotiation, opened.value.payloads, ok({ iv: opened.value.iv }));
  }

  #verdict(
    negotiation: Phase1Negotiation,
    payloads: readonly DecodedPayload[],
    processed: Result<Partial<Phase1Record>, Failure>,
  ): ExchangeEvent {
    negotiation.messages += 1;
    negotiation.payloads = payloads;
    const id = negotiation.messages;
    if (!processed.ok) return { type: 'message', id, verdict: 'refused', failure: processed.error };
    negotiation.record = { ...negotiation.record, ...processed.value };
    return { type: 'message', id, verdict: 'acceptable' };
  }

  #report(
    negotiation: Phase1Negotiation,
    datagram: Datagram,
    number: number,
    payloads: readonly DecodedPayload[],
    encrypted: boolean,
  ): void {
    this.#ports.events.emit({
      type: 'message.received',
      negotiation: negotiation.id,
      local: datagram.local,
      remote: datagram.remote,
      message: summarize(EXCHANGE.mainMode, number, payloads, encrypted, 0, datagram.bytes.length),
    });
  }

  // The end

  #ended(negotiation: Phase1Negotiation, output: ExchangeOutput): void {
    const { id, record } = negotiation;
    const timing = timingOf(this.#owner.settings().config.globals);
    this.#forgetLater(negotiation, retryWindowMs(timing));
    if (record.keyPair !== undefined) this.#ports.crypto.erase(record.keyPair.privateKey);
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    if (output.outcome.kind === 'succeeded') {
      this.#owner.established(id, record);
      this.#ports.events.emit({
        type: 'negotiation.ended',
        negotiation: id,
        outcome: 'established',
        failure: undefined,
      });
      for (const resolve of waiting) resolve(ok(id));
      return;
    }
    if (record.keys !== undefined) this.#ports.crypto.erase(...keyHandles(record.keys));
    const failed = explain(negotiation, output, timing.retryLimit);
    this.#owner.statistics.failed(record.role, failed);
    if (failed.wire.answer === 'notify') this.#owner.warnPeer(record, failed.wire.type);
    this.#ports.events.emit({
      type: 'negotiation.ended',
      negotiation: id,
      outcome: 'failed',
      failure: failed,
    });
    for (const resolve of waiting) resolve(err(failed));
  }

  #forgetLater(negotiation: Phase1Negotiation, ms: number): void {
    this.#ports.clock.setTimeout(() => {
      this.#runner.forget(negotiation);
      this.#byInitiator.delete(initiatorKey(negotiation.record.initiatorCookie, negotiation.record.remote));
    }, ms);
  }
}

export function keyHandles(keys: NonNullable<Phase1Record['keys']>): readonly KeyHandle[] {
  return [keys.skeyid, keys.skeyidD, keys.skeyidA, keys.skeyidE, keys.encryptionKey];
}

function initiatorKey(cookie: Cookie, remote: Endpoint): string {
  return `${cookie}@${remote.address}`;
}

function headerOf(record: Phase1Record): HeaderFields {
  return {
    initiatorCookie: record.initiatorCookie,
    responderCookie: record.responderCookie,
    exchangeType: EXCHANGE.mainMode,
    messageId: 0,
  };
}

function protectionOf(record: Phase1Record): Protection {
  const { suite, keys, iv } = record;
  if (suite === undefined || keys === undefined) throw new Error('no keys were derived');
  return { suite, key: keys.encryptionKey, iv };
}

/** Payloads of a message in the clear that follows the message rules, or what is wrong with it. */
function readClear(
  header: IsakmpHeader,
  datagram: Datagram,
  number: number,
): Result<readonly DecodedPayload[], string> {
  const body = datagram.bytes.subarray(HEADER_LENGTH);
  const decoded = decodePayloads(header.nextPayload, body);
  if (!decoded.ok) return err(decoded.error.explanation);
  if (decoded.value.consumed !== body.length) return err('bytes follow its last payload');
  const fault = faultOf(number, decoded.value.payloads, false);
  return fault === undefined ? ok(decoded.value.payloads) : err(fault);
}

function faultOf(
  number: number,
  payloads: readonly DecodedPayload[],
  encrypted: boolean,
): string | undefined {
  const rules = checkMessage(
    { exchange: 'main-mode', number, method: 'preshared', protected: encrypted },
    payloads,
  );
  if (rules !== undefined) return rules.explanation;
  for (const payload of payloads) {
    const fault = verifyPayload(payload);
    if (fault !== undefined) return fault.explanation;
  }
  return undefined;
}

function explain(negotiation: Phase1Negotiation, output: ExchangeOutput, retryLimit: number): Failure {
  const { record, lastSent } = negotiation;
  const givingUp: GivingUp = {
    place: { exchange: 'Main Mode', message: lastSent?.summary.number ?? 1 },
    remote: record.remote,
    suspicion: output.suspicion,
    attempts: retryLimit + 1,
  };
  const { outcome } = output;
  if (outcome.kind !== 'failed') return jobFailed(givingUp, 'its chart ended without an outcome');
  switch (outcome.why.cause) {
    case 'described':
      return outcome.why.failure;
    case 'silence':
      return silence(givingUp);
    case 'expired':
      return expiry(givingUp);
    case 'job':
      return jobFailed(givingUp, outcome.why.detail);
  }
}

/** An operator, a refresh or the end of the daemon took a negotiation away. */
export function withdrawn(code: 'operator-deleted' | 'daemon-stopping', remote: Endpoint): Failure {
  const [what, hint] =
    code === 'operator-deleted'
      ? ['An operator deleted', 'Nothing is wrong; it was asked for.']
      : ['The daemon is stopping and dropped', 'Start the daemon again.'];
  return failure(
    code,
    { exchange: '', message: 0 },
    'local',
    `${what} the negotiation with ${formatEndpoint(remote)}.`,
    hint,
  );
}
