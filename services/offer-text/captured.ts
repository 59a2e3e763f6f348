/** The first message of a Main or Aggressive Mode in a capture: who offered what to whom. */
import { type Bytes, readU16, readU32 } from '../bytes.js';
import { firstOf } from '../exchange/payloads-of.js';
import { decodeHeader, HEADER_LENGTH, verifyHeader, ZERO_COOKIE } from '../isakmp/header.js';
import { decodePayloads } from '../isakmp/message.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { addressFromBytes, type Endpoint, formatEndpoint } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { type Frame, readFrames } from './capture-frames.js';
import type { Offer, OfferFault } from './offer.js';

interface Datagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Bytes;
}

const UDP = 17;
/** Where the IP packet begins in frames of a link type; undefined: Ethernet, which says it. */
const IP_AT: ReadonlyMap<number, number> = new Map([
  [0, 4],
  [12, 0],
  [14, 0],
  [101, 0],
  [113, 16],
  [228, 0],
  [229, 0],
  [276, 20],
]);

export function readCapture(file: Bytes): Result<Offer, OfferFault> {
  const frames = readFrames(file);
  if (!frames.ok) return err({ where: 'the file', problem: frames.error });
  const offers: { readonly datagram: Datagram; readonly offer: Offer; readonly cookie: string }[] = [];
  for (const frame of frames.value) {
    const datagram = datagramOf(frame);
    const read = datagram && offerOf(datagram);
    if (datagram === undefined || read === undefined) continue;
    if (!offers.some(({ cookie }) => cookie === read.cookie)) offers.push({ datagram, ...read });
  }
  const [first] = offers;
  if (first === undefined) {
    return err({
      where: 'the file',
      problem: `none of its ${String(frames.value.length)} packets is a first message of Main or Aggressive Mode on UDP; capture from the beginning of a negotiation, with whole packets`,
    });
  }
  const { from, to } = first.datagram;
  const more = offers.length === 1 ? '' : ` ${String(offers.length - 1)} more begin after it.`;
  const remark = `Read the first message 1 of the capture, from ${formatEndpoint(from)} to ${formatEndpoint(to)}.${more}`;
  return ok({ ...first.offer, peer: from.address, local: to.address, remarks: [remark] });
}

function offerOf({ bytes }: Datagram): { readonly offer: Offer; readonly cookie: string } | undefined {
  // Port 4500 has four zero bytes before the message (RFC 3948 2.2).
  const message = bytes.length > 4 && readU32(bytes, 0) === 0 ? bytes.subarray(4) : bytes;
  const header = decodeHeader(message);
  if (!header.ok || verifyHeader(header.value) !== undefined) return undefined;
  const { exchangeType, responderCookie, initiatorCookie, nextPayload } = header.value;
  if (exchangeType !== EXCHANGE.mainMode && exchangeType !== EXCHANGE.aggressive) return undefined;
  if (responderCookie !== ZERO_COOKIE) return undefined;
  const chain = decodePayloads(nextPayload, message.subarray(HEADER_LENGTH));
  const sa = chain.ok ? firstOf(chain.value.payloads, 'SA') : undefined;
  if (sa === undefined) return undefined;
  const transforms = sa.proposals
    .filter(({ protocol }) => protocol === PROTOCOL.isakmp)
    .flatMap((proposal) => proposal.transforms);
  const mode = exchangeType === EXCHANGE.aggressive ? 'aggressive' : 'main';
  return {
    offer: { transforms, mode, peer: undefined, local: undefined, remarks: [] },
    cookie: initiatorCookie,
  };
}

function datagramOf({ link, bytes }: Frame): Datagram | undefined {
  let at = IP_AT.get(link) ?? 12;
  if (link === 1) {
    // VLAN tags stand before the type.
    while (at + 2 <= bytes.length && [0x8100, 0x88a8].includes(readU16(bytes, at))) at += 4;
    at += 2;
  }
  const packet = bytes.subarray(at);
  const version = (packet[0] ?? 0) >>> 4;
  return version === 4 ? udpOf4(packet) : version === 6 ? udpOf6(packet) : undefined;
}

function udpOf4(packet: Bytes): Datagram | undefined {
  const head = ((packet[0] ?? 0) & 0xf) * 4;
  // Later fragments have no UDP header.
  if (packet.length < head + 8 || packet[9] !== UDP || (readU16(packet, 6) & 0x1fff) !== 0) return undefined;
  return udp(packet.subarray(head), packet.subarray(12, 16), packet.subarray(16, 20));
}

function udpOf6(packet: Bytes): Datagram | undefined {
  if (packet.length < 48 || packet[6] !== UDP) return undefined;
  return udp(packet.subarray(40), packet.subarray(8, 24), packet.subarray(24, 40));
}

function udp(segment: Bytes, source: Bytes, destination: Bytes): Datagram | undefined {
  const from = addressFromBytes(source);
  const to = addressFromBytes(destination);
  if (from === undefined || to === undefined) return undefined;
  const length = readU16(segment, 4);
  return {
    from: { address: from, port: readU16(segment, 0) },
    to: { address: to, port: readU16(segment, 2) },
    bytes: segment.subarray(8, Math.max(8, Math.min(length, segment.length))),
  };
}
