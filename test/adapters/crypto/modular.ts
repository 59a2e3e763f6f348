/** Arithmetic on BigInt that shares nothing with OpenSSL: what checks OpenSSL must not be OpenSSL. */
import { hex } from '../../../services/bytes.js';

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}

/** Big-endian, with leading zeros up to `length`. */
export function bytesOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

export function modPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** Modulo a prime, by Fermat's little theorem. */
export function modInverse(value: bigint, prime: bigint): bigint {
  return modPower(value, prime - 2n, prime);
}
