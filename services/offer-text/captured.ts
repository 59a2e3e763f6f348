/** The first message of a Main or Aggressive Mode in a capture: who offered what to whom. */
import { firstOf } from '../exchange/payloads-of.js';
import { decodeHeader, HEADER_LENGTH, verifyHeader, ZERO_COOKIE } from '../isakmp/header.js';
import { decodePayloads } from '../isakmp/message.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { formatEndpoint } from '../net/address.js';
import { type Datagram, messageOf } from './captured-datagrams.js';
import type { Offer } from './offer.js';

/** Undefined where there is none. */
export function phase1OfferIn(datagrams: readonly Datagram[]): Offer | undefined {
  let first: { readonly datagram: Datagram; readonly offer: Offer } | undefined;
  const cookies = new Set<string>();
  for (const datagram of datagrams) {
    const read = offerOf(datagram);
    if (read === undefined) continue;
    first ??= { datagram, offer: read.offer };
    cookies.add(read.cookie);
  }
  if (first === undefined) return undefined;
  const { from, to } = first.datagram;
  const more = cookies.size === 1 ? '' : ` ${String(cookies.size - 1)} more begin after it.`;
  const remark = `Read the first message 1 of the capture, from ${formatEndpoint(from)} to ${formatEndpoint(to)}.${more}`;
  return { ...first.offer, peer: from.address, local: to.address, remarks: [remark] };
}

function offerOf(datagram: Datagram): { readonly offer: Offer; readonly cookie: string } | undefined {
  const message = messageOf(datagram);
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
    offer: { phase: 1, transforms, mode, peer: undefined, local: undefined, remarks: [] },
    cookie: initiatorCookie,
  };
}
