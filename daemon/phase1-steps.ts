/** What Phase 1 charts ask for: messages built and read, keys derived, proofs made and checked. When, the chart decides. */
import { type ExchangeEvent, JobRefused } from '../machines/exchange.js';
import type { MessageSummary, NegotiationId } from '../services/events/event.js';
import * as aggressiveMode from '../services/exchange/aggressive-mode.js';
import * as mainMode from '../services/exchange/main-mode.js';
import { tokenFailure } from '../services/certs/token-failure.js';
import { badPublicValue, deriveKeys } from '../services/exchange/phase1-key-exchange.js';
import { checkProof, decideIdentity, sign } from '../services/exchange/phase1-proof.js';
import { messagePlace, phase1Fault, readClear } from '../services/exchange/phase1-reading.js';
import {
  known,
  learn,
  type Phase1Patch,
  type Phase1Patches,
  type Phase1Record,
  placeOf,
} from '../services/exchange/phase1-record.js';
import { openPeer, sealOwn } from '../services/exchange/sealing.js';
import { openMessage, type Protection, sealMessage } from '../services/exchange/protection.js';
import type { Failure } from '../services/failure/failure.js';
import { FLAG, type IsakmpHeader, ZERO_COOKIE } from '../services/isakmp/header.js';
import { encodeMessage, type MessageHead } from '../services/isakmp/message.js';
import type { DecodedPayload, Payload } from '../services/isakmp/payload.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import type { Address, Endpoint } from '../services/net/address.js';
import { type MaybePromise, whenAnswered } from '../services/ports/maybe-promise.js';
import { TokenRefused } from '../services/ports/public-key.js';
import type { Datagram } from '../services/ports/udp.js';
import { surplusKeyLength } from '../services/proposal/phase1-suite.js';
import { phase1SuiteWords } from '../services/proposal/suite-words.js';
import { ok, type Result } from '../services/result.js';
import { summarize } from './message-summary.js';
import type { Negotiation } from './negotiation.js';
import type { DaemonPorts } from './ports.js';
import type { Settings } from './settings.js';
import { sharedSecretOf } from './shared-secret.js';

type Phase1Negotiation = Negotiation<Phase1Record>;

export interface Phase1Context {
  settings(): Settings;
  /** UDP port on which NAT traversal goes on, at both ends (RFC 3947 4). */
  readonly nattPort: number;
  /** Whether an older Phase 1 SA with this peer is known. */
  knowsPeer(local: Address, remote: Address): boolean;
  transmit(negotiation: Phase1Negotiation, bytes: Uint8Array, summary: MessageSummary): void;
}

export class Phase1Steps {
  readonly #ports: DaemonPorts;
  readonly #context: Phase1Context;

  constructor(ports: DaemonPorts, context: Phase1Context) {
    this.#ports = ports;
    this.#context = context;
  }

  #patch(negotiation: Phase1Negotiation, patch: Phase1Patch): void {
    this.#learn(negotiation, [patch]);
  }

  #learn(negotiation: Phase1Negotiation, patches: Phase1Patches): void {
    const { record } = negotiation;
    const before = record.suite;
    for (const patch of patches) learn(record, patch);
    const { suite, presharedWhy } = record;
    const { events } = this.#ports;
    if (suite === undefined || suite === before) return;
    const { id } = negotiation;
    events.emit({ type: 'negotiation.agreed', negotiation: id, suite: phase1SuiteWords(suite) });
    if (presharedWhy !== '') events.emit({ type: 'negotiation.key', negotiation: id, why: presharedWhy });
  }

  // Offers and choices

  sendOffer(negotiation: Phase1Negotiation): ExchangeEvent | undefined {
    const { mode } = negotiation.record;
    const build = mode === 'main' ? mainMode.buildOffer : aggressiveMode.buildOffer;
    const { payloads, patch } = build(negotiation.record, negotiation.ports.crypto);
    this.#patch(negotiation, patch);
    this.#sendClear(negotiation, 1, payloads);
    // In Aggressive Mode it leaves on the way into the state that waits for the answer.
    return mode === 'main' ? { type: 'sent' } : undefined;
  }

  chooseProposal(negotiation: Phase1Negotiation): ExchangeEvent {
    const { presharedKeys } = this.#context.settings();
    const { record, payloads } = negotiation;
    const decide = record.mode === 'main' ? mainMode.processOffer : aggressiveMode.processOffer;
    const chosen = decide(record, payloads, presharedKeys, negotiation.ports.crypto);
    if (!chosen.ok) return { type: 'refused', failure: chosen.error };
    this.#learn(negotiation, chosen.value);
    const { rule, method, chosen: answer } = negotiation.record;
    this.#ports.events.emit({
      type: 'negotiation.rule',
      negotiation: negotiation.id,
      rule: known(rule, 'a rule').label,
    });
    for (const transform of answer?.transforms ?? []) {
      const note = surplusKeyLength(transform);
      if (note === undefined) continue;
      this.#ports.events.emit({ type: 'negotiation.note', negotiation: negotiation.id, note });
    }
    return { type: 'chosen', method: known(method, 'a method') };
  }

  sendChoice(negotiation: Phase1Negotiation): undefined {
    this.#sendClear(negotiation, 2, mainMode.buildChoice(negotiation.record, negotiation.ports.crypto));
  }

  // Key exchange

  /** The key pair, the nonce and, where they are encrypted, identity and nonce for the peer. */
  generateKeyPair(negotiation: Phase1Negotiation): MaybePromise<void> {
    const { crypto, random } = negotiation.ports;
    const group = known(negotiation.record.group, 'a group');
    return whenAnswered(crypto.generateKeyPair(group), (keyPair) => {
      if (negotiation.ended) {
        crypto.erase(keyPair.privateKey);
        return;
      }
      const ownNonce = random.bytes(negotiation.record.nonceLength);
      this.#patch(negotiation, { keyPair, ownNonce });
      this.#patch(negotiation, valueOf(decideIdentity(negotiation.record)));
      if (negotiation.record.method === 'rsa_encrypt')
        this.#patch(negotiation, valueOf(sealOwn(negotiation.record, ownNonce, crypto)));
    });
  }

  async decrypt(negotiation: Phase1Negotiation): Promise<void> {
    const { crypto, random } = negotiation.ports;
    const opened = await usingKey(negotiation, () => openPeer(negotiation.record, crypto, random));
    if (!negotiation.ended) this.#patch(negotiation, opened);
  }

  sharedSecret(negotiation: Phase1Negotiation): MaybePromise<void> {
    const { crypto } = negotiation.ports;
    const { keyPair, group, peerPublic } = negotiation.record;
    const { privateKey } = known(keyPair, 'a key pair');
    const computed = sharedSecretOf(
      crypto,
      { group: known(group, 'a group'), privateKey, peerPublic },
      (fault) => badPublicValue(negotiation.record, negotiation.acceptedNumber, fault),
    );
    return whenAnswered(computed, (secret) => {
      if (!negotiation.ended) this.#patch(negotiation, deriveKeys(negotiation.record, secret, crypto));
      crypto.erase(secret);
    });
  }

  sendKeyExchange(negotiation: Phase1Negotiation): undefined {
    const number = negotiation.record.role === 'initiator' ? 3 : 4;
    this.#sendClear(
      negotiation,
      number,
      mainMode.buildKeyExchange(negotiation.record, negotiation.ports.crypto),
    );
    return undefined;
  }

  // Proofs

  async sign(negotiation: Phase1Negotiation): Promise<void> {
    const signed = await usingKey(negotiation, () => sign(negotiation.record, negotiation.ports.crypto));
    if (!negotiation.ended) this.#patch(negotiation, signed);
  }

  sendProof(negotiation: Phase1Negotiation): ExchangeEvent {
    const { crypto } = negotiation.ports;
    const { mode, role, local, remote } = negotiation.record;
    this.#patch(negotiation, { initialContact: !this.#knowsPeer(negotiation.id, local, remote) });
    const { record } = negotiation;
    if (mode === 'aggressive' && role === 'responder')
      this.#sendClear(negotiation, 2, aggressiveMode.buildAnswer(record, crypto));
    else if (mode === 'aggressive')
      this.#sendProtected(negotiation, 3, aggressiveMode.buildProof(record, crypto));
    else this.#sendProtected(negotiation, role === 'initiator' ? 5 : 6, mainMode.buildProof(record, crypto));
    return { type: 'sent' };
  }

  checkProof(negotiation: Phase1Negotiation): ExchangeEvent {
    const { crypto, clock } = negotiation.ports;
    const proof = checkProof(negotiation.record, negotiation.payloads, negotiation.acceptedNumber, {
      crypto,
      now: clock.wallTime(),
    });
    if (!proof.ok) return { type: 'refused', failure: proof.error };
    this.#patch(negotiation, proof.value);
    return { type: 'proved' };
  }

  #knowsPeer(id: NegotiationId, local: Endpoint, remote: Endpoint): boolean {
    const knows = this.#context.knowsPeer(local.address, remote.address);
    return this.#ports.recorder?.circumstance(id, 'knowsPeer', knows) ?? knows;
  }

  #sendClear(negotiation: Phase1Negotiation, number: number, payloads: readonly Payload[]): undefined {
    const bytes = encodeMessage(headerOf(negotiation.record), payloads);
    this.#transmit(negotiation, number, payloads, false, bytes);
    return undefined;
  }

  #sendProtected(negotiation: Phase1Negotiation, number: number, payloads: readonly Payload[]): void {
    const { record } = negotiation;
    const sealed = sealMessage(negotiation.ports.crypto, protectionOf(record), headerOf(record), payloads);
    this.#patch(negotiation, { iv: sealed.iv });
    this.#transmit(negotiation, number, payloads, true, sealed.bytes);
  }

  #transmit(
    negotiation: Phase1Negotiation,
    number: number,
    payloads: readonly Payload[],
    encrypted: boolean,
    bytes: Uint8Array,
  ): void {
    const { exchangeType } = headerOf(negotiation.record);
    this.#context.transmit(
      negotiation,
      bytes,
      summarize(exchangeType, number, payloads, encrypted, 0, bytes.length),
    );
  }

  // What comes in

  read(
    negotiation: Phase1Negotiation,
    datagram: Datagram,
    header: IsakmpHeader,
    expects: number,
  ): ExchangeEvent {
    const encrypted = (header.flags & FLAG.encryption) !== 0;
    if (negotiation.record.mode === 'main') {
      return expects >= 5
        ? this.#readProtected(negotiation, datagram, header, expects)
        : this.#readOpen(negotiation, datagram, header, expects);
    }
    // RFC 2409 5: message 3 of Aggressive Mode may be encrypted or not.
    return expects === 3 && encrypted
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
    const decoded = readClear(header, datagram, messagePlace(negotiation.record, expects, false));
    if (!decoded.ok) return { type: 'unexpected', reason: decoded.error };
    const { record } = negotiation;
    if (record.role === 'initiator' && expects === 2) {
      if (header.responderCookie === ZERO_COOKIE)
        return { type: 'unexpected', reason: 'a message 2 without a cookie' };
      this.#patch(negotiation, { responderCookie: header.responderCookie });
    }
    this.#report(negotiation, datagram, expects, decoded.value, false);
    return this.#verdict(negotiation, decoded.value, this.#process(negotiation, expects, decoded.value));
  }

  #process(
    { record, ports: { crypto } }: Phase1Negotiation,
    number: number,
    payloads: readonly DecodedPayload[],
  ): Result<Phase1Patches, Failure> {
    const { presharedKeys } = this.#context.settings();
    if (record.mode === 'aggressive') {
      return number === 2
        ? aggressiveMode.processAnswer(record, payloads, presharedKeys, crypto)
        : ok(aggressiveMode.processProof(record, payloads, crypto));
    }
    if (number >= 5) return ok(mainMode.processProof(record, payloads, crypto));
    return number === 2
      ? mainMode.processChoice(record, payloads, presharedKeys, crypto)
      : mainMode.processKeyExchange(record, payloads, crypto);
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
    const opened = openMessage(negotiation.ports.crypto, protectionOf(record), header, datagram.bytes);
    const fault = opened.ok
      ? phase1Fault(messagePlace(record, expects, true), opened.value.payloads)
      : opened.error;
    if (!opened.ok || fault !== undefined) {
      return {
        type: 'unreadable',
        reason: `message ${String(expects)} cannot be read: ${fault ?? 'unknown'}`,
        suspicion: record.mode === 'main' ? mainMode.suspectWrongKey(record, fault ?? 'unknown') : undefined,
      };
    }
    const { payloads, iv } = opened.value;
    this.#follow(negotiation, datagram);
    this.#report(negotiation, datagram, expects, payloads, true);
    const processed = this.#process(negotiation, expects, payloads);
    if (processed.ok) this.#patch(negotiation, { iv });
    return this.#verdict(negotiation, payloads, processed);
  }

  #verdict(
    negotiation: Phase1Negotiation,
    payloads: readonly DecodedPayload[],
    processed: Result<Phase1Patches, Failure>,
  ): ExchangeEvent {
    negotiation.messages += 1;
    negotiation.payloads = payloads;
    const id = negotiation.messages;
    if (!processed.ok) return { type: 'message', id, verdict: 'refused', failure: processed.error };
    this.#learn(negotiation, processed.value);
    this.#float(negotiation);
    const method = processed.value.find((patch) => patch.method !== undefined)?.method;
    return { type: 'message', id, verdict: 'acceptable', method };
  }

  /** RFC 3947 4: once a NAT is found, the initiator goes on at the other port, and stays there. */
  #float(negotiation: Phase1Negotiation): void {
    const { role, features, local, remote } = negotiation.record;
    const { nattPort } = this.#context;
    if (role !== 'initiator' || local.port === nattPort) return;
    if (!features.nat.local && !features.nat.remote) return;
    this.#patch(negotiation, {
      local: { ...local, port: nattPort },
      remote: { ...remote, port: nattPort },
    });
  }

  /** RFC 3947 4: the responder answers to where the decrypted message came from. */
  #follow(negotiation: Phase1Negotiation, { local, remote }: Datagram): void {
    if (negotiation.record.features.natTraversal !== undefined) this.#patch(negotiation, { local, remote });
  }

  #report(
    negotiation: Phase1Negotiation,
    datagram: Datagram,
    number: number,
    payloads: readonly DecodedPayload[],
    encrypted: boolean,
  ): void {
    const { exchangeType } = headerOf(negotiation.record);
    this.#ports.events.emit({
      type: 'message.received',
      negotiation: negotiation.id,
      local: datagram.local,
      remote: datagram.remote,
      message: summarize(exchangeType, number, payloads, encrypted, 0, datagram.bytes.length),
    });
  }
}

/** A private key may be on a token; what the token will not do is the failure of the negotiation. */
async function usingKey<T>(negotiation: Phase1Negotiation, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    const { record, acceptedNumber } = negotiation;
    throw new JobRefused(
      tokenFailure(error.object, error.fault, placeOf(record, acceptedNumber), record.certificate),
    );
  }
}

/** What goes wrong in a job is the failure of the negotiation. */
function valueOf(result: Result<Phase1Patch, Failure>): Phase1Patch {
  if (!result.ok) throw new JobRefused(result.error);
  return result.value;
}

function headerOf(record: Phase1Record): MessageHead {
  return {
    initiatorCookie: record.initiatorCookie,
    responderCookie: record.responderCookie,
    exchangeType: record.mode === 'main' ? EXCHANGE.mainMode : EXCHANGE.aggressive,
    flags: 0,
    messageId: 0,
  };
}

function protectionOf(record: Phase1Record): Protection {
  return {
    suite: known(record.suite, 'a suite'),
    key: known(record.keys, 'keys').encryptionKey,
    iv: record.iv,
  };
}
