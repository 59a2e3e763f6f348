/**
 * Signature payload (RFC 2408 3.12).
 *
 *    +---------------------------------------------------------------+
 *    !                         Signature Data                        !
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import { dataCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

export interface SigPayload {
  readonly kind: 'SIG';
  readonly data: Bytes;
}

export const SIG = dataCodec('SIG', PAYLOAD.signature, ({ data }) =>
  data.length === 0
    ? { code: 'empty', explanation: 'it has no signature', notify: NOTIFY.invalidSignature }
    : undefined,
);
