/**
 * Certificate payload (RFC 2408 3.9).
 *
 *    +---------------+-----------------------------------------------+
 *    ! Cert Encoding !               Certificate Data                .
 *    +---------------+-----------------------------------------------+
 */
import { NO_BYTES } from '../../bytes.js';
import { fieldList, rest, u8, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { CERT_ENCODINGS } from '../registries/cert-encodings.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ encoding: u8, data: rest });

export interface CertPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'CERT';
}

export const CERT = payloadCodec(
  'CERT',
  PAYLOAD.certificate,
  FIELDS,
  (raw) => ({ kind: 'CERT', raw, encoding: 0, data: NO_BYTES }),
  ({ encoding, data }) => {
    if (CERT_ENCODINGS.find(encoding) === undefined) {
      const explanation = `certificate encoding ${String(encoding)} is unknown`;
      return { code: 'unsupported-type', explanation, notify: NOTIFY.invalidCertEncoding };
    }
    return data.length === 0
      ? { code: 'empty', explanation: 'it has no certificate', notify: NOTIFY.invalidCertificate }
      : undefined;
  },
);
