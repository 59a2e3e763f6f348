/** Runs Quick Modes under established Phase 1 SAs: effects and jobs for their charts, installation in the kernel. */
import { type ExchangeEvent, type ExchangeOutput, JobRefused } from '../machines/exchange.js';
import { NO_BYTES, readU32 } from '../services/bytes.js';
import type { NegotiationId } from '../services/events/event.js';
import { expiry, type GivingUp, jobFailed, silence } from '../services/exchange/giving-up.js';
import type { Phase1Sa } from '../services/exchange/phase1-sa.js';
import type { Phase2Patch, Phase2Record, SaKeys } from '../services/exchange/phase2-record.js';
import { openMessage, type Protection, sealMessage } from '../services/exchange/protection.js';
import * as quickMode from '../services/exchange/quick-mode.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { FLAG, type IsakmpHeader } from '../services/isakmp/header.js';
import { checkMessage } from '../services/isakmp/message-rules.js';
import { type DecodedPayload, type Payload, verifyPayload } from '../services/isakmp/payload.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import { phase2Iv } from '../services/keymat/initialization-vectors.js';
import { formatEndpoint, single } from '../services/net/address.js';
import {
  type IpsecPolicy,
  KernelError,
  type KernelSa,
  type Lifetimes,
  type TrafficSelectors,
} from '../services/ports/kernel.js';
import type { Datagram } from '../services/ports/udp.js';
import { err, ok, type Result } from '../services/result.js';
import type { ChartWatcher } from './chart-watcher.js';
import type { DropCounter } from './drop-counter.js';
import { ExchangeRunner, type Negotiation } from './exchange-runner.js';
import { summarize } from './message-summary.js';
import type { DaemonPorts } from './ports.js';
import { MOST_MESSAGE_IDS, type Phase1Entry } from './sa-table.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';

type Phase2Negotiation = Negotiation<Phase2Record>;

export interface Installed {
  readonly inboundSpi: number;
  readonly outboundSpi: number;
}

export interface Phase2Owner {
  settings(): Settings;
  installed(id: NegotiationId, entry: Phase1Entry, record: Phase2Record): void;
  /** Sends a protected error notify under the SA. */
  refusePeer(entry: Phase1Entry, notifyType: number, record: Phase2Record): void;
}

/** Quick Modes of one peer that may be under way at once. */
const MOST_PER_PHASE1 = 64;

export class Phase2Pool {
  readonly #ports: DaemonPorts;
  readonly #drops: DropCounter;
  readonly #owner: Phase2Owner;
  readonly #runner: ExchangeRunner<Phase2Record>;
  /** Live and lately ended ones, by cookies and message ID. */
  readonly #byMessageId = new Map<string, Phase2Negotiation>();
  readonly #entries = new Map<NegotiationId, Phase1Entry>();
  readonly #waiting = new Map<NegotiationId, (result: Result<Installed, Failure>) => void>();
  #count = 0;

  constructor(ports: DaemonPorts, drops: DropCounter, watcher: ChartWatcher, owner: Phase2Owner) {
    this.#ports = ports;
    this.#drops = drops;
    this.#owner = owner;
    this.#runner = new ExchangeRunner<Phase2Record>(ports, drops, watcher, {
      endpoints: (record) => record.phase1,
      effects: {
        sendRequest: (negotiation) => this.#sendRequest(negotiation),
        sendAnswer: (negotiation) => {
          this.#send(negotiation, 2, quickMode.buildAnswer(negotiation.record, this.#ports.crypto));
          return undefined;
        },
        sendConfirmation: (negotiation) => {
          this.#send(negotiation, 3, quickMode.buildConfirmation(negotiation.record, this.#ports.crypto));
          return { type: 'sent' };
        },
      },
      jobs: {
        'kernel.policyFor': (negotiation) => this.#policyFor(negotiation),
        'kernel.getSpi': (negotiation) => this.#getSpi(negotiation),
        'crypto.generateKeyPair': (negotiation) => this.#generateKeyPair(negotiation),
        'crypto.keymat': (negotiation) => this.#keymat(negotiation),
        'kernel.update': (negotiation) => this.#install(negotiation, 'inbound'),
        'kernel.add': (negotiation) => this.#install(negotiation, 'outbound'),
      },
      read: (negotiation, datagram, header, expects) => this.#read(negotiation, datagram, header, expects),
      ended: (negotiation, output) => {
        this.#ended(negotiation, output);
      },
    });
  }

  receive(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry): void {
    const negotiation = this.#byMessageId.get(messageKey(entry.sa, header.messageId));
    if (negotiation !== undefined) this.#runner.deliver(negotiation, datagram, header);
    else this.#respond(datagram, header, entry);
  }

  live(): IterableIterator<Phase2Negotiation> {
    return this.#runner.negotiations();
  }

  entryOf(negotiation: Phase2Negotiation): Phase1Entry | undefined {
    return this.#entries.get(negotiation.id);
  }

  /** Runs a Quick Mode for the traffic of `policy`, or for the narrower `selectors`. */
  negotiate(
    entry: Phase1Entry,
    policy: IpsecPolicy,
    selectors: TrafficSelectors,
    parent: NegotiationId,
  ): Promise<Result<Installed, Failure>> {
    const { phase2 } = entry.sa.rule;
    const record: Phase2Record = {
      ...this.#blank('initiator', entry.sa, this.#freshMessageId(entry), selectors),
      policy,
      terms: {
        mode: policy.mode,
        group: phase2.pfsGroup,
        lifetimeSeconds: phase2.lifetimeSeconds,
        lifetimeKb: phase2.lifetimeKb,
      },
    };
    const id = this.#announce('quick-mode-initiator', record, entry, parent);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#start(id, 'quick-mode-initiator', record, phase2.pfsGroup !== 0);
    });
  }

  #respond(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry): void {
    const refuse = (reason: string, error: 'decrypt' | 'hash' | 'other'): void => {
      entry.errors[error] += 1;
      this.#drops.drop(datagram.remote, reason);
    };
    if (header.messageId === 0 || (header.flags & FLAG.encryption) === 0) {
      refuse('a Quick Mode message without a message ID, or in the clear', 'other');
      return;
    }
    if (entry.messageIds.has(header.messageId) || entry.messageIds.size >= MOST_MESSAGE_IDS) {
      refuse('its message ID was used before', 'other');
      return;
    }
    const blank = this.#blank('responder', entry.sa, header.messageId, hostSelectors(entry.sa));
    const opened = openMessage(this.#ports.crypto, protectionOf(blank), header, datagram.bytes);
    if (!opened.ok) {
      refuse(`Quick Mode message 1: ${opened.error}`, 'decrypt');
      return;
    }
    const { payloads, plaintext, iv } = opened.value;
    const fault = faultOf(1, payloads);
    if (fault !== undefined) {
      refuse(`Quick Mode message 1: ${fault}`, 'other');
      return;
    }
    if (!quickMode.hashIsRight(blank, 1, payloads, plaintext, this.#ports.crypto)) {
      refuse('HASH(1) of a Quick Mode is wrong', 'hash');
      return;
    }
    if (this.#underWay(entry) >= MOST_PER_PHASE1) {
      refuse('too many Quick Modes of this peer are under way', 'other');
      return;
    }
    entry.messageIds.add(header.messageId);
    const record: Phase2Record = { ...blank, iv };
    const id = this.#announce('quick-mode-responder', record, entry, entry.id);
    this.#report(id, datagram, header, 1, payloads);
    // The peer decides about PFS by sending a public value; whether the rule agrees is checked in the chart's first job.
    const pfs = payloads.some((payload) => payload.kind === 'KE');
    this.#start(id, 'quick-mode-responder', record, pfs, {
      payloads,
      digest: this.#runner.digest(datagram.bytes),
    });
  }

  #underWay(entry: Phase1Entry): number {
    let count = 0;
    for (const negotiation of this.#runner.negotiations())
      if (this.#entries.get(negotiation.id) === entry) count++;
    return count;
  }

  #announce(chart: string, record: Phase2Record, entry: Phase1Entry, parent: NegotiationId): NegotiationId {
    this.#count += 1;
    const id = `p2-${String(this.#count)}`;
    this.#entries.set(id, entry);
    const { local, remote, rule } = record.phase1;
    this.#ports.events.emit({
      type: 'negotiation.started',
      negotiation: id,
      chart,
      local,
      remote,
      rule: rule.label,
      parent,
    });
    return id;
  }

  #start(
    id: NegotiationId,
    chart: 'quick-mode-initiator' | 'quick-mode-responder',
    record: Phase2Record,
    pfs: boolean,
    first?: { readonly payloads: readonly DecodedPayload[]; readonly digest: string },
  ): void {
    const timing = timingOf(this.#owner.settings().config.globals);
    const negotiation = this.#runner.start(
      id,
      chart,
      record,
      first === undefined ? { timing, pfs } : { timing, pfs, first },
    );
    this.#byMessageId.set(messageKey(record.phase1, record.messageId), negotiation);
  }

  #freshMessageId(entry: Phase1Entry): number {
    for (;;) {
      const id = readU32(this.#ports.random.bytes(4), 0);
      if (id === 0 || entry.messageIds.has(id)) continue;
      entry.messageIds.add(id);
      return id;
    }
  }

  #blank(
    role: Phase2Record['role'],
    sa: Phase1Sa,
    messageId: number,
    selectors: TrafficSelectors,
  ): Phase2Record {
    return {
      role,
      phase1: sa,
      messageId,
      policy: undefined,
      selectors,
      identities: undefined,
      terms: { mode: 'tunnel', group: 0, lifetimeSeconds: undefined, lifetimeKb: undefined },
      offer: [],
      chosen: undefined,
      suite: undefined,
      inboundSpi: 0,
      outboundSpi: 0,
      nonceLength: this.#owner.settings().config.globals.phase2NonceLength,
      ownNonce: NO_BYTES,
      peerNonce: NO_BYTES,
      keyPair: undefined,
      peerPublic: undefined,
      iv: phase2Iv(this.#ports.crypto, sa.suite.hash, sa.suite.cipher, sa.lastBlock, messageId),
      inboundKeys: undefined,
      outboundKeys: undefined,
    };
  }

  // Jobs

  #patch(negotiation: Phase2Negotiation, patch: Phase2Patch): void {
    negotiation.record = { ...negotiation.record, ...patch };
  }

  async #policyFor(negotiation: Phase2Negotiation): Promise<void> {
    const { crypto, kernel } = this.#ports;
    const request = quickMode.processRequest(negotiation.record, negotiation.payloads, crypto);
    if (!request.ok) throw new JobRefused(request.error);
    this.#patch(negotiation, request.value);
    const { phase1, selectors } = negotiation.record;
    const outer = { local: phase1.local.address, remote: phase1.remote.address };
    const policy = await this.#kernelCall(negotiation, 'policyFor', () => kernel.policyFor(outer, selectors));
    const choice = quickMode.choose(negotiation.record, policy);
    if (!choice.ok) throw new JobRefused(choice.error);
    this.#patch(negotiation, choice.value);
  }

  async #getSpi(negotiation: Phase2Negotiation): Promise<void> {
    const { local, remote } = negotiation.record.phase1;
    const spi = await this.#kernelCall(negotiation, 'getSpi', () =>
      this.#ports.kernel.getSpi(remote.address, local.address, 50),
    );
    this.#patch(negotiation, {
      inboundSpi: spi,
      ownNonce: this.#ports.random.bytes(negotiation.record.nonceLength),
    });
    if (negotiation.ended) this.#release(negotiation);
  }

  async #generateKeyPair(negotiation: Phase2Negotiation): Promise<void> {
    const keyPair = await this.#ports.crypto.generateKeyPair(negotiation.record.terms.group);
    if (negotiation.ended) this.#ports.crypto.erase(keyPair.privateKey);
    else this.#patch(negotiation, { keyPair });
  }

  async #keymat(negotiation: Phase2Negotiation): Promise<void> {
    const { keyPair, peerPublic, terms } = negotiation.record;
    const { crypto } = this.#ports;
    const secret =
      keyPair === undefined || peerPublic === undefined
        ? undefined
        : await crypto.sharedSecret(terms.group, keyPair.privateKey, peerPublic);
    if (!negotiation.ended) {
      this.#patch(negotiation, quickMode.deriveSaKeys(negotiation.record, secret, crypto));
    }
    if (secret !== undefined) crypto.erase(secret);
  }

  async #install(negotiation: Phase2Negotiation, direction: 'inbound' | 'outbound'): Promise<void> {
    const { kernel, crypto } = this.#ports;
    const sa = kernelSa(negotiation.record, direction);
    const keys = direction === 'inbound' ? negotiation.record.inboundKeys : negotiation.record.outboundKeys;
    await this.#kernelCall(negotiation, direction === 'inbound' ? 'update' : 'add', () =>
      direction === 'inbound' ? kernel.update(sa) : kernel.add(sa),
    );
    crypto.erase(...handlesOf(keys));
    this.#patch(
      negotiation,
      direction === 'inbound' ? { inboundKeys: undefined } : { outboundKeys: undefined },
    );
    if (negotiation.ended) this.#release(negotiation);
  }

  async #kernelCall<T>(negotiation: Phase2Negotiation, call: string, run: () => Promise<T>): Promise<T> {
    const { remote } = negotiation.record.phase1;
    const report = (error: string | undefined): void => {
      this.#ports.events.emit({
        type: 'kernel.call',
        call,
        detail: `${negotiation.id} with ${remote.address}`,
        error,
      });
    };
    try {
      const result = await run();
      report(undefined);
      return result;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      report(error.message);
      throw new JobRefused(kernelRefused(negotiation, error));
    }
  }

  // Messages

  #sendRequest(negotiation: Phase2Negotiation): undefined {
    const { payloads, patch } = quickMode.buildRequest(negotiation.record, this.#ports.crypto);
    this.#patch(negotiation, patch);
    this.#send(negotiation, 1, payloads);
    return undefined;
  }

  #send(negotiation: Phase2Negotiation, number: number, payloads: readonly Payload[]): void {
    const { record } = negotiation;
    const header = {
      ...cookiesOf(record.phase1),
      exchangeType: EXCHANGE.quickMode,
      messageId: record.messageId,
    };
    const sealed = sealMessage(this.#ports.crypto, protectionOf(record), header, payloads);
    this.#patch(negotiation, { iv: sealed.iv });
    this.#runner.transmit(
      negotiation,
      sealed.bytes,
      summarize(EXCHANGE.quickMode, number, payloads, true, record.messageId, sealed.bytes.length),
    );
  }

  #read(
    negotiation: Phase2Negotiation,
    datagram: Datagram,
    header: IsakmpHeader,
    expects: number,
  ): ExchangeEvent {
    const { crypto } = this.#ports;
    const entry = this.#entries.get(negotiation.id);
    if ((header.flags & FLAG.encryption) === 0)
      return { type: 'unexpected', reason: 'a Quick Mode message in the clear' };
    const opened = openMessage(crypto, protectionOf(negotiation.record), header, datagram.bytes);
    if (!opened.ok) {
      if (entry !== undefined) entry.errors.decrypt += 1;
      return { type: 'unreadable', suspicion: undefined };
    }
    const { payloads, plaintext, iv } = opened.value;
    const fault = faultOf(expects, payloads);
    if (fault !== undefined) return { type: 'unexpected', reason: fault };
    if (!quickMode.hashIsRight(negotiation.record, expects === 2 ? 2 : 3, payloads, plaintext, crypto)) {
      if (entry !== undefined) entry.errors.hash += 1;
      return { type: 'unreadable', suspicion: undefined };
    }
    this.#report(negotiation.id, datagram, header, expects, payloads);
    negotiation.messages += 1;
    negotiation.payloads = payloads;
    const processed = expects === 2 ? quickMode.processAnswer(negotiation.record, payloads, crypto) : ok({});
    this.#patch(negotiation, { iv });
    if (!processed.ok)
      return { type: 'message', id: negotiation.messages, verdict: 'refused', failure: processed.error };
    this.#patch(negotiation, processed.value);
    return { type: 'message', id: negotiation.messages, verdict: 'acceptable' };
  }

  #report(
    id: NegotiationId,
    datagram: Datagram,
    header: IsakmpHeader,
    number: number,
    payloads: readonly DecodedPayload[],
  ): void {
    this.#ports.events.emit({
      type: 'message.received',
      negotiation: id,
      local: datagram.local,
      remote: datagram.remote,
      message: summarize(EXCHANGE.quickMode, number, payloads, true, header.messageId, datagram.bytes.length),
    });
  }

  // The end

  #ended(negotiation: Phase2Negotiation, output: ExchangeOutput): void {
    const { id, record } = negotiation;
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    const { globals } = this.#owner.settings().config;
    this.#ports.clock.setTimeout(
      () => {
        this.#runner.forget(negotiation);
        this.#byMessageId.delete(messageKey(record.phase1, record.messageId));
      },
      retryWindowMs(timingOf(globals)),
    );
    if (record.keyPair !== undefined) this.#ports.crypto.erase(record.keyPair.privateKey);
    this.#ports.crypto.erase(...handlesOf(record.inboundKeys), ...handlesOf(record.outboundKeys));
    if (output.outcome.kind === 'succeeded' && entry !== undefined) {
      this.#owner.installed(id, entry, record);
      this.#ports.events.emit({
        type: 'negotiation.ended',
        negotiation: id,
        outcome: 'installed',
        failure: undefined,
      });
      resolve?.(ok({ inboundSpi: record.inboundSpi, outboundSpi: record.outboundSpi }));
      return;
    }
    this.#release(negotiation);
    const failed = explain(negotiation, output, globals.retryLimit);
    if (failed.wire.answer === 'notify' && entry !== undefined)
      this.#owner.refusePeer(entry, failed.wire.type, record);
    this.#ports.events.emit({
      type: 'negotiation.ended',
      negotiation: id,
      outcome: 'failed',
      failure: failed,
    });
    resolve?.(err(failed));
  }

  /** Takes back from the kernel what a failed negotiation had put there. */
  #release(negotiation: Phase2Negotiation): void {
    const { phase1, inboundSpi, outboundSpi } = negotiation.record;
    const drop = (destination: string, spi: number): void => {
      if (spi === 0) return;
      this.#ports.kernel.delete({ destination, protocol: 50, spi }).catch((error: unknown) => {
        this.#ports.events.emit({ type: 'internal.error', where: 'kernel.delete', error: String(error) });
      });
    };
    drop(phase1.local.address, inboundSpi);
    drop(phase1.remote.address, outboundSpi);
  }
}

function handlesOf(keys: SaKeys | undefined) {
  return [keys?.encryption, keys?.integrity].filter((handle) => handle !== undefined);
}

function hostSelectors(sa: Phase1Sa): TrafficSelectors {
  const host = (address: string) => ({ addresses: single(address), port: 0 });
  return { local: host(sa.local.address), remote: host(sa.remote.address), protocol: 0 };
}

function cookiesOf(sa: Phase1Sa) {
  return { initiatorCookie: sa.initiatorCookie, responderCookie: sa.responderCookie };
}

function messageKey(sa: Phase1Sa, messageId: number): string {
  return `${sa.initiatorCookie}${sa.responderCookie}${messageId.toString(16)}`;
}

function protectionOf(record: Phase2Record): Protection {
  return { suite: record.phase1.suite, key: record.phase1.keys.encryptionKey, iv: record.iv };
}

function faultOf(number: number, payloads: readonly DecodedPayload[]): string | undefined {
  const rules = checkMessage(
    { exchange: 'quick-mode', number, method: undefined, protected: true },
    payloads,
  );
  if (rules !== undefined) return rules.explanation;
  for (const payload of payloads) {
    const fault = verifyPayload(payload);
    if (fault !== undefined) return fault.explanation;
  }
  return undefined;
}

/** Lifetimes are the agreed ones; soft limits are the rule's, and never later than the hard ones. */
function lifetimesOf(record: Phase2Record): Lifetimes {
  const { suite, phase1 } = record;
  const { phase2 } = phase1.rule;
  const hard = Math.min(suite?.lifetimeSeconds ?? Infinity, phase2.lifetimeSeconds ?? Infinity);
  const hardKb = Math.min(suite?.lifetimeKb ?? Infinity, phase2.lifetimeKb ?? Infinity);
  const soft = softLimit(hard, phase2.softlifeSeconds);
  const softKb = softLimit(hardKb, phase2.softlifeKb);
  const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
  return {
    hardSeconds: finite(hard),
    softSeconds: finite(soft),
    hardBytes: finite(hardKb * 1024),
    softBytes: finite(softKb * 1024),
  };
}

/** 90 % of the hard limit unless the rule says otherwise (ike.config(5), p2_softlife_secs). */
function softLimit(hard: number, soft: number | undefined): number {
  return soft === undefined || soft > hard ? Math.floor(hard * 0.9) : soft;
}

function kernelSa(record: Phase2Record, direction: 'inbound' | 'outbound'): KernelSa {
  const { phase1, suite, policy } = record;
  const keys = direction === 'inbound' ? record.inboundKeys : record.outboundKeys;
  if (suite === undefined || keys === undefined || policy === undefined)
    throw new Error('no keys were derived');
  const inbound = direction === 'inbound';
  const ours = phase1.local.address;
  const theirs = phase1.remote.address;
  return {
    source: inbound ? theirs : ours,
    destination: inbound ? ours : theirs,
    protocol: 50,
    spi: inbound ? record.inboundSpi : record.outboundSpi,
    pairSpi: inbound ? record.outboundSpi : record.inboundSpi,
    direction,
    mode: suite.mode,
    selectors: record.selectors,
    encryption:
      keys.encryption === undefined ? undefined : { algorithm: suite.encryption, key: keys.encryption },
    integrity:
      suite.integrity === undefined || keys.integrity === undefined
        ? undefined
        : { algorithm: suite.integrity, key: keys.integrity },
    lifetimes: lifetimesOf(record),
  };
}

function kernelRefused(negotiation: Phase2Negotiation, error: KernelError): Failure {
  return failure(
    'kernel-refused',
    { exchange: 'Quick Mode', message: negotiation.lastSent?.summary.number ?? 0 },
    'local',
    `The kernel refused ${error.operation} for the SAs with ${formatEndpoint(negotiation.record.phase1.remote)}: ${error.message}.`,
    'Change the algorithms of the policy to what this kernel has, or look at its own log.',
  );
}

function explain(negotiation: Phase2Negotiation, output: ExchangeOutput, retryLimit: number): Failure {
  const givingUp: GivingUp = {
    place: { exchange: 'Quick Mode', message: negotiation.lastSent?.summary.number ?? 1 },
    remote: negotiation.record.phase1.remote,
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
