/** An entry of an extended access list of Cisco IOS or ASA: `permit ip 10.1.0.0 0.0.255.255 host 192.0.2.1`. */
import {
  type Address,
  addressBytes,
  addressFromBytes,
  type AddressRange,
  parseAddress,
  prefixLengthOf,
  prefixRange,
  single,
} from '../net/address.js';
import { ipProtocolNamed, type TypedSide } from './traffic-text.js';

export interface AccessEntry {
  readonly source: TypedSide;
  readonly destination: TypedSide;
}

/** Undefined for what denies, names groups of objects, or anything else that is no traffic selector. */
export function readAccessEntry(text: string): AccessEntry | undefined {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.shift() !== 'permit') return undefined;
  const protocol = ipProtocolNamed(words.shift() ?? '');
  if (protocol === undefined) return undefined;
  const source = takeSide(words, protocol);
  const destination = takeSide(words, protocol);
  return source && destination && { source, destination };
}

function takeSide(words: string[], protocol: number): TypedSide | undefined {
  const addresses = takeAddresses(words);
  if (addresses === undefined) return undefined;
  if (words[0] !== 'eq') return { addresses, protocol, port: 0 };
  words.shift();
  const port = Number(words.shift());
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? { addresses, protocol, port } : undefined;
}

function takeAddresses(words: string[]): AddressRange | undefined {
  const first = words.shift() ?? '';
  if (first === 'any' || first === 'any4') return prefixRange('0.0.0.0', 0);
  if (first === 'host') {
    const host = parseAddress(words.shift() ?? '');
    return host === undefined ? undefined : single(host);
  }
  const base = parseAddress(first);
  const mask = parseAddress(words.shift() ?? '');
  return base === undefined || mask === undefined ? undefined : rangeOf(base, mask);
}

/** IOS writes the bits that are free (0.0.255.255), ASA those that are fixed (255.255.0.0). */
function rangeOf(base: Address, mask: Address): AddressRange | undefined {
  if (addressBytes(base).every((byte) => byte === 0)) return prefixRange(base, 0);
  const bytes = addressBytes(mask);
  const first = bytes[0] ?? 0;
  const free = first >= 128 ? bytes.map((byte) => ~byte & 0xff) : bytes;
  const end = addressFromBytes(addressBytes(base).map((byte, at) => byte | (free[at] ?? 0)));
  const begin = addressFromBytes(addressBytes(base).map((byte, at) => byte & ~(free[at] ?? 0) & 0xff));
  if (begin === undefined || end === undefined) return undefined;
  const range = { begin, end };
  return prefixLengthOf(range) === undefined ? undefined : range;
}
