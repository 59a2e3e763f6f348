/**
 * NAT Original Address payload (RFC 3947 5.2): an address as its end has it, before any NAT. The drafts before the RFC
 * have the same structure under another payload type.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+---------------+---------------+
 *    |    ID Type    |   RESERVED    |           RESERVED            |
 *    +---------------+---------------+---------------+---------------+
 *    |           IPv4 (4 octets) or IPv6 address (16 octets)         |
 *    +---------------+---------------+---------------+---------------+
 */
import { NO_BYTES } from '../../bytes.js';
import { fieldList, followedBy, reserved, rest, u8, type ValueOf } from '../fields.js';
import { payloadCodec, type ValueFault } from '../payload-codec.js';
import { ID_TYPE, idTypeName } from '../registries/id-types.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ idType: followedBy(u8, reserved(3)), address: rest });

type Value = ValueOf<typeof FIELDS>;

export interface NatOaPayload extends Value {
  readonly kind: 'NAT-OA';
}

export interface NatOaDraftPayload extends Value {
  readonly kind: 'NAT-OA-DRAFT';
}

export const NAT_OA = payloadCodec(
  'NAT-OA',
  PAYLOAD.natOa,
  FIELDS,
  (raw) => ({ kind: 'NAT-OA', raw, idType: 0, address: NO_BYTES }),
  addressFault,
);
export const NAT_OA_DRAFT = payloadCodec(
  'NAT-OA-DRAFT',
  PAYLOAD.natOaDraft,
  FIELDS,
  (raw) => ({ kind: 'NAT-OA-DRAFT', raw, idType: 0, address: NO_BYTES }),
  addressFault,
);

const LENGTHS: Readonly<Record<number, number>> = { [ID_TYPE.ipv4Addr]: 4, [ID_TYPE.ipv6Addr]: 16 };

function addressFault({ idType, address }: Value): ValueFault | undefined {
  const length = LENGTHS[idType];
  if (length === undefined) {
    const explanation = `${idTypeName(idType)} is no address of a host`;
    return { code: 'unsupported-type', explanation, notify: NOTIFY.payloadMalformed };
  }
  if (length === address.length) return undefined;
  const explanation = `${idTypeName(idType)} cannot have ${String(address.length)} bytes`;
  return { code: 'bad-value', explanation, notify: NOTIFY.payloadMalformed };
}
