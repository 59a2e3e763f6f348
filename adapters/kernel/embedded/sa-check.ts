/** What makes an SA acceptable to this kernel; every refusal is a sentence for the operator. */
import { type EspCipher, INTEGRITY, type IntegrityAlgorithm } from '../../../services/algorithms.js';
import type { Bytes } from '../../../services/bytes.js';
import { familyOf } from '../../../services/net/address.js';
import type { KernelSa, Lifetimes } from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { AcceptedAlgorithms } from './sa-record.js';

/** SPIs 1 to 255 are reserved, 0 is never sent (RFC 4303 2.1, RFC 4302 2.4). */
export const LOWEST_SPI = 256;
const HIGHEST_SPI = 2 ** 32 - 1;

/** Key lengths in bytes; the nonce of CTR (RFC 3686 5.1) and the salt of GCM (RFC 4106 8.1) are behind the key. */
const CIPHER_KEY_LENGTHS: Readonly<Record<EspCipher, readonly number[]>> = {
  null: [0],
  des: [8],
  '3des': [24],
  blowfish: Array.from({ length: 52 }, (_, index) => index + 5),
  'aes-cbc': [16, 24, 32],
  'aes-ctr': [20, 28, 36],
  'aes-gcm-16': [20, 28, 36],
};

export function checkSa(sa: KernelSa, keys: Keys): Result<AcceptedAlgorithms, string> {
  const fault = spiFault(sa.spi) ?? familyFault(sa) ?? lifetimesFault(sa.lifetimes) ?? bundleFault(sa);
  if (fault !== undefined) return err(fault);
  return sa.protocol === 51 ? checkAh(sa, keys) : checkEsp(sa, keys);
}

function spiFault(spi: number): string | undefined {
  if (Number.isInteger(spi) && spi >= LOWEST_SPI && spi <= HIGHEST_SPI) return undefined;
  return `SPI ${String(spi)} is not between ${String(LOWEST_SPI)} and ${String(HIGHEST_SPI)}.`;
}

function familyFault(sa: KernelSa): string | undefined {
  if (familyOf(sa.source) === familyOf(sa.destination)) return undefined;
  return `An SA cannot go from ${sa.source} to ${sa.destination}: one is IPv4, the other IPv6.`;
}

function lifetimesFault(lifetimes: Lifetimes): string | undefined {
  return (
    limitFault('seconds', lifetimes.softSeconds, lifetimes.hardSeconds) ??
    limitFault('bytes', lifetimes.softBytes, lifetimes.hardBytes)
  );
}

function limitFault(unit: string, soft: number | undefined, hard: number | undefined): string | undefined {
  for (const limit of [soft, hard]) {
    if (limit !== undefined && !(limit > 0)) return `A lifetime of ${String(limit)} ${unit} is no lifetime.`;
  }
  if (soft === undefined || hard === undefined || soft <= hard) return undefined;
  return `The soft limit of ${String(soft)} ${unit} is above the hard limit of ${String(hard)}.`;
}

function bundleFault(sa: KernelSa): string | undefined {
  if (!sa.bundle.some(({ protocol, spi }) => protocol === sa.protocol && spi === sa.spi)) {
    return 'An SA belongs to its own bundle, if to no larger one.';
  }
  if (sa.encapsulation === undefined || sa.protocol === 50) return undefined;
  return 'AH does not travel in UDP: it covers the addresses that a NAT changes (RFC 3947 5).';
}

function checkAh(sa: KernelSa, keys: Keys): Result<AcceptedAlgorithms, string> {
  if (sa.encryption !== undefined) return err('AH encrypts nothing; its SA names no cipher.');
  if (sa.integrity === undefined) return err('An AH SA names its integrity algorithm.');
  const { algorithm } = sa.integrity;
  const length = keys.lengthOf(sa.integrity.key);
  const fault = integrityKeyFault(algorithm, length);
  if (fault !== undefined) return err(fault);
  return ok({ cipher: undefined, cipherKeyLength: 0, integrity: algorithm, integrityKeyLength: length });
}

function checkEsp(sa: KernelSa, keys: Keys): Result<AcceptedAlgorithms, string> {
  if (sa.encryption === undefined) return err('An ESP SA names its cipher, even if it is null.');
  const { algorithm: cipher } = sa.encryption;
  const { key } = sa.encryption;
  const cipherKeyLength = keys.lengthOf(key);
  const integrity = sa.integrity?.algorithm;
  const integrityKeyLength = sa.integrity === undefined ? 0 : keys.lengthOf(sa.integrity.key);
  const fault =
    keyLengthFault(cipher, cipherKeyLength) ??
    (cipher === '3des' ? weakKeyFault(keys.bytes(key)) : undefined) ??
    pairingFault(cipher, integrity) ??
    (integrity === undefined ? undefined : integrityKeyFault(integrity, integrityKeyLength));
  return fault === undefined ? ok({ cipher, cipherKeyLength, integrity, integrityKeyLength }) : err(fault);
}

function pairingFault(cipher: EspCipher, integrity: IntegrityAlgorithm | undefined): string | undefined {
  if (cipher === 'aes-gcm-16') {
    return integrity === undefined
      ? undefined
      : `AES-GCM has an integrity of its own and takes no ${integrity} beside it (RFC 4106 8.3).`;
  }
  if (integrity !== undefined) return undefined;
  // RFC 4303 3.2: not both of the services may be null.
  if (cipher === 'null') return 'ESP with the null cipher and without integrity protects nothing.';
  return cipher === 'aes-ctr'
    ? 'AES-CTR without integrity lets anybody flip bits of what it carries (RFC 3686 7).'
    : undefined;
}

function integrityKeyFault(integrity: IntegrityAlgorithm, length: number): string | undefined {
  const { keyLength } = INTEGRITY[integrity];
  return length === keyLength
    ? undefined
    : `A key of ${integrity} has ${String(keyLength * 8)} bits, not ${String(length * 8)}.`;
}

function keyLengthFault(cipher: EspCipher, length: number): string | undefined {
  const lengths = CIPHER_KEY_LENGTHS[cipher];
  if (lengths.includes(length)) return undefined;
  const bits = cipher === 'blowfish' ? '40 to 448' : lengths.map((bytes) => String(bytes * 8)).join(' or ');
  const nonce = cipher === 'aes-ctr' || cipher === 'aes-gcm-16' ? ', its nonce counted,' : '';
  return `A key of ${cipher}${nonce} has ${bits} bits, not ${String(length * 8)}.`;
}

function weakKeyFault(key: Bytes): string | undefined {
  return isWeakTripleDes(key)
    ? 'The 3des key is weak: two of its three parts are equal, which leaves single DES.'
    : undefined;
}

/** RFC 2451 2.3: parts that agree but for their parity bits cancel each other. */
function isWeakTripleDes(key: Bytes): boolean {
  const same = (a: number, b: number): boolean => {
    let difference = 0;
    for (let i = 0; i < 8; i++) difference |= ((key[a + i] ?? 0) ^ (key[b + i] ?? 0)) & 0xfe;
    return difference === 0;
  };
  return same(0, 8) || same(8, 16);
}
