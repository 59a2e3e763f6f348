/** Main Mode messages as the message rules want them: everything structural, before anything in them is believed. */
import { HEADER_LENGTH, type IsakmpHeader } from '../isakmp/header.js';
import { checkMessage } from '../isakmp/message-rules.js';
import { decodePayloads } from '../isakmp/message.js';
import { type DecodedPayload, verifyPayload } from '../isakmp/payload.js';
import type { Datagram } from '../ports/udp.js';
import { err, ok, type Result } from '../result.js';

/** Payloads of a message in the clear that follows the message rules, or what is wrong with it. */
export function readClear(
  header: IsakmpHeader,
  datagram: Datagram,
  number: number,
): Result<readonly DecodedPayload[], string> {
  const body = datagram.bytes.subarray(HEADER_LENGTH);
  const decoded = decodePayloads(header.nextPayload, body);
  if (!decoded.ok) return err(decoded.error.explanation);
  if (decoded.value.consumed !== body.length) return err('bytes follow its last payload');
  const fault = mainModeFault(number, decoded.value.payloads, false);
  return fault === undefined ? ok(decoded.value.payloads) : err(fault);
}

export function mainModeFault(
  number: number,
  payloads: readonly DecodedPayload[],
  encrypted: boolean,
): string | undefined {
  const rules = checkMessage(
    { exchange: 'main-mode', number, method: 'preshared', protected: encrypted },
    payloads,
  );
  if (rules !== undefined) return rules.explanation;
  for (const payload of payloads) {
    const fault = verifyPayload(payload);
    if (fault !== undefined) return fault.explanation;
  }
  return undefined;
}
