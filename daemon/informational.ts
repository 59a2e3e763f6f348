/**
 * Informational exchanges of the peer: Deletes and notifies. What is not authenticated is an event and at most a
 * suspicion; it never changes an SA.
 */
import { readU32 } from '../services/bytes.js';
import { answersProbe, isOutOfTurn, sequenceOf } from '../services/exchange/dead-peer-detection.js';
import { suspectEarly } from '../services/exchange/early-informational.js';
import * as informational from '../services/exchange/informational.js';
import { allOf } from '../services/exchange/payloads-of.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import { openMessage } from '../services/exchange/protection.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { FLAG, HEADER_LENGTH, type IsakmpHeader } from '../services/isakmp/header.js';
import { checkMessage } from '../services/isakmp/message-rules.js';
import { decodePayloads } from '../services/isakmp/message.js';
import { type DecodedPayload, verifyPayload } from '../services/isakmp/payload.js';
import type { NotifyPayload } from '../services/isakmp/payloads/notification.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import { NOTIFY, notifyName } from '../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../services/isakmp/registries/protocols.js';
import { type Endpoint, formatEndpoint } from '../services/net/address.js';
import type { Crypto } from '../services/ports/crypto.js';
import type { Datagram } from '../services/ports/udp.js';
import type { DropCounter } from './drop-counter.js';
import type { InformationalSender } from './informational-sender.js';
import { summarize } from './message-summary.js';
import { type DaemonPorts, recordedPortsOf } from './ports.js';
import { MOST_MESSAGE_IDS, type Phase1Entry } from './sa-table.js';
import { Throttle } from './throttle.js';

/** Notify types below this are errors (RFC 2408 3.14.1). */
const FIRST_STATUS = 16_384;

export interface InformationalOwner {
  /** The peer has authenticated a message under the SA, from `remote`. */
  heard(entry: Phase1Entry, remote: Endpoint): void;
  /** It has acknowledged one of our open probes. */
  probeAnswered(entry: Phase1Entry): void;
  /** The peer has authenticated a message under an SA that we have deleted: it did not know. */
  heardLate(entry: Phase1Entry): void;
  phase1Deleted(entry: Phase1Entry): void;
  /** SPIs the peer receives on. */
  phase2Deleted(entry: Phase1Entry, protocol: 50 | 51, spis: readonly number[]): void;
  initialContact(entry: Phase1Entry): void;
  /** Whether a CONNECTED may come under this message ID, which a Quick Mode has used. */
  awaitsConnected(entry: Phase1Entry, messageId: number): boolean;
  connected(entry: Phase1Entry, messageId: number, spi: number): void;
  /** An authenticated error about a Quick Mode; `spi` 0 when it names none. */
  quickModeRefused(entry: Phase1Entry, spi: number, failure: Failure): void;
  /** A notify of somebody unproved that may concern a Phase 1 under way, and what it makes suspect there. */
  warned(
    header: IsakmpHeader,
    datagram: Datagram,
    suspect: (record: Phase1Record, crypto: Crypto) => Failure | undefined,
  ): string | undefined;
  /** Somebody says, unauthenticated, that the SA or one made under it is not known any more. */
  doubted(entry: Phase1Entry): void;
}

export class Informational {
  readonly #ports: DaemonPorts;
  readonly #drops: DropCounter;
  readonly #sender: InformationalSender;
  readonly #owner: InformationalOwner;
  readonly #doubts: Throttle;
  readonly #repeats: Throttle;
  readonly #hints: Throttle;

  constructor(
    ports: DaemonPorts,
    drops: DropCounter,
    sender: InformationalSender,
    owner: InformationalOwner,
  ) {
    this.#ports = ports;
    this.#drops = drops;
    this.#sender = sender;
    this.#owner = owner;
    this.#doubts = new Throttle(ports.clock, 60_000);
    this.#repeats = new Throttle(ports.clock, 1000);
    this.#hints = new Throttle(ports.clock, 1000);
  }

  /** `entry`: the SA with its cookies, and whether that stands or is on its way out. */
  receive(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry | undefined, leaving: boolean): void {
    if (entry !== undefined) this.#ports.recorder?.heard(entry.id, datagram);
    if ((header.flags & FLAG.encryption) === 0)
      this.#receiveOpen(datagram, header, leaving ? undefined : entry);
    else if (entry === undefined) this.#receiveEarly(datagram, header);
    else if (leaving) this.#receiveLate(datagram, header, entry);
    else this.#receiveProtected(datagram, header, entry);
  }

  /**
   * Encrypted, but no SA is established yet: what a peer sends that does not like our proof, or could not read it.
   * Nobody has proved who sent it, so it is a hint and no more.
   */
  #receiveEarly(datagram: Datagram, header: IsakmpHeader): void {
    const negotiation = this.#owner.warned(header, datagram, (record, crypto) =>
      suspectEarly(record, header, datagram.bytes, crypto),
    );
    if (negotiation === undefined)
      this.#drops.drop(datagram.remote, 'an Informational under an unknown Phase 1 SA');
  }

  #receiveOpen(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry | undefined): void {
    const { remote } = datagram;
    const decoded = decodePayloads(header.nextPayload, datagram.bytes.subarray(HEADER_LENGTH));
    const [notify] = decoded.ok ? allOf(decoded.value.payloads, 'NOTIFY') : [];
    if (notify === undefined) {
      this.#drops.drop(remote, 'an Informational in the clear that says nothing');
      return;
    }
    const name = notifyName(notify.notifyType);
    // Nobody has proved anything: it is no fact, but reason enough to ask the peer, once in a while.
    const forgotten = notify.notifyType === NOTIFY.invalidCookie || notify.notifyType === NOTIFY.invalidSpi;
    if (forgotten && entry !== undefined && this.#doubts.allows(entry.standing)) this.#owner.doubted(entry);
    const negotiation =
      notify.notifyType < FIRST_STATUS
        ? this.#owner.warned(header, datagram, () => refusedInTheClear(remote, name))
        : undefined;
    if (negotiation === undefined) {
      this.#drops.drop(remote, `an unauthenticated notify ${name} about nothing that is under way`);
      return;
    }
    if (!this.#hints.allows(negotiation)) {
      this.#drops.drop(remote, `an unauthenticated notify ${name}, one of many`);
      return;
    }
    this.#ports.events.emit({
      type: 'notify.received',
      negotiation,
      remote,
      notify: name,
      authenticated: false,
    });
  }

  #receiveProtected(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry): void {
    const known = entry.messageIds.has(header.messageId);
    // RFC 3706 7 lets a peer send its R-U-THERE again as it was: our answer may have been lost.
    const again = known && entry.probes.heardId === header.messageId && this.#repeats.allows(entry.standing);
    // A Quick Mode that waits for CONNECTED may be answered under its own message ID (RFC 2408 3.1).
    const due = known && this.#owner.awaitsConnected(entry, header.messageId);
    const payloads = this.#open(datagram, header, entry, again || due);
    if (payloads === undefined) return;
    const notifies = allOf(payloads, 'NOTIFY');
    if (notifies.some((notify) => this.#isOldAnswer(entry, notify))) {
      this.#ignore(entry, datagram.remote, 'an R-U-THERE-ACK to none of our open probes');
      return;
    }
    // What is repeated was proved when it came first; now it proves only that somebody kept it.
    if (!again) {
      if (notifies.some(({ notifyType }) => notifyType === NOTIFY.rUThereAck)) {
        entry.probes.answeredAt = this.#ports.clock.wallTime();
      }
      this.#owner.heard(entry, datagram.remote);
    }
    for (const notify of notifies) {
      if (notify.notifyType === NOTIFY.rUThere)
        this.#answerProbe(entry, datagram.remote, header.messageId, notify);
      if (notify.notifyType === NOTIFY.rUThereAck) this.#owner.probeAnswered(entry);
    }
    if (!again) this.#act(entry, datagram.remote, header.messageId, payloads);
  }

  /** Under an SA that we have deleted. Nothing is answered; what counts is whether the peer knows. */
  #receiveLate(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry): void {
    const payloads = this.#open(datagram, header, entry, false);
    if (payloads === undefined || allOf(payloads, 'NOTIFY').some((each) => this.#isOldAnswer(entry, each)))
      return;
    if (allOf(payloads, 'DELETE').some((each) => informational.deletesItsOwn(entry.sa, each)))
      this.#owner.phase1Deleted(entry);
    else this.#owner.heardLate(entry);
  }

  /** What is in it, if the peer has authenticated it and it makes sense. `usedId`: its message ID may be a used one. */
  #open(
    datagram: Datagram,
    header: IsakmpHeader,
    entry: Phase1Entry,
    usedId: boolean,
  ): readonly DecodedPayload[] | undefined {
    const { crypto } = recordedPortsOf(this.#ports, entry.id);
    const refuse = (reason: string, error: 'decrypt' | 'hash' | 'other'): void => {
      entry.errors[error] += 1;
      this.#drops.drop(datagram.remote, reason);
    };
    const { messageId } = header;
    if ((entry.messageIds.has(messageId) && !usedId) || entry.messageIds.size >= MOST_MESSAGE_IDS) {
      refuse('an Informational whose message ID was used before', 'other');
      return undefined;
    }
    const protection = informational.informationalProtection(entry.sa, messageId, crypto);
    const opened = openMessage(crypto, protection, header, datagram.bytes);
    if (!opened.ok) {
      refuse(`an Informational: ${opened.error}`, 'decrypt');
      return undefined;
    }
    const { payloads, plaintext } = opened.value;
    const rules = checkMessage(
      { exchange: 'informational', number: 1, method: undefined, protected: true },
      payloads,
    );
    if (rules !== undefined) {
      refuse(`an Informational: ${rules.explanation}`, 'other');
      return undefined;
    }
    if (!informational.informationalIsAuthentic(entry.sa, messageId, payloads, plaintext, crypto)) {
      refuse('the HASH of an Informational is wrong', 'hash');
      return undefined;
    }
    // RFC 2408 5.14, 5.15: another DOI, a protocol, SPI or type that is none.
    const fault = payloads.map((payload) => verifyPayload(payload)).find((found) => found !== undefined);
    if (fault !== undefined) {
      refuse(`an Informational: ${fault.explanation}`, 'other');
      return undefined;
    }
    entry.messageIds.add(messageId);
    this.#ports.events.emit({
      type: 'message.received',
      negotiation: entry.standing,
      local: datagram.local,
      remote: datagram.remote,
      message: summarize(EXCHANGE.informational, 0, payloads, true, messageId, datagram.bytes.length),
    });
    return payloads;
  }

  /** Held back on its way, perhaps by somebody who wants a dead peer to look alive. */
  #isOldAnswer({ probes, sa }: Phase1Entry, notify: NotifyPayload): boolean {
    if (notify.notifyType !== NOTIFY.rUThereAck) return false;
    const sequence = sequenceOf(sa, notify);
    return sequence === undefined || !answersProbe(probes, sequence);
  }

  #answerProbe(entry: Phase1Entry, remote: Endpoint, messageId: number, notify: NotifyPayload): void {
    const sequence = sequenceOf(entry.sa, notify);
    if (sequence === undefined) {
      this.#ignore(entry, remote, 'an R-U-THERE without a sequence number, or about another SA');
    } else if (isOutOfTurn(entry.probes, sequence)) {
      this.#ignore(entry, remote, `an R-U-THERE whose sequence number ${String(sequence)} is out of turn`);
    } else {
      entry.probes.heard = sequence;
      entry.probes.heardId = messageId;
      this.#sender.probeAnswer(entry, sequence);
    }
  }

  #ignore(entry: Phase1Entry, remote: Endpoint, reason: string): void {
    entry.errors.other += 1;
    this.#ports.events.emit({ type: 'message.ignored', negotiation: entry.standing, remote, reason });
  }

  #act(entry: Phase1Entry, remote: Endpoint, messageId: number, payloads: readonly DecodedPayload[]): void {
    for (const notify of allOf(payloads, 'NOTIFY')) {
      const name = notifyName(notify.notifyType);
      this.#ports.events.emit({
        type: 'notify.received',
        negotiation: entry.standing,
        remote,
        notify: name,
        authenticated: true,
      });
      if (notify.notifyType === NOTIFY.initialContact) this.#owner.initialContact(entry);
      if (notify.notifyType === NOTIFY.connected) {
        this.#owner.connected(entry, messageId, spiOf(notify));
      }
      if (notify.notifyType < FIRST_STATUS) {
        this.#owner.quickModeRefused(entry, spiOf(notify), refusedUnderSa(remote, name));
      }
    }
    for (const payload of allOf(payloads, 'DELETE')) {
      if (payload.protocol === PROTOCOL.esp)
        this.#owner.phase2Deleted(entry, 50, informational.deletedSpis(payload));
      if (payload.protocol === PROTOCOL.ah)
        this.#owner.phase2Deleted(entry, 51, informational.deletedSpis(payload));
      if (informational.deletesItsOwn(entry.sa, payload)) this.#owner.phase1Deleted(entry);
    }
  }
}

/** The SPI of an IPsec SA; 0 where the notify names none. One about ISAKMP names cookies, if anything. */
function spiOf({ protocol, spi }: NotifyPayload): number {
  return protocol !== PROTOCOL.isakmp && spi.length === 4 ? readU32(spi, 0) : 0;
}

function refusedInTheClear(remote: Endpoint, name: string): Failure {
  return failure(
    'peer-refused',
    { exchange: 'Main Mode', message: 0 },
    'config',
    `${formatEndpoint(remote)} answered ${name}, unauthenticated, and then nothing that could be used.`,
    name === 'NO-PROPOSAL-CHOSEN'
      ? 'Its configuration accepts none of our Phase 1 transforms: its log names what it expected.'
      : 'The log of the peer says why; with pre-shared keys an error after message 5 usually means different keys.',
  );
}

function refusedUnderSa(remote: Endpoint, name: string): Failure {
  return failure(
    'peer-refused',
    { exchange: 'Quick Mode', message: 1 },
    'config',
    `${formatEndpoint(remote)} refused the Quick Mode with ${name}.`,
    name === 'NO-PROPOSAL-CHOSEN'
      ? 'Compare the ipsec { } part of the policy, the encapsulation mode and p2_pfs with what the peer is set to.'
      : name === 'INVALID-ID-INFORMATION'
        ? 'Compare the networks of the policy with what the peer expects: IKEv1 cannot narrow them.'
        : 'The log of the peer says why.',
  );
}
