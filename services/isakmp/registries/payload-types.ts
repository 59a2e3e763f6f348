/** Payload types, as the Next Payload fields carry them (RFC 2408 3.1, RFC 3947 3.2, RFC 6407 4.1). */
import { registry } from './registry.js';

export const PAYLOAD = {
  none: 0,
  sa: 1,
  proposal: 2,
  transform: 3,
  keyExchange: 4,
  identification: 5,
  certificate: 6,
  certificateRequest: 7,
  hash: 8,
  signature: 9,
  nonce: 10,
  notification: 11,
  delete: 12,
  vendorId: 13,
  attributes: 14,
  natD: 20,
  natOa: 21,
  natDDraft: 130,
  natOaDraft: 131,
  fragment: 132,
} as const;

export const PAYLOAD_TYPES = registry('payload type', [
  { number: PAYLOAD.none, name: 'NONE', source: 'RFC 2408 3.1', supported: true },
  { number: PAYLOAD.sa, name: 'SA', source: 'RFC 2408 3.4', supported: true },
  { number: PAYLOAD.proposal, name: 'PROPOSAL', source: 'RFC 2408 3.5', supported: true },
  { number: PAYLOAD.transform, name: 'TRANSFORM', source: 'RFC 2408 3.6', supported: true },
  { number: PAYLOAD.keyExchange, name: 'KE', source: 'RFC 2408 3.7', supported: true },
  { number: PAYLOAD.identification, name: 'ID', source: 'RFC 2408 3.8', supported: true },
  { number: PAYLOAD.certificate, name: 'CERT', source: 'RFC 2408 3.9', supported: true },
  { number: PAYLOAD.certificateRequest, name: 'CERTREQ', source: 'RFC 2408 3.10', supported: true },
  { number: PAYLOAD.hash, name: 'HASH', source: 'RFC 2408 3.11', supported: true },
  { number: PAYLOAD.signature, name: 'SIG', source: 'RFC 2408 3.12', supported: true },
  { number: PAYLOAD.nonce, name: 'NONCE', source: 'RFC 2408 3.13', supported: true },
  { number: PAYLOAD.notification, name: 'NOTIFY', source: 'RFC 2408 3.14', supported: true },
  { number: PAYLOAD.delete, name: 'DELETE', source: 'RFC 2408 3.15', supported: true },
  { number: PAYLOAD.vendorId, name: 'VENDOR', source: 'RFC 2408 3.16', supported: true },
  { number: PAYLOAD.attributes, name: 'ATTRIBUTES', source: 'practice (Mode Config)' },
  { number: 15, name: 'SAK', source: 'RFC 6407 4.1' },
  { number: 16, name: 'SAT', source: 'RFC 6407 4.1' },
  { number: 17, name: 'KD', source: 'RFC 6407 4.1' },
  { number: 18, name: 'SEQ', source: 'RFC 6407 4.1' },
  { number: PAYLOAD.natD, name: 'NAT-D', source: 'RFC 3947 3.2' },
  { number: PAYLOAD.natOa, name: 'NAT-OA', source: 'RFC 3947 5.2', supported: true },
  { number: 22, name: 'GAP', source: 'RFC 6407 4.1' },
  { number: PAYLOAD.natDDraft, name: 'NAT-D-DRAFT', source: 'draft-ietf-ipsec-nat-t-ike-03' },
  {
    number: PAYLOAD.natOaDraft,
    name: 'NAT-OA-DRAFT',
    source: 'draft-ietf-ipsec-nat-t-ike-03',
    supported: true,
  },
  { number: PAYLOAD.fragment, name: 'FRAGMENT', source: 'practice ([MS-IKEE] 2.2)' },
]);

export function payloadTypeName(number: number): string {
  return PAYLOAD_TYPES.nameOf(number);
}
