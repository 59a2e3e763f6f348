/** What is reported about a message that went by. */
import { hexOfNumber } from '../services/bytes.js';
import type { MessageSummary } from '../services/events/event.js';
import { exchangeName } from '../services/isakmp/registries/exchange-types.js';
import { type Payload, payloadName } from '../services/isakmp/payload.js';

export function summarize(
  exchangeType: number,
  number: number,
  payloads: readonly Payload[],
  encrypted: boolean,
  messageId: number,
  bytes: number,
): MessageSummary {
  return {
    exchange: exchangeName(exchangeType),
    number,
    payloads: payloads.map(payloadName),
    encrypted,
    messageId: hexOfNumber(messageId),
    bytes,
  };
}
