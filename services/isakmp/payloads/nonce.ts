/**
 * Nonce payload (RFC 2408 3.13).
 *
 *    +---------------------------------------------------------------+
 *    !                          Nonce Data                           !
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import { dataCodec } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';

export interface NoncePayload {
  readonly kind: 'NONCE';
  readonly data: Bytes;
}

/** RFC 2409 5: between 8 and 256 bytes. */
export const NONCE_LENGTH = { least: 8, most: 256 } as const;

export const NONCE = dataCodec('NONCE', PAYLOAD.nonce, ({ data }) =>
  data.length < NONCE_LENGTH.least || data.length > NONCE_LENGTH.most
    ? {
        code: 'bad-length',
        explanation: `a nonce of ${String(data.length)} bytes is outside ${String(NONCE_LENGTH.least)} to ${String(NONCE_LENGTH.most)}`,
        notify: NOTIFY.payloadMalformed,
      }
    : undefined,
);
