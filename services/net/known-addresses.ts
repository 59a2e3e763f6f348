/**
 * Addresses as text and as bytes, remembered: packets come and go between few hosts, and turning the address of each into
 * text and back would cost more than its encryption.
 */
import { readU32, type Bytes } from '../bytes.js';
import { type Address, addressBytes, addressFromBytes, ipv4FromNumber } from './address.js';

/** Then it begins anew: a scan must not fill the memory. */
const MOST = 1024;

/** By number (IPv4), or by the bytes as Latin text (IPv6). */
const texts = new Map<number | string, Address>();
const bytesByText = new Map<Address, Bytes>();

/** Text of 4 or 16 bytes. */
export function addressText(bytes: Bytes): Address {
  if (bytes.length === 4) return ipv4Text(readU32(bytes, 0));
  const key = String.fromCharCode(...bytes);
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = addressFromBytes(bytes);
  if (text === undefined) throw new Error(`${String(bytes.length)} bytes are no address.`);
  return remembered(key, text);
}

/** Of the 32 bits of an IPv4 address as a number. */
export function ipv4Text(number: number): Address {
  return texts.get(number) ?? remembered(number, ipv4FromNumber(number));
}

function remembered(key: number | string, text: Address): Address {
  if (texts.size >= MOST) texts.clear();
  texts.set(key, text);
  return text;
}

/** The 4 or 16 bytes of an address, which are not the caller's to change. */
export function knownBytes(address: Address): Bytes {
  const known = bytesByText.get(address);
  if (known !== undefined) return known;
  const bytes = addressBytes(address);
  if (bytesByText.size >= MOST) bytesByText.clear();
  bytesByText.set(address, bytes);
  return bytes;
}
