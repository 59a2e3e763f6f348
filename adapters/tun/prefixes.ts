/** A range of addresses as the prefixes that make it up, as routes want them. */
import {
  type AddressRange,
  addressBytes,
  addressFromBytes,
  compareAddresses,
  familyOf,
  prefixRange,
} from '../../services/net/address.js';
import type { Bytes } from '../../services/bytes.js';

/** `address/length`, from low to high; together exactly the range. */
export function prefixesOf(range: AddressRange): readonly string[] {
  const bits = familyOf(range.begin) === 4 ? 32 : 128;
  const found: string[] = [];
  let at: string | undefined = range.begin;
  while (at !== undefined && compareAddresses(at, range.end) <= 0) {
    const { end, length } = largestAt(at, range.end, bits);
    found.push(`${at}/${String(length)}`);
    at = addressAfter(addressBytes(end));
  }
  return found;
}

/** The largest prefix that begins at the address and does not end behind the last one. */
function largestAt(
  begin: string,
  last: string,
  bits: number,
): { readonly end: string; readonly length: number } {
  for (let length = 0; length < bits; length++) {
    const whole = prefixRange(begin, length);
    if (whole.begin === begin && compareAddresses(whole.end, last) <= 0) return { end: whole.end, length };
  }
  return { end: begin, length: bits };
}

/** Undefined behind the last address there is. */
function addressAfter(bytes: Bytes): string | undefined {
  const next = Uint8Array.from(bytes);
  for (let i = next.length - 1; i >= 0; i--) {
    const byte = next[i] ?? 0;
    if (byte < 0xff) {
      next[i] = byte + 1;
      return addressFromBytes(next);
    }
    next[i] = 0;
  }
  return undefined;
}
