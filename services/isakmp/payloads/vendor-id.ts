/**
 * Vendor ID payload (RFC 2408 3.16). An unknown one is told, never refused.
 *
 *    +---------------------------------------------------------------+
 *    !                        Vendor ID (VID)                        !
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import { dataCodec } from '../payload-codec.js';
import { PAYLOAD } from '../registries/payload-types.js';

export interface VendorPayload {
  readonly kind: 'VENDOR';
  readonly data: Bytes;
}

export const VENDOR = dataCodec('VENDOR', PAYLOAD.vendorId, () => undefined);
