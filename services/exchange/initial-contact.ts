/**
 * INITIAL-CONTACT (RFC 2407 4.6.3.3): its sender has no other SAs with the peer.
 *
 *   SPI, 16 bytes: both cookies of the SA under which it is said; no data
 */
import { NO_BYTES } from '../bytes.js';
import { cookiePair } from '../isakmp/header.js';
import type { DecodedPayload } from '../isakmp/payload.js';
import type { NotifyPayload } from '../isakmp/payloads/notification.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { Phase1Sa } from './phase1-sa.js';
import { allOf } from './payloads-of.js';

export function initialContact(sa: Pick<Phase1Sa, 'initiatorCookie' | 'responderCookie'>): NotifyPayload {
  return {
    kind: 'NOTIFY',
    doi: 1,
    protocol: PROTOCOL.isakmp,
    spi: cookiePair(sa),
    notifyType: NOTIFY.initialContact,
    data: NO_BYTES,
  };
}

export function saysInitialContact(payloads: readonly DecodedPayload[]): boolean {
  return allOf(payloads, 'NOTIFY').some(({ notifyType }) => notifyType === NOTIFY.initialContact);
}
