/**
 * Notification payload (RFC 2408 3.14).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------------------------------------------------------+
 *    !              Domain of Interpretation  (DOI)                  !
 *    +---------------+---------------+-------------------------------+
 *    !  Protocol-ID  !   SPI Size    !      Notify Message Type      !
 *    +---------------+---------------+-------------------------------+
 *    !                Security Parameter Index (SPI)                 !
 *    +---------------------------------------------------------------+
 *    !                       Notification Data                       !
 *    +---------------------------------------------------------------+
 */
import { NO_BYTES } from '../../bytes.js';
import { announces, fieldList, followedBy, rest, sized, u16, u32, u8, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { DOI } from '../registries/doi.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';
import { PROTOCOL } from '../registries/protocols.js';
import { ISAKMP_SPI_LENGTH, spiLengths } from './spi.js';

const FIELDS = fieldList({
  doi: u32,
  protocol: followedBy(u8, announces('SPI', 1)),
  notifyType: u16,
  spi: sized('SPI'),
  data: rest,
});

export interface NotifyPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'NOTIFY';
}

export const NOTIFICATION = payloadCodec(
  'NOTIFY',
  PAYLOAD.notification,
  FIELDS,
  (raw) => ({
    kind: 'NOTIFY',
    raw,
    doi: 0,
    protocol: 0,
    notifyType: 0,
    spi: NO_BYTES,
    data: NO_BYTES,
  }),
  ({ doi, protocol, notifyType, spi }) => {
    // RFC 2408 3.14: before a DOI has been agreed the sender has only 0 to write.
    if (doi !== DOI.ipsec && doi !== DOI.isakmp) {
      return {
        code: 'unsupported-doi',
        explanation: `its DOI is ${String(doi)}`,
        notify: NOTIFY.doiNotSupported,
      };
    }
    // DEVIATION: RFC 2408 3.14 names no protocol 0, but peers that refuse a whole message send it.
    if (protocol > PROTOCOL.ipcomp) {
      const explanation = `it is about the unknown protocol ${String(protocol)}`;
      return { code: 'bad-protocol', explanation, notify: NOTIFY.invalidProtocolId };
    }
    const known = spiLengths(protocol);
    // The SPI may be left out; for ISAKMP any length up to the cookie pair is allowed and the header's cookies count.
    const fits =
      protocol <= PROTOCOL.isakmp
        ? spi.length <= ISAKMP_SPI_LENGTH
        : spi.length === 0 || known.includes(spi.length);
    if (!fits) {
      const explanation = `its SPI has the impossible length of ${String(spi.length)} bytes`;
      return { code: 'bad-spi', explanation, notify: NOTIFY.invalidSpi };
    }
    return notifyType === 0
      ? { code: 'bad-value', explanation: 'its message type is 0', notify: NOTIFY.payloadMalformed }
      : undefined;
  },
);
