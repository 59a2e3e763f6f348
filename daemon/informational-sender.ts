/**
 * What we say in Informational exchanges. Error notifies go out only protected, or to an address that has just offered
 * something, no more than one a second and never larger than what it answers.
 */
import { NO_BYTES, readU32, u32 } from '../services/bytes.js';
import type { NegotiationId } from '../services/events/event.js';
import { probe, probeAnswer } from '../services/exchange/dead-peer-detection.js';
import * as informational from '../services/exchange/informational.js';
import { initialContact } from '../services/exchange/initial-contact.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import { sealMessage } from '../services/exchange/protection.js';
import { encodeMessage } from '../services/isakmp/message.js';
import type { Payload } from '../services/isakmp/payload.js';
import { EXCHANGE } from '../services/isakmp/registries/exchange-types.js';
import { PROTOCOL } from '../services/isakmp/registries/protocols.js';
import type { SpiPair } from '../services/ports/kernel.js';
import { wireProtocol } from '../services/proposal/phase2-suite.js';
import { summarize } from './message-summary.js';
import { type DaemonPorts, portsOf } from './ports.js';
import type { Phase1Entry } from './sa-table.js';
import { Throttle } from './throttle.js';
import { type Destination, transmit } from './transmit.js';

export class InformationalSender {
  readonly #ports: DaemonPorts;
  readonly #warnings: Throttle;

  constructor(ports: DaemonPorts) {
    this.#ports = ports;
    this.#warnings = new Throttle(ports.clock, 1000);
  }

  probe(entry: Phase1Entry, sequence: number): void {
    this.#sendProtected(entry, entry.standing, [probe(entry.sa, sequence)]);
  }

  probeAnswer(entry: Phase1Entry, sequence: number): void {
    this.#sendProtected(entry, entry.id, [probeAnswer(entry.sa, sequence)]);
  }

  /** INITIAL-CONTACT, with a question whose answer shows that it was read; without `sequence` it is only said. */
  introduction(entry: Phase1Entry, sequence: number | undefined): void {
    const question = sequence === undefined ? [] : [probe(entry.sa, sequence)];
    this.#sendProtected(entry, entry.standing, [initialContact(entry.sa), ...question]);
  }

  deletePhase1(entry: Phase1Entry): void {
    this.#sendProtected(entry, entry.standing, [informational.deletePhase1(entry.sa)]);
  }

  /** Names the SAs that we receive on, the protocols one by one (RFC 2408 3.15). */
  deletePhase2(entry: Phase1Entry, pairs: readonly SpiPair[]): void {
    for (const protocol of [51, 50] as const) {
      const spis = pairs.filter((pair) => pair.protocol === protocol).map((pair) => pair.inboundSpi);
      // At most 255 bytes of SPIs per message keep it far below any path MTU.
      for (let i = 0; i < spis.length; i += 64) {
        this.#sendProtected(entry, entry.standing, [
          informational.deletePhase2(protocol, spis.slice(i, i + 64)),
        ]);
      }
    }
  }

  /** An error about a Quick Mode; it names the peer's SPI where one was chosen. */
  refusal(entry: Phase1Entry, notifyType: number, chosen: SpiPair | undefined): void {
    const protocol = wireProtocol(chosen?.protocol ?? 50);
    const spi = chosen === undefined ? NO_BYTES : u32(chosen.outboundSpi);
    this.#sendProtected(entry, entry.id, [informational.notification(protocol, spi, notifyType)]);
  }

  /** `by`: the negotiation that says it, or the SA as it stands. */
  #sendProtected(entry: Phase1Entry, by: NegotiationId, rest: readonly Payload[]): void {
    const ports = portsOf(this.#ports, by);
    const messageId = freshMessageId(entry, ports);
    const { sa } = entry;
    const payloads = informational.protectInformational(sa, messageId, rest, ports.crypto);
    const header = {
      initiatorCookie: sa.initiatorCookie,
      responderCookie: sa.responderCookie,
      exchangeType: EXCHANGE.informational,
      messageId,
    };
    const protection = informational.informationalProtection(sa, messageId, ports.crypto);
    const { bytes } = sealMessage(ports.crypto, protection, header, payloads);
    transmit(ports, sa, bytes);
    this.#report(entry.standing, sa, bytes, payloads, true, messageId);
  }

  /** The answer to an offer that we cannot accept: in the clear, smaller than the offer, at most one a second. */
  warning(id: NegotiationId, record: Phase1Record, notifyType: number): void {
    if (!this.#warnings.allows(record.remote.address)) return;
    const payloads = [informational.notification(PROTOCOL.isakmp, NO_BYTES, notifyType)];
    const ports = portsOf(this.#ports, id);
    const messageId = readU32(ports.random.bytes(4), 0);
    const bytes = encodeMessage(
      {
        initiatorCookie: record.initiatorCookie,
        responderCookie: record.responderCookie,
        exchangeType: EXCHANGE.informational,
        flags: 0,
        messageId,
      },
      payloads,
    );
    transmit(ports, record, bytes);
    this.#report(undefined, record, bytes, payloads, false, messageId);
  }

  #report(
    negotiation: string | undefined,
    destination: Destination,
    bytes: Uint8Array,
    payloads: readonly Payload[],
    encrypted: boolean,
    messageId: number,
  ): void {
    const { local, remote } = destination;
    const message = summarize(EXCHANGE.informational, 0, payloads, encrypted, messageId, bytes.length);
    this.#ports.events.emit({ type: 'message.sent', negotiation, local, remote, message, retransmission: 0 });
  }
}

function freshMessageId(entry: Phase1Entry, { random }: DaemonPorts): number {
  for (;;) {
    const id = readU32(random.bytes(4), 0);
    if (id === 0 || entry.messageIds.has(id)) continue;
    entry.messageIds.add(id);
    return id;
  }
}
