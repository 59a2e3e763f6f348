/** Message 1 of a Quick Mode in a capture, if it can be read: who offered what for which traffic. */
import { allOf, firstOf } from '../exchange/payloads-of.js';
import { selectorsOf } from '../exchange/identity.js';
import { decodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader, verifyHeader } from '../isakmp/header.js';
import { decodePayloads } from '../isakmp/message.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import { formatEndpoint, single } from '../net/address.js';
import type { TrafficSelectors } from '../ports/kernel.js';
import { type Datagram, messageOf } from './captured-datagrams.js';
import type { Phase2Offer } from './phase2-offer.js';

/** The offer, or how many Quick Modes there are that only the holder of the keys can read. */
export function quickModeIn(datagrams: readonly Datagram[]): {
  readonly offer: Phase2Offer | undefined;
  readonly sealed: number;
} {
  const seen = new Set<string>();
  const open: Phase2Offer[] = [];
  let sealed = 0;
  for (const datagram of datagrams) {
    const header = headerOf(datagram);
    if (header === undefined) continue;
    // What comes after the first message of a Quick Mode answers it, or repeats it.
    const which = `${header.initiatorCookie} ${String(header.messageId)}`;
    if (seen.has(which)) continue;
    seen.add(which);
    const offer = (header.flags & FLAG.encryption) === 0 ? offerOf(datagram, header) : undefined;
    if (offer === undefined) sealed += 1;
    else open.push(offer);
  }
  const [first] = open;
  if (first === undefined || open.length === 1) return { offer: first, sealed };
  const remarks = [...first.remarks, `${String(open.length - 1)} more begin after it.`];
  return { offer: { ...first, remarks }, sealed };
}

function headerOf(datagram: Datagram): IsakmpHeader | undefined {
  const header = decodeHeader(messageOf(datagram));
  if (!header.ok || verifyHeader(header.value) !== undefined) return undefined;
  return header.value.exchangeType === EXCHANGE.quickMode ? header.value : undefined;
}

function offerOf(datagram: Datagram, { nextPayload }: IsakmpHeader): Phase2Offer | undefined {
  const chain = decodePayloads(nextPayload, messageOf(datagram).subarray(HEADER_LENGTH));
  const sa = chain.ok ? firstOf(chain.value.payloads, 'SA') : undefined;
  if (!chain.ok || sa === undefined) return undefined;
  const { from, to } = datagram;
  const [initiator, responder] = allOf(chain.value.payloads, 'ID');
  // RFC 2409 5.5: without identities the traffic is that of the two ends.
  const hosts: TrafficSelectors = {
    local: { addresses: single(to.address), port: 0 },
    remote: { addresses: single(from.address), port: 0 },
    protocol: 0,
  };
  const said = initiator && responder && selectorsOf(initiator, responder);
  return {
    phase: 2,
    proposals: sa.proposals,
    traffic: initiator === undefined ? hosts : said,
    peer: from.address,
    local: to.address,
    remarks: [
      `Read the first Quick Mode of the capture, from ${formatEndpoint(from)} to ${formatEndpoint(to)}.`,
    ],
  };
}
