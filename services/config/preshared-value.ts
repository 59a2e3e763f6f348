/** Values of `ike.preshared`. What is wrong with one is told without repeating it. */
import { fromHex } from '../bytes.js';
import { compareAddresses, familyOf, parseAddress, prefixRange, single } from '../net/address.js';
import type { PresharedIdentity, PresharedIdType, PresharedMode } from '../policy/preshared-key.js';

export type Reading<T> = { readonly value: T } | { readonly problem: string; readonly expected: string };

interface IdType {
  readonly type: PresharedIdType;
  readonly family: 4 | 6 | undefined;
}

function idTypes(type: PresharedIdType, family: 4 | 6 | undefined, ...names: string[]): [string, IdType][] {
  return names.map((name) => [name, { type, family }]);
}

const ID_TYPES: ReadonlyMap<string, IdType> = new Map([
  ...idTypes('address', undefined, 'ip'),
  ...idTypes('address', 4, 'ipv4'),
  ...idTypes('address', 6, 'ipv6'),
  ...idTypes('prefix', undefined, 'prefix', 'subnet'),
  ...idTypes('prefix', 4, 'ipv4-prefix', 'subnetv4'),
  ...idTypes('prefix', 6, 'ipv6-prefix', 'subnetv6'),
  ...idTypes('fqdn', undefined, 'fqdn', 'dns', 'domain', 'domainname'),
  ...idTypes('user_fqdn', undefined, 'user_fqdn', 'mbox', 'mailbox'),
  ...idTypes('dn', undefined, 'dn', 'asn1dn'),
  ...idTypes('gn', undefined, 'gn', 'asn1gn'),
  ...idTypes('keyid', undefined, 'keyid'),
  ...idTypes('range', 4, 'ipv4-range', 'rangev4'),
  ...idTypes('range', 6, 'ipv6-range', 'rangev6'),
]);

export const DEFAULT_ID_TYPE: IdType = { type: 'address', family: undefined };

export function readIdTypeName(text: string): Reading<IdType> {
  const value = ID_TYPES.get(text.toLowerCase());
  if (value !== undefined) return { value };
  return { problem: 'is no identity type', expected: `expected one of ${[...ID_TYPES.keys()].join(', ')}` };
}

export function readMode(text: string): Reading<PresharedMode> {
  const value = (['main', 'aggressive', 'both'] as const).find((mode) => mode === text.toLowerCase());
  if (value !== undefined) return { value };
  return { problem: 'is no exchange mode', expected: 'expected main, aggressive or both' };
}

export function readIdentity(text: string, { type, family }: IdType): Reading<PresharedIdentity> {
  switch (type) {
    case 'address':
    case 'prefix':
      return readPrefix(text, type, family);
    case 'range':
      return readRange(text, family);
    case 'fqdn':
    case 'user_fqdn':
    case 'dn':
    case 'gn':
    case 'keyid':
      if (text === '') return { problem: 'is empty', expected: 'expected an identity' };
      if (type === 'user_fqdn' && !/^[^@]+@[^@]+$/.test(text)) {
        return { problem: 'is no mailbox', expected: 'expected user@domain' };
      }
      return { value: { type, text } };
  }
}

/** An address, for which `/length` is allowed, or a prefix, for which it is required. */
function readPrefix(
  text: string,
  type: 'address' | 'prefix',
  family: 4 | 6 | undefined,
): Reading<PresharedIdentity> {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined || (family !== undefined && familyOf(address) !== family)) {
    const wanted = family === undefined ? 'an IPv4 or IPv6 address' : `an IPv${String(family)} address`;
    return {
      problem: `is not ${wanted}`,
      expected: `expected ${wanted}${type === 'prefix' ? ' with /length' : ''}`,
    };
  }
  const bits = familyOf(address) === 4 ? 32 : 128;
  if (slash === -1) {
    if (type === 'address') return { value: { type, range: single(address), prefixLength: undefined } };
    return {
      problem: 'has no prefix length',
      expected: `expected /1 to /${String(bits)} behind the address`,
    };
  }
  const written = text.slice(slash + 1);
  const prefixLength = /^\d{1,3}$/.test(written) ? Number(written) : 0;
  if (prefixLength < 1 || prefixLength > bits) {
    return { problem: 'has a bad prefix length', expected: `expected /1 to /${String(bits)}` };
  }
  return { value: { type, range: prefixRange(address, prefixLength), prefixLength } };
}

function readRange(text: string, family: 4 | 6 | undefined): Reading<PresharedIdentity> {
  const [first = '', last = '', ...rest] = text.split('-');
  const begin = parseAddress(first);
  const end = parseAddress(last);
  const expected = `expected two IPv${String(family ?? 4)} addresses with \`-\` between them`;
  if (rest.length > 0 || begin === undefined || end === undefined)
    return { problem: 'is no range', expected };
  if (familyOf(begin) !== family || familyOf(end) !== family) {
    return { problem: 'is a range of the wrong family', expected };
  }
  if (compareAddresses(begin, end) > 0) return { problem: 'is a range that ends before it begins', expected };
  return { value: { type: 'range', range: { begin, end }, prefixLength: undefined } };
}

/** Checked text of a key; bytes are made of it only when the whole file is good. */
export interface KeyText {
  readonly digits: string;
  readonly bits: number;
}

const KEY_FORM = 'expected hex digits without 0x, optionally followed by /bits';

export function readKey(text: string): Reading<KeyText> {
  const [digits = '', bitsText, ...rest] = text.split('/');
  if (text.startsWith('"')) return { problem: 'is a quoted string', expected: KEY_FORM };
  if (/^0[xX]/.test(digits)) return { problem: 'begins with 0x', expected: KEY_FORM };
  if (!/^[0-9A-Fa-f]+$/.test(digits) || rest.length > 0)
    return { problem: 'is not hexadecimal', expected: KEY_FORM };
  if (bitsText === undefined) return { value: { digits, bits: Math.ceil(digits.length / 2) * 8 } };
  const bits = /^\d{1,6}$/.test(bitsText) ? Number(bitsText) : 0;
  if (bits === 0) return { problem: 'has a bad number of bits', expected: KEY_FORM };
  if (digits.length < Math.ceil(bits / 4)) {
    return {
      problem: 'has fewer digits than its number of bits needs',
      expected: `expected ${String(Math.ceil(bits / 4))} digits or more`,
    };
  }
  return { value: { digits, bits } };
}

/** The key's bytes; surplus digits are cut off and the unused low bits of the last byte are 0. The caller wipes them. */
export function keyBytes({ digits, bits }: KeyText): Uint8Array {
  const length = Math.ceil(bits / 8);
  const bytes = fromHex(digits.padEnd(length * 2, '0').slice(0, length * 2));
  const unused = length * 8 - bits;
  bytes[length - 1] = (bytes[length - 1] ?? 0) & (0xff << unused);
  return bytes;
}
