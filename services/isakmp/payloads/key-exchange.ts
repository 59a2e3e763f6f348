/**
 * Key Exchange payload (RFC 2408 3.7). Its length is judged against the group, by who knows the group.
 *
 *    +---------------------------------------------------------------+
 *    !                       Key Exchange Data                       !
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import { dataCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

export interface KePayload {
  readonly kind: 'KE';
  readonly data: Bytes;
}

export const KE = dataCodec('KE', PAYLOAD.keyExchange, ({ data }) =>
  data.length === 0
    ? { code: 'empty', explanation: 'it has no public value', notify: NOTIFY.invalidKeyInformation }
    : undefined,
);
