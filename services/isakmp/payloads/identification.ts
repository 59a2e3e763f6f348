/**
 * Identification payload in the IPsec domain of interpretation (RFC 2407 4.6.2).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+-------------------------------+
 *    !   ID Type     !  Protocol ID  !             Port              !
 *    +---------------+---------------+-------------------------------+
 *    !                     Identification Data                       !
 *    +---------------------------------------------------------------+
 */
import { type Bytes, NO_BYTES } from '../../bytes.js';
import { fieldList, rest, u16, u8, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { ID_TYPE, idTypeName } from '../registries/id-types.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ idType: u8, protocol: u8, port: u16, data: rest });

export interface IdPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'ID';
}

export const ID = payloadCodec(
  'ID',
  PAYLOAD.identification,
  FIELDS,
  (raw) => ({ kind: 'ID', raw, idType: 0, protocol: 0, port: 0, data: NO_BYTES }),
  ({ idType, data }) => {
    const explanation = dataFault(idType, data);
    return explanation === undefined
      ? undefined
      : {
          code: LENGTHS[idType] === undefined ? 'unsupported-type' : 'bad-value',
          explanation,
          notify: NOTIFY.invalidIdInformation,
        };
  },
);

/** Bytes of identification data by type; 0: any number but none (RFC 2407 4.6.2.2 to 4.6.2.12). */
const LENGTHS: Readonly<Record<number, number>> = {
  [ID_TYPE.ipv4Addr]: 4,
  [ID_TYPE.fqdn]: 0,
  [ID_TYPE.userFqdn]: 0,
  [ID_TYPE.ipv4AddrSubnet]: 8,
  [ID_TYPE.ipv6Addr]: 16,
  [ID_TYPE.ipv6AddrSubnet]: 32,
  [ID_TYPE.ipv4AddrRange]: 8,
  [ID_TYPE.ipv6AddrRange]: 32,
  [ID_TYPE.derAsn1Dn]: 0,
  [ID_TYPE.derAsn1Gn]: 0,
  [ID_TYPE.keyId]: 0,
};

function dataFault(idType: number, data: Bytes): string | undefined {
  const name = idTypeName(idType);
  const length = LENGTHS[idType];
  if (length === undefined) return `identities of type ${name} are not supported`;
  if (length === 0 ? data.length === 0 : data.length !== length) {
    return `${name} cannot have ${String(data.length)} bytes of data`;
  }
  switch (idType) {
    case ID_TYPE.fqdn:
    case ID_TYPE.userFqdn:
      // RFC 2407 4.6.2.3: no terminators. A NUL inside would also let two readers see two names.
      return data.some((byte) => byte < 0x20 || byte === 0x7f) ? `${name} has control characters` : undefined;
    case ID_TYPE.ipv4AddrSubnet:
    case ID_TYPE.ipv6AddrSubnet:
      return isMask(data, data.length / 2) ? undefined : `${name} has a mask with holes`;
    case ID_TYPE.ipv4AddrRange:
    case ID_TYPE.ipv6AddrRange:
      return Buffer.compare(data.subarray(0, data.length / 2), data.subarray(data.length / 2)) > 0
        ? `${name} ends before it begins`
        : undefined;
    default:
      return undefined;
  }
}

/** Ones, then zeros, from `start` on. */
function isMask(data: Bytes, start: number): boolean {
  let ended = false;
  for (let at = start; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    for (let bit = 7; bit >= 0; bit--) {
      const one = ((byte >>> bit) & 1) === 1;
      if (one && ended) return false;
      ended = ended || !one;
    }
  }
  return true;
}

const UDP = 17;

/**
 * RFC 2407 4.6.2: in Phase 1 an identity names no traffic, so protocol and port are both 0, or UDP and 500.
 * DEVIATION: UDP with port 0 and UDP with port 4500 (RFC 3947) are accepted too, because deployed peers send them.
 */
export function namesNoTraffic(id: IdPayload): boolean {
  if (id.protocol === 0) return id.port === 0;
  return id.protocol === UDP && (id.port === 0 || id.port === 500 || id.port === 4500);
}
