/** IP addresses as canonical text: comparison, ranges and bytes. Parsing is `ipaddr.js`'s. */
import ipaddr from 'ipaddr.js';
import { type Bytes, hex, hexOfNumber, readU32, u32 } from '../bytes.js';

/** Canonical text of an IPv4 or IPv6 address: dotted quad, or RFC 5952 lower case without a zone. */
export type Address = string;

export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

/** Inclusive range of addresses of one family; a single address has `begin === end`. */
export interface AddressRange {
  readonly begin: Address;
  readonly end: Address;
}

/** Canonical form, or undefined when the text is no numeric address. A dotted quad must have four parts. */
export function parseAddress(text: string): Address | undefined {
  if (ipv4Number(text) !== undefined) return text;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) {
    return ipaddr.IPv6.parse(text).toRFC5952String();
  }
  return undefined;
}

export function familyOf(address: Address): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** 4 or 16 bytes in network order. */
export function addressBytes(address: Address): Bytes {
  const number = ipv4Number(address);
  if (number === undefined) return Uint8Array.from(ipaddr.parse(address).toByteArray());
  return u32(number);
}

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;

/**
 * The 32 bits of an IPv4 address in canonical text, as a number; undefined for any other text. The library reads every way of writing
 * one, with four regular expressions, and each message is held against the ranges of several rules.
 */
export function ipv4Number(address: Address): number | undefined {
  let whole = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at);
    if (code === DOT && digits > 0) {
      whole = whole * 256 + part;
      part = 0;
      digits = 0;
      dots += 1;
      continue;
    }
    if (code < ZERO || code > NINE || (digits > 0 && part === 0)) return undefined;
    part = part * 10 + code - ZERO;
    digits += 1;
    if (part > 255) return undefined;
  }
  return dots === 3 && digits > 0 ? whole * 256 + part : undefined;
}

const OCTETS = Array.from({ length: 256 }, (_, value) => String(value));

function octet(value: number): string {
  return OCTETS[value & 0xff] ?? '';
}

/** Of the 32 bits of an IPv4 address as a number. */
export function ipv4FromNumber(number: number): Address {
  return `${octet(number >>> 24)}.${octet(number >>> 16)}.${octet(number >>> 8)}.${octet(number)}`;
}

/** Canonical text of 4 or 16 bytes; undefined for any other length. */
export function addressFromBytes(bytes: Bytes): Address | undefined {
  if (bytes.length === 4) return ipv4FromNumber(readU32(bytes, 0));
  if (bytes.length === 16) return new ipaddr.IPv6([...bytes]).toRFC5952String();
  return undefined;
}

/** Text that sorts as addresses do, IPv4 before IPv6: for whoever compares one address with many. */
export function addressKey(address: Address): string {
  const number = ipv4Number(address);
  if (number !== undefined) return `4:${hexOfNumber(number)}`;
  return `${String(familyOf(address))}:${hex(addressBytes(address))}`;
}

/** Negative, zero or positive as `a` sorts before, with or after `b`; IPv4 before IPv6. */
export function compareAddresses(a: Address, b: Address): number {
  if (a === b) return 0;
  const one = ipv4Number(a);
  const other = ipv4Number(b);
  if (one !== undefined && other !== undefined) return one - other;
  const family = familyOf(a) - familyOf(b);
  return family === 0 ? Buffer.compare(addressBytes(a), addressBytes(b)) : family;
}

export function inRange(address: Address, range: AddressRange): boolean {
  return (
    familyOf(address) === familyOf(range.begin) &&
    compareAddresses(range.begin, address) <= 0 &&
    compareAddresses(address, range.end) <= 0
  );
}

export function rangeContains(outer: AddressRange, inner: AddressRange): boolean {
  return inRange(inner.begin, outer) && inRange(inner.end, outer);
}

export function single(address: Address): AddressRange {
  return { begin: address, end: address };
}

/** The range of a prefix; `length` 0..32 or 0..128. Host bits of `address` are ignored. */
export function prefixRange(address: Address, length: number): AddressRange {
  const begin = addressBytes(address);
  const end = Uint8Array.from(begin);
  for (let i = 0; i < begin.length; i++) {
    const kept = Math.min(8, Math.max(0, length - i * 8));
    const hostMask = 0xff >>> kept;
    begin[i] = (begin[i] ?? 0) & ~hostMask;
    end[i] = (end[i] ?? 0) | hostMask;
  }
  return { begin: addressFromBytes(begin) ?? address, end: addressFromBytes(end) ?? address };
}

/** Prefix length when the range is exactly a prefix, else undefined. */
export function prefixLengthOf(range: AddressRange): number | undefined {
  const bits = familyOf(range.begin) === 4 ? 32 : 128;
  const begin = addressBytes(range.begin);
  const end = addressBytes(range.end);
  let common = 0;
  while (common < bits) {
    const i = common >>> 3;
    const mask = 0x80 >>> (common & 7);
    if (((begin[i] ?? 0) & mask) !== ((end[i] ?? 0) & mask)) break;
    common++;
  }
  const whole = prefixRange(range.begin, common);
  return whole.begin === range.begin && whole.end === range.end ? common : undefined;
}

/** `a`, `a/len` or `a - b`, as the administrator writes it. */
export function formatRange(range: AddressRange): string {
  if (range.begin === range.end) return range.begin;
  const length = prefixLengthOf(range);
  return length === undefined ? `${range.begin} - ${range.end}` : `${range.begin}/${String(length)}`;
}

/** `1.2.3.4:500` or `[2001:db8::1]:500`. */
export function formatEndpoint(endpoint: Endpoint): string {
  return familyOf(endpoint.address) === 6
    ? `[${endpoint.address}]:${String(endpoint.port)}`
    : `${endpoint.address}:${String(endpoint.port)}`;
}
