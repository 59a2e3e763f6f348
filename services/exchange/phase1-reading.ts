/** Phase 1 messages as the message rules want them: everything structural, before anything in them is believed. */
import { HEADER_LENGTH, type IsakmpHeader } from '../isakmp/header.js';
import { checkMessage, type MessagePlace, sealedPayloads } from '../isakmp/message-rules.js';
import { decodePayloads } from '../isakmp/message.js';
import { type DecodedPayload, payloadName, verifyPayload } from '../isakmp/payload.js';
import type { Datagram } from '../ports/udp.js';
import { err, ok, type Result } from '../result.js';
import type { Phase1Record } from './phase1-record.js';

/** Payloads of a message in the clear that follows the message rules, or what is wrong with it. */
export function readClear(
  header: IsakmpHeader,
  datagram: Datagram,
  place: MessagePlace,
): Result<readonly DecodedPayload[], string> {
  const body = datagram.bytes.subarray(HEADER_LENGTH);
  const decoded = decodePayloads(header.nextPayload, body);
  if (!decoded.ok) return err(decoded.error.explanation);
  if (decoded.value.consumed !== body.length) return err('bytes follow its last payload');
  const fault = phase1Fault(place, decoded.value.payloads);
  return fault === undefined ? ok(decoded.value.payloads) : err(fault);
}

export function phase1Fault(place: MessagePlace, payloads: readonly DecodedPayload[]): string | undefined {
  const rules = checkMessage(place, payloads);
  if (rules !== undefined) return rules.explanation;
  // Before a method is chosen anything but the offer may be sealed; what is sealed is verified when it is open.
  const undecided = place.exchange === 'aggressive-mode' && place.number === 1 && place.method === undefined;
  const sealed: readonly string[] = sealedPayloads(place);
  for (const payload of payloads) {
    if (undecided ? payload.kind !== 'SA' : sealed.length > 0 && sealed.includes(payloadName(payload)))
      continue;
    const fault = verifyPayload(payload);
    if (fault !== undefined) return fault.explanation;
  }
  return undefined;
}

/** Where a message of this negotiation stands in the table of message rules. */
export function messagePlace(record: Phase1Record, number: number, encrypted: boolean): MessagePlace {
  return {
    exchange: record.mode === 'main' ? 'main-mode' : 'aggressive-mode',
    number,
    // Messages 1 and 2 of Main Mode are the same for all methods.
    method: record.method,
    protected: encrypted,
  };
}
