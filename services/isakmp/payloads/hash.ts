/**
 * Hash payload (RFC 2408 3.11).
 *
 *    +---------------------------------------------------------------+
 *    !                           Hash Data                           !
 *    +---------------------------------------------------------------+
 */
import { fieldList, rest, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ data: rest });

export interface HashPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'HASH';
}

export const HASH = payloadCodec('HASH', PAYLOAD.hash, FIELDS, ({ data }) =>
  data.length === 0
    ? { code: 'empty', explanation: 'it has no hash', notify: NOTIFY.invalidHashInformation }
    : undefined,
);
