/** Taking payloads out of a message that the message rules have let through. */
import type { DecodedPayload, Payload } from '../isakmp/payload.js';

type Kind = Payload['kind'];
type OfKind<K extends Kind> = Extract<DecodedPayload, { kind: K }>;

function isKind<K extends Kind>(payload: DecodedPayload, kind: K): payload is OfKind<K> {
  return payload.kind === kind;
}

export function allOf<K extends Kind>(payloads: readonly DecodedPayload[], kind: K): readonly OfKind<K>[] {
  const found: OfKind<K>[] = [];
  for (const payload of payloads) if (isKind(payload, kind)) found.push(payload);
  return found;
}

export function firstOf<K extends Kind>(payloads: readonly DecodedPayload[], kind: K): OfKind<K> | undefined {
  for (const payload of payloads) if (isKind(payload, kind)) return payload;
  return undefined;
}
