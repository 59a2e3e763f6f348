/** What Main Mode charts ask for: messages built and read, keys derived. When, the chart decides. */
import type { ExchangeEvent } from '../machines/exchange.js';
import type { MessageSummary } from '../services/events/event.js';
import * as mainMode from '../services/exchange/main-mode.js';
import { mainModeFault, readClear } from '../services/exchange/main-mode-reading.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import {
  type HeaderFields,
  openMessage,
  type Protection,
  sealMessage,
} from '../services/exchange/protection.js';
import type { Failure } from '../services/failure/failure.js';
import { FLAG, type IsakmpHeader, ZERO_COOKIE } from '../services/isakmp/header.js';
import { encodeMessage } from '../services/isakmp/message.js';
import type { DecodedPayload, Payload } from '../services/isakmp/payload.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import type { Address } from '../services/net/address.js';
import type { Datagram } from '../services/ports/udp.js';
import { surplusKeyLength } from '../services/proposal/phase1-suite.js';
import { ok, type Result } from '../services/result.js';
import type { Negotiation } from './exchange-runner.js';
import { summarize } from './message-summary.js';
import type { DaemonPorts } from './ports.js';
import type { Settings } from './settings.js';
import { sharedSecretOf } from './shared-secret.js';

type Phase1Negotiation = Negotiation<Phase1Record>;

export interface MainModeContext {
  settings(): Settings;
  /** Whether an older Phase 1 SA with this peer is known. */
  knowsPeer(local: Address, remote: Address): boolean;
  transmit(negotiation: Phase1Negotiation, bytes: Uint8Array, summary: MessageSummary): void;
}

export class MainModeSteps {
  readonly #ports: DaemonPorts;
  readonly #context: MainModeContext;

  constructor(ports: DaemonPorts, context: MainModeContext) {
    this.#ports = ports;
    this.#context = context;
  }

  sendChoice(negotiation: Phase1Negotiation): undefined {
    this.#sendClear(negotiation, 2, mainMode.buildChoice(negotiation.record));
  }

  sendOffer(negotiation: Phase1Negotiation): ExchangeEvent {
    const { payloads, patch } = mainMode.buildOffer(negotiation.record);
    negotiation.record = { ...negotiation.record, ...patch };
    this.#sendClear(negotiation, 1, payloads);
    return { type: 'sent' };
  }

  chooseProposal(negotiation: Phase1Negotiation): ExchangeEvent {
    const { config, presharedKeys } = this.#context.settings();
    const chosen = mainMode.processOffer(negotiation.record, negotiation.payloads, config, presharedKeys);
    if (!chosen.ok) return { type: 'refused', failure: chosen.error };
    negotiation.record = { ...negotiation.record, ...chosen.value };
    const { rule, chosen: answer } = negotiation.record;
    if (rule !== undefined) {
      this.#ports.events.emit({ type: 'negotiation.rule', negotiation: negotiation.id, rule: rule.label });
    }
    for (const transform of answer?.transforms ?? []) {
      const note = surplusKeyLength(transform);
      if (note === undefined) continue;
      this.#ports.events.emit({ type: 'negotiation.note', negotiation: negotiation.id, note });
    }
    return { type: 'chosen' };
  }

  async generateKeyPair(negotiation: Phase1Negotiation): Promise<void> {
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

  async sharedSecret(negotiation: Phase1Negotiation): Promise<void> {
    const { suite, keyPair, peerPublic } = negotiation.record;
    if (suite === undefined || keyPair === undefined) throw new Error('no key exchange has taken place');
    const secret = await sharedSecretOf(
      this.#ports.crypto,
      { group: suite.group, privateKey: keyPair.privateKey, peerPublic },
      (fault) => mainMode.badPublicValue(negotiation.record, fault),
    );
    if (!negotiation.ended) {
      const keys = mainMode.deriveKeys(negotiation.record, secret, this.#ports.crypto);
      negotiation.record = { ...negotiation.record, ...keys };
    }
    this.#ports.crypto.erase(secret);
  }

  sendKeyExchange(negotiation: Phase1Negotiation): undefined {
    const number = negotiation.record.role === 'initiator' ? 3 : 4;
    this.#sendClear(negotiation, number, mainMode.buildKeyExchange(negotiation.record));
    return undefined;
  }

  sendProof(negotiation: Phase1Negotiation): ExchangeEvent {
    const { role, local, remote } = negotiation.record;
    negotiation.record = {
      ...negotiation.record,
      initialContact: !this.#context.knowsPeer(local.address, remote.address),
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
    this.#context.transmit(
      negotiation,
      sealed.bytes,
      summarize(EXCHANGE.mainMode, number, payloads, true, 0, sealed.bytes.length),
    );
    return { type: 'sent' };
  }

  checkProof(negotiation: Phase1Negotiation): ExchangeEvent {
    const proof = mainMode.checkProof(negotiation.record, negotiation.payloads, this.#ports.crypto);
    if (!proof.ok) return { type: 'refused', failure: proof.error };
    negotiation.record = { ...negotiation.record, ...proof.value };
    return { type: 'proved' };
  }

  #sendClear(negotiation: Phase1Negotiation, number: number, payloads: readonly Payload[]): undefined {
    const bytes = encodeMessage({ ...headerOf(negotiation.record), flags: 0 }, payloads);
    this.#context.transmit(
      negotiation,
      bytes,
      summarize(EXCHANGE.mainMode, number, payloads, false, 0, bytes.length),
    );
    return undefined;
  }

  // What comes in

  read(
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
    const fault = opened.ok ? mainModeFault(expects, opened.value.payloads, true) : opened.error;
    if (!opened.ok || fault !== undefined) {
      return {
        type: 'unreadable',
        reason: `message ${String(expects)} cannot be read: ${fault ?? 'unknown'}`,
        suspicion: mainMode.suspectWrongKey(record, fault ?? 'unknown'),
      };
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
