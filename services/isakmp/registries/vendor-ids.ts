/** Vendor IDs this program recognises. Others are told as hex; they are never errors (RFC 2408 3.16). */
import { type Bytes, fromHex, hex, sameBytes, startsWith } from '../../bytes.js';

export interface VendorIdEntry {
  readonly name: string;
  readonly bytes: Bytes;
  /** Whether more bytes may follow, as a version or flags. */
  readonly prefix: boolean;
  readonly source: string;
}

function vendorId(name: string, bytes: string, source: string, prefix = false): VendorIdEntry {
  return { name, bytes: fromHex(bytes), prefix, source };
}

export const VENDOR_ID = {
  natT: vendorId('NAT-T (RFC 3947)', '4a131c81070358455c5728f20e95452f', 'RFC 3947 3.1'),
  natTDraft03: vendorId(
    'draft-ietf-ipsec-nat-t-ike-03',
    '7d9419a65310ca6f2c179d9215529d56',
    'draft-ietf-ipsec-nat-t-ike-03',
  ),
  natTDraft02Newline: vendorId(
    'draft-ietf-ipsec-nat-t-ike-02 (with a newline)',
    '90cb80913ebb696e086381b5ec427b1f',
    'practice',
  ),
  natTDraft02: vendorId(
    'draft-ietf-ipsec-nat-t-ike-02',
    'cd60464335df21f87cfdb2fc68b6a448',
    'draft-ietf-ipsec-nat-t-ike-02',
  ),
  natTDraft00: vendorId(
    'draft-ietf-ipsec-nat-t-ike-00',
    '4485152d18b6bbcd0be8a8469579ddcc',
    'draft-ietf-ipsec-nat-t-ike-00',
  ),
  // The last two bytes are a version of which only 1.0 exists, so a peer's may differ.
  dpd: vendorId('Dead Peer Detection', 'afcad71368a1f1c96b8696fc77570100', 'RFC 3706 5.1'),
  fragmentation: vendorId(
    'IKE fragmentation',
    '4048b7d56ebce88525e7de7f00d6c2d3',
    'practice ([MS-IKEE] 3.1)',
    true,
  ),
  xauth: vendorId('XAUTH', '09002689dfd6b712', 'practice (draft-beaulieu-ike-xauth)'),
} as const satisfies Readonly<Record<string, VendorIdEntry>>;

export const VENDOR_IDS: readonly VendorIdEntry[] = Object.values(VENDOR_ID);

/** Length of the part of the DPD vendor ID that stands before its version (RFC 3706 5.1). */
const DPD_FIXED_LENGTH = 14;

export function isVendorId(entry: VendorIdEntry, data: Bytes): boolean {
  if (entry === VENDOR_ID.dpd) {
    return data.length === entry.bytes.length && startsWith(data, entry.bytes, DPD_FIXED_LENGTH);
  }
  return entry.prefix ? startsWith(data, entry.bytes) : sameBytes(data, entry.bytes);
}

/** The name of a known vendor ID, or `unknown (hex)`, cut to 16 bytes. */
export function vendorIdName(data: Bytes): string {
  const known = VENDOR_IDS.find((entry) => isVendorId(entry, data));
  return known?.name ?? `unknown (${hex(data.subarray(0, 16))}${data.length > 16 ? '...' : ''})`;
}
