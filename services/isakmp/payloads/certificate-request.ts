/**
 * Certificate Request payload (RFC 2408 3.10). Without an authority it asks for any certificate.
 *
 *    +---------------+-----------------------------------------------+
 *    !  Cert. Type   !             Certificate Authority             .
 *    +---------------+-----------------------------------------------+
 */
import { NO_BYTES } from '../../bytes.js';
import { fieldList, rest, u8, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { CERT_ENCODINGS } from '../registries/cert-encodings.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ encoding: u8, data: rest });

export interface CertReqPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'CERTREQ';
}

export const CERTREQ = payloadCodec(
  'CERTREQ',
  PAYLOAD.certificateRequest,
  FIELDS,
  (raw) => ({ kind: 'CERTREQ', raw, encoding: 0, data: NO_BYTES }),
  ({ encoding }) =>
    CERT_ENCODINGS.find(encoding) === undefined
      ? {
          code: 'unsupported-type',
          explanation: `certificate encoding ${String(encoding)} is unknown`,
          notify: NOTIFY.invalidCertEncoding,
        }
      : undefined,
);
