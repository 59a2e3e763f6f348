/**
 * Vendor ID payload (RFC 2408 3.16). An unknown one is told, never refused.
 *
 *    +---------------------------------------------------------------+
 *    !                        Vendor ID (VID)                        !
 *    +---------------------------------------------------------------+
 */
import { fieldList, rest, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { PAYLOAD } from '../registries/payload-types.js';

const FIELDS = fieldList({ data: rest });

export interface VendorPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'VENDOR';
}

export const VENDOR = payloadCodec('VENDOR', PAYLOAD.vendorId, FIELDS, () => undefined);
