/** What makes an SA acceptable to this kernel; every refusal is a sentence for the operator. */
import { INTEGRITY, type EspCipher, type IntegrityAlgorithm } from '../../../services/algorithms.js';
import type { Bytes } from '../../../services/bytes.js';
import { familyOf } from '../../../services/net/address.js';
import type { IpsecProtocol, KernelSa, Lifetimes } from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import { CIPHERS, type CipherName, type IntegrityName } from './esp.js';
import type { AcceptedAlgorithms } from './sa-record.js';

/** SPIs 1 to 255 are reserved, 0 is never sent (RFC 4303 2.1). */
export const LOWEST_SPI = 256;
const HIGHEST_SPI = 2 ** 32 - 1;

const INTEGRITY_NAMES: Readonly<Record<IntegrityName, true>> = {
  'hmac-md5-96': true,
  'hmac-sha1-96': true,
  'hmac-sha2-256-128': true,
  'hmac-sha2-384-192': true,
  'hmac-sha2-512-256': true,
};

export function protocolFault(protocol: IpsecProtocol): string | undefined {
  return protocol === 51 ? 'The embedded kernel has no AH; propose ESP in the policy.' : undefined;
}

export function checkSa(sa: KernelSa, keys: Keys): Result<AcceptedAlgorithms, string> {
  const fault =
    protocolFault(sa.protocol) ?? spiFault(sa.spi) ?? familyFault(sa) ?? lifetimesFault(sa.lifetimes);
  return fault === undefined ? checkAlgorithms(sa, keys) : err(fault);
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

function checkAlgorithms(sa: KernelSa, keys: Keys): Result<AcceptedAlgorithms, string> {
  if (sa.encryption === undefined) return err('An ESP SA names its cipher, even if it is null.');
  const { algorithm } = sa.encryption;
  if (!isCipher(algorithm)) {
    return err(
      `The embedded kernel has no ESP cipher ${algorithm}; it has ${Object.keys(CIPHERS).join(', ')}.`,
    );
  }
  const cipherKey = keys.bytes(sa.encryption.key);
  const cipherFault = cipherKeyFault(algorithm, cipherKey);
  if (cipherFault !== undefined) return err(cipherFault);
  const accepted = { cipher: algorithm, cipherKeyLength: cipherKey.length };
  if (sa.integrity === undefined) {
    // RFC 4303 3.2: not both of the services may be null.
    return algorithm === 'null'
      ? err('ESP with the null cipher and without integrity protects nothing.')
      : ok({ ...accepted, integrity: undefined, integrityKeyLength: 0 });
  }
  const { algorithm: integrity } = sa.integrity;
  if (!isIntegrity(integrity)) {
    return err(
      `The embedded kernel has no integrity algorithm ${integrity}; it has ${Object.keys(INTEGRITY_NAMES).join(', ')}.`,
    );
  }
  const { keyLength } = INTEGRITY[integrity];
  const length = keys.bytes(sa.integrity.key).length;
  if (length !== keyLength) {
    return err(`A key of ${integrity} has ${String(keyLength * 8)} bits, not ${String(length * 8)}.`);
  }
  return ok({ ...accepted, integrity, integrityKeyLength: length });
}

function cipherKeyFault(cipher: CipherName, key: Bytes): string | undefined {
  const lengths: readonly number[] = CIPHERS[cipher].keyLengths;
  if (!lengths.includes(key.length)) {
    const bits = lengths.map((length) => String(length * 8)).join(' or ');
    return `A key of ${cipher} has ${bits} bits, not ${String(key.length * 8)}.`;
  }
  return cipher === '3des' && isWeakTripleDes(key)
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

function isCipher(algorithm: EspCipher): algorithm is CipherName {
  return algorithm in CIPHERS;
}

function isIntegrity(algorithm: IntegrityAlgorithm): algorithm is IntegrityName {
  return algorithm in INTEGRITY_NAMES;
}
