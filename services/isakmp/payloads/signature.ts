/**
 * Signature payload (RFC 2408 3.12).
 *
 *    +---------------------------------------------------------------+
 *    !                         Signature Data                        !
 *    +---------------------------------------------------------------+
 */
import { fieldList, rest, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ data: rest });

export interface SigPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'SIG';
}

export const SIG = payloadCodec('SIG', PAYLOAD.signature, FIELDS, ({ data }) =>
  data.length === 0
    ? { code: 'empty', explanation: 'it has no signature', notify: NOTIFY.invalidSignature }
    : undefined,
);
