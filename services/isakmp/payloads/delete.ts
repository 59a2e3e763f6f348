/**
 * Delete payload (RFC 2408 3.15).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------------------------------------------------------+
 *    !              Domain of Interpretation  (DOI)                  !
 *    +---------------+---------------+-------------------------------+
 *    !  Protocol-Id  !   SPI Size    !           # of SPIs           !
 *    +---------------+---------------+-------------------------------+
 *    !               Security Parameter Index(es) (SPI)              !
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import {
  announces,
  type Field,
  fieldList,
  fillHole,
  followedBy,
  noted,
  u32,
  u8,
  type ValueOf,
} from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { DOI } from '../registries/doi.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';
import { spiLengths } from './spi.js';

/** More than any SA set of one peer; a Delete of more is sent as several. */
const MOST_SPIS = 1024;

const spis: Field<readonly Bytes[]> = {
  width: undefined,
  read(reader, announced) {
    const size = announced.get('SPI size') ?? 0;
    const count = announced.get('SPIs') ?? 0;
    if (size * count !== reader.remaining) {
      reader.fail(
        'count-mismatch',
        `${String(count)} SPIs of ${String(size)} bytes are announced and ${String(reader.remaining)} bytes are there`,
      );
    }
    if (count > MOST_SPIS) reader.fail('too-many', `there are more than ${String(MOST_SPIS)} SPIs`);
    const list: Bytes[] = [];
    while (list.length < count && reader.fault === undefined) list.push(reader.bytes(size));
    return list;
  },
  size: (list) => list.reduce((sum, { length }) => sum + length, 0),
  write(writer, list, holes) {
    for (const spi of list) writer.bytes(spi);
    fillHole(writer, holes, 'SPIs', list.length);
  },
};

const FIELDS = fieldList({
  doi: u32,
  protocol: u8,
  spiSize: followedBy(noted('SPI size', u8), announces('SPIs', 2)),
  spis,
});

export interface DeletePayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'DELETE';
}

export const DELETE = payloadCodec(
  'DELETE',
  PAYLOAD.delete,
  FIELDS,
  (raw) => ({ kind: 'DELETE', raw, doi: 0, protocol: 0, spiSize: 0, spis: [] }),
  ({ doi, protocol, spiSize, spis: list }) => {
    if (doi !== DOI.ipsec && doi !== DOI.isakmp) {
      return {
        code: 'unsupported-doi',
        explanation: `its DOI is ${String(doi)}`,
        notify: NOTIFY.doiNotSupported,
      };
    }
    const lengths = spiLengths(protocol);
    if (lengths.length === 0) {
      const explanation = `it is about the unknown protocol ${String(protocol)}`;
      return { code: 'bad-protocol', explanation, notify: NOTIFY.invalidProtocolId };
    }
    if (!lengths.includes(spiSize) || list.some((spi) => spi.length !== spiSize)) {
      return { code: 'bad-spi', explanation: 'its SPIs have the wrong length', notify: NOTIFY.invalidSpi };
    }
    if (list.length === 0)
      return { code: 'empty', explanation: 'it names no SA', notify: NOTIFY.payloadMalformed };
    return list.length > MOST_SPIS
      ? { code: 'too-many', explanation: 'it names too many SAs', notify: NOTIFY.payloadMalformed }
      : undefined;
  },
);
