/**
 * Hash payload (RFC 2408 3.11).
 *
 *    +---------------------------------------------------------------+
 *    !                           Hash Data                           !
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import { dataCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

export interface HashPayload {
  readonly kind: 'HASH';
  readonly data: Bytes;
}

export const HASH = dataCodec('HASH', PAYLOAD.hash, ({ data }) =>
  data.length === 0
    ? { code: 'empty', explanation: 'it has no hash', notify: NOTIFY.invalidHashInformation }
    : undefined,
);
