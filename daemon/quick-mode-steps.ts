/** What Quick Mode charts ask for: messages built and read, kernel calls made. When, the chart decides. */
import { type ExchangeEvent, JobRefused } from '../machines/exchange.js';
import type { MessageSummary, NegotiationId } from '../services/events/event.js';
import {
  deriveSaKeys,
  protocolsToReserve,
  unusedSpis,
  withReserved,
} from '../services/exchange/agreed-pairs.js';
import { kernelSas } from '../services/exchange/kernel-sa.js';
import {
  type AgreedPair,
  learn,
  learnOfPair,
  type Phase2Patch,
  type Phase2Record,
} from '../services/exchange/phase2-record.js';
import { type HeaderFields, openMessage, sealMessage } from '../services/exchange/protection.js';
import * as quickMode from '../services/exchange/quick-mode.js';
import { type Agreement, choose, natFault } from '../services/exchange/quick-mode-choice.js';
import { hashIsRight } from '../services/exchange/quick-mode-hashes.js';
import { quickModeFault, quickModeProtection } from '../services/exchange/quick-mode-reading.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { FLAG, type IsakmpHeader } from '../services/isakmp/header.js';
import type { DecodedPayload, Payload } from '../services/isakmp/payload.js';
import type { NotifyPayload } from '../services/isakmp/payloads/notification.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import { type Endpoint, formatEndpoint } from '../services/net/address.js';
import { type IpsecProtocol, KernelError, type KernelSa } from '../services/ports/kernel.js';
import type { KeyHandle } from '../services/ports/keys.js';
import { type MaybePromise, whenAnswered } from '../services/ports/maybe-promise.js';
import type { Result } from '../services/result.js';
import type { Datagram } from '../services/ports/udp.js';
import { phase2SuiteWords } from '../services/proposal/suite-words.js';
import { summarize } from './message-summary.js';
import type { Negotiation } from './negotiation.js';
import type { DaemonPorts } from './ports.js';
import type { Phase1Entry } from './sa-table.js';
import { sharedSecretOf } from './shared-secret.js';

/** What `awaitingConnected` says that it expects: behind message 3 there is no other message of Quick Mode. */
const CONNECTED_DUE = 4;

type Phase2Negotiation = Negotiation<Phase2Record>;

export interface QuickModeContext {
  /** The SA under which a live negotiation runs. */
  entryOf(negotiation: Phase2Negotiation): Phase1Entry | undefined;
  /** Whether the peer may begin this under its SA: the rule may have gone. */
  ruleOf(negotiation: Phase2Negotiation): Result<unknown, Failure>;
  /** The peer has authenticated a message under the SA, from `remote`. */
  heard(entry: Phase1Entry, remote: Endpoint): void;
  /** Notifies about the SA that are to travel along (RFC 2407 4.6.3). */
  ridersFor(entry: Phase1Entry): readonly NotifyPayload[];
  /** The peer has answered a message of ours that may have had riders, or says something in one of its own. */
  riddenBy(entry: Phase1Entry, message: number, payloads: readonly DecodedPayload[]): void;
  transmit(negotiation: Phase2Negotiation, bytes: Uint8Array, summary: MessageSummary): void;
}

export class QuickModeSteps {
  readonly #ports: DaemonPorts;
  readonly #context: QuickModeContext;

  constructor(ports: DaemonPorts, context: QuickModeContext) {
    this.#ports = ports;
    this.#context = context;
  }

  sendAnswer(negotiation: Phase2Negotiation): undefined {
    const { crypto } = negotiation.ports;
    this.#send(negotiation, 2, quickMode.buildAnswer(negotiation.record, crypto, this.#riders(negotiation)));
    return undefined;
  }

  sendConfirmation(negotiation: Phase2Negotiation): ExchangeEvent {
    this.#send(negotiation, 3, quickMode.buildConfirmation(negotiation.record, negotiation.ports.crypto));
    const { connectedDue, renews } = negotiation.record;
    return { type: 'sent', connectedDue, othersCarry: renews };
  }

  #patch(negotiation: Phase2Negotiation, patch: Phase2Patch): void {
    learn(negotiation.record, patch);
  }

  #patchPair(negotiation: Phase2Negotiation, protocol: IpsecProtocol, patch: Partial<AgreedPair>): void {
    for (const pair of negotiation.record.agreed) if (pair.protocol === protocol) learnOfPair(pair, patch);
  }

  policyFor(negotiation: Phase2Negotiation): MaybePromise<void> {
    const { crypto, kernel } = negotiation.ports;
    const request = quickMode.processRequest(negotiation.record, negotiation.payloads, crypto);
    if (!request.ok) throw new JobRefused(request.error);
    this.#patch(negotiation, request.value);
    const rule = this.#context.ruleOf(negotiation);
    if (!rule.ok) throw new JobRefused({ ...rule.error, exchange: 'Quick Mode', message: 1 });
    const { phase1, selectors } = negotiation.record;
    const outer = { local: phase1.local.address, remote: phase1.remote.address };
    return this.#kernelCall(
      negotiation,
      'policyFor',
      () => kernel.policyFor(outer, selectors),
      (policy) => {
        // Also where nothing of the offer fits it: the explanation says what would.
        if (policy !== undefined) this.#patch(negotiation, { policy });
        const choice = choose(negotiation.record, policy);
        if (!choice.ok) throw new JobRefused(choice.error);
        this.#agree(negotiation, choice.value);
      },
    );
  }

  #agree(negotiation: Phase2Negotiation, { patch, notes }: Agreement): void {
    this.#patch(negotiation, patch);
    for (const { suite } of patch.agreed ?? [])
      this.#ports.events.emit({
        type: 'negotiation.agreed',
        negotiation: negotiation.id,
        suite: phase2SuiteWords(suite),
      });
    for (const note of notes) {
      this.#ports.events.emit({ type: 'negotiation.note', negotiation: negotiation.id, note });
    }
  }

  getSpi(negotiation: Phase2Negotiation): MaybePromise<void> {
    const { policy, role } = negotiation.record;
    const fault =
      role === 'initiator' && policy !== undefined ? natFault(negotiation.record, policy, 0) : undefined;
    if (fault !== undefined) throw new JobRefused(fault);
    return this.#reserve(negotiation, protocolsToReserve(negotiation.record));
  }

  #reserve(
    negotiation: Phase2Negotiation,
    [protocol, ...others]: readonly IpsecProtocol[],
  ): MaybePromise<void> {
    const { record, ports } = negotiation;
    if (protocol === undefined) {
      this.#patch(negotiation, { ownNonce: ports.random.bytes(record.nonceLength) });
      return;
    }
    const { policy, phase1 } = record;
    const purpose = { mode: policy?.mode ?? 'transport', origin: policy?.origin } as const;
    return this.#kernelCall(
      negotiation,
      'getSpi',
      () => ports.kernel.getSpi(phase1.remote.address, phase1.local.address, protocol, purpose),
      (spi) => {
        this.#patch(negotiation, withReserved(negotiation.record, { protocol, spi }));
        if (!negotiation.ended) return this.#reserve(negotiation, others);
        this.release(negotiation);
      },
    );
  }

  generateKeyPair(negotiation: Phase2Negotiation): MaybePromise<void> {
    const { crypto } = negotiation.ports;
    return whenAnswered(crypto.generateKeyPair(negotiation.record.terms.group), (keyPair) => {
      if (negotiation.ended) crypto.erase(keyPair.privateKey);
      else this.#patch(negotiation, { keyPair });
    });
  }

  keymat(negotiation: Phase2Negotiation): MaybePromise<void> {
    const { keyPair, peerPublic, role, terms } = negotiation.record;
    const { crypto } = negotiation.ports;
    const secret =
      keyPair === undefined || peerPublic === undefined
        ? undefined
        : sharedSecretOf(
            crypto,
            { group: terms.group, privateKey: keyPair.privateKey, peerPublic },
            (fault) =>
              quickMode.badPublicValue(negotiation.record, role === 'initiator' ? 2 : 1, terms.group, fault),
          );
    return whenAnswered(secret, (shared) => {
      if (!negotiation.ended) this.#patch(negotiation, deriveSaKeys(negotiation.record, shared, crypto));
      if (shared !== undefined) crypto.erase(shared);
    });
  }

  install(negotiation: Phase2Negotiation, direction: 'inbound' | 'outbound'): MaybePromise<void> {
    const { phase1 } = negotiation.record;
    // What was offered and not chosen needs no SPI any more.
    const unused = unusedSpis(negotiation.record);
    for (const { protocol, spi } of unused) this.#forget(negotiation, phase1.local.address, protocol, spi);
    if (unused.length > 0) {
      const reserved = negotiation.record.reserved.filter((own) => !unused.includes(own));
      this.#patch(negotiation, { reserved });
    }
    return this.#installEach(negotiation, direction, kernelSas(negotiation.record, direction));
  }

  #installEach(
    negotiation: Phase2Negotiation,
    direction: 'inbound' | 'outbound',
    [sa, ...others]: readonly KernelSa[],
  ): MaybePromise<void> {
    if (sa === undefined) return;
    const { kernel, crypto } = negotiation.ports;
    const isInbound = direction === 'inbound';
    return this.#kernelCall(
      negotiation,
      isInbound ? 'update' : 'add',
      () => (isInbound ? kernel.update(sa) : kernel.add(sa)),
      () => {
        for (const secret of [sa.encryption, sa.integrity])
          if (secret !== undefined) crypto.erase(secret.key);
        // Not before: an SPI that the kernel refuses, because it is there, is that of a live SA.
        const given = isInbound
          ? { inboundKeys: undefined }
          : { outboundKeys: undefined, outboundAdded: true };
        this.#patchPair(negotiation, sa.protocol, given);
        if (!negotiation.ended) return this.#installEach(negotiation, direction, others);
        this.release(negotiation);
      },
    );
  }

  /** `next` is what follows when the kernel has done it. */
  #kernelCall<T>(
    negotiation: Phase2Negotiation,
    call: string,
    run: () => MaybePromise<T>,
    next: (answer: T) => MaybePromise<void>,
  ): MaybePromise<void> {
    let answer: MaybePromise<T>;
    try {
      answer = run();
    } catch (error) {
      return this.#refused(negotiation, call, error);
    }
    // A kernel that answers at once costs no functions.
    if (answer instanceof Promise) {
      return answer.then(
        (late) => this.#answered(negotiation, call, late, next),
        (error: unknown) => this.#refused(negotiation, call, error),
      );
    }
    return this.#answered(negotiation, call, answer, next);
  }

  #answered<T>(
    negotiation: Phase2Negotiation,
    call: string,
    answer: T,
    next: (answer: T) => MaybePromise<void>,
  ): MaybePromise<void> {
    this.#reportCall(negotiation, call, undefined);
    return next(answer);
  }

  #refused(negotiation: Phase2Negotiation, call: string, error: unknown): never {
    if (!(error instanceof KernelError)) throw error;
    this.#reportCall(negotiation, call, error.message);
    throw new JobRefused(kernelRefused(negotiation, error));
  }

  #reportCall({ id, record }: Phase2Negotiation, call: string, error: string | undefined): void {
    const detail = `${id} with ${record.phase1.remote.address}`;
    this.#ports.events.emit({ type: 'kernel.call', call, detail, error });
  }

  sendRequest(negotiation: Phase2Negotiation): undefined {
    const riders = this.#riders(negotiation);
    const { payloads, patch } = quickMode.buildRequest(negotiation.record, negotiation.ports.crypto, riders);
    this.#patch(negotiation, patch);
    this.#send(negotiation, 1, payloads);
    return undefined;
  }

  #riders(negotiation: Phase2Negotiation): readonly NotifyPayload[] {
    const entry = this.#context.entryOf(negotiation);
    return entry === undefined ? [] : this.#context.ridersFor(entry);
  }

  #send(negotiation: Phase2Negotiation, number: number, payloads: readonly Payload[]): void {
    const { record } = negotiation;
    const header = headerOf(record);
    const sealed = sealMessage(negotiation.ports.crypto, quickModeProtection(record), header, payloads);
    this.#patch(negotiation, { iv: sealed.iv });
    this.#context.transmit(
      negotiation,
      sealed.bytes,
      summarize(EXCHANGE.quickMode, number, payloads, true, record.messageId, sealed.bytes.length),
    );
  }

  read(
    negotiation: Phase2Negotiation,
    datagram: Datagram,
    header: IsakmpHeader,
    expects: number,
  ): ExchangeEvent {
    const { crypto } = negotiation.ports;
    const entry = this.#context.entryOf(negotiation);
    if (expects === CONNECTED_DUE)
      return { type: 'unexpected', reason: 'a Quick Mode message where only CONNECTED is due' };
    if ((header.flags & FLAG.encryption) === 0)
      return { type: 'unexpected', reason: 'a Quick Mode message in the clear' };
    const opened = openMessage(crypto, quickModeProtection(negotiation.record), header, datagram.bytes);
    if (!opened.ok) {
      if (entry !== undefined) entry.errors.decrypt += 1;
      return {
        type: 'unreadable',
        reason: `Quick Mode message ${String(expects)}: ${opened.error}`,
        suspicion: undefined,
      };
    }
    const { payloads, plaintext, iv } = opened.value;
    const fault = quickModeFault(expects, payloads);
    if (fault !== undefined) return { type: 'unexpected', reason: fault };
    if (!hashIsRight(negotiation.record, expects === 2 ? 2 : 3, payloads, plaintext, crypto)) {
      if (entry !== undefined) entry.errors.hash += 1;
      return {
        type: 'unreadable',
        reason: `HASH(${String(expects)}) of a Quick Mode is wrong`,
        suspicion: undefined,
      };
    }
    if (entry !== undefined) {
      this.#context.heard(entry, datagram.remote);
      this.#context.riddenBy(entry, expects, payloads);
    }
    this.report(negotiation.id, datagram, header, expects, payloads);
    negotiation.messages += 1;
    negotiation.payloads = payloads;
    this.#patch(negotiation, { iv });
    if (expects === 2) {
      const processed = quickMode.processAnswer(negotiation.record, payloads, crypto);
      if (!processed.ok)
        return { type: 'message', id: negotiation.messages, verdict: 'refused', failure: processed.error };
      this.#agree(negotiation, processed.value);
      this.#patch(negotiation, { connectedDue: (header.flags & FLAG.commit) !== 0 });
    }
    return { type: 'message', id: negotiation.messages, verdict: 'acceptable' };
  }

  report(
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

  /** Takes back from the kernel what a failed negotiation had put there. */
  release(negotiation: Phase2Negotiation): void {
    const { phase1, reserved, agreed } = negotiation.record;
    for (const { protocol, spi } of reserved) this.#forget(negotiation, phase1.local.address, protocol, spi);
    for (const pair of agreed) {
      // An outbound SPI is the peer's choice: one that we never added, or took back before, may name a live SA.
      if (!pair.outboundAdded) continue;
      learnOfPair(pair, { outboundAdded: false });
      this.#forget(negotiation, phase1.remote.address, pair.protocol, pair.outboundSpi);
    }
  }

  #forget({ ports }: Phase2Negotiation, destination: string, protocol: IpsecProtocol, spi: number): void {
    ports.kernel.delete({ destination, protocol, spi }).catch((error: unknown) => {
      this.#ports.events.emit({ type: 'internal.error', where: 'kernel.delete', error: String(error) });
    });
  }
}

/** Handles of keys that the kernel has not been given. */
export function handlesOf(agreed: readonly AgreedPair[]): readonly KeyHandle[] {
  const handles: KeyHandle[] = [];
  for (const { inboundKeys, outboundKeys } of agreed) {
    for (const keys of [inboundKeys, outboundKeys]) {
      if (keys?.encryption !== undefined) handles.push(keys.encryption);
      if (keys?.integrity !== undefined) handles.push(keys.integrity);
    }
  }
  return handles;
}

function headerOf({ phase1, messageId }: Phase2Record): HeaderFields {
  const { initiatorCookie, responderCookie } = phase1;
  return { initiatorCookie, responderCookie, exchangeType: EXCHANGE.quickMode, messageId };
}

function kernelRefused(negotiation: Phase2Negotiation, error: KernelError): Failure {
  return failure(
    'kernel-refused',
    { exchange: 'Quick Mode', message: negotiation.lastSent?.summary.number ?? 0 },
    'local',
    `The kernel refused ${error.operation} for the SAs with ${formatEndpoint(negotiation.record.phase1.remote)}: ${error.message}`,
    'Change the algorithms of the policy to what this kernel has, or look at its own log.',
  );
}
