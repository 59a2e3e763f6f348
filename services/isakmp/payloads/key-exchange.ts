/**
 * Key Exchange payload (RFC 2408 3.7). Its length is judged against the group, by who knows the group.
 *
 *    +---------------------------------------------------------------+
 *    !                       Key Exchange Data                       !
 *    +---------------------------------------------------------------+
 */
import { fieldList, rest, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ data: rest });

export interface KePayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'KE';
}

export const KE = payloadCodec('KE', PAYLOAD.keyExchange, FIELDS, ({ data }) =>
  data.length === 0
    ? { code: 'empty', explanation: 'it has no public value', notify: NOTIFY.invalidKeyInformation }
    : undefined,
);
