/**
 * SADB changes as JSON lines, keys included: what a test or an analyser needs to decrypt and compare. One object a line:
 * `t` seconds since 1970 UTC, `op` add|update|delete, `dst`, `proto` 50 or 51, `spi` 8 hex digits, and but for a delete
 * `src`, `mode`, `soft_s` and `hard_s` (0: none), `encap` [2, source port, destination port] where it goes in UDP, and
 * `enc`, `auth` or `aead` {`alg`, `key` in hex with the nonce behind it, `icv` bits}. Names are Linux's.
 * A reserved SPI is no SA yet and has no line, whether it is made or lapses.
 */
import { INTEGRITY, type EspCipher, type IntegrityAlgorithm } from '../../../services/algorithms.js';
import { type Bytes, hex } from '../../../services/bytes.js';
import type { SaIdentity } from '../../../services/ports/kernel.js';
import type { MatureSa } from './sa-record.js';

const CIPHER_NAMES: Readonly<Record<Exclude<EspCipher, 'aes-gcm-16'>, string>> = {
  null: 'ecb(cipher_null)',
  des: 'cbc(des)',
  '3des': 'cbc(des3_ede)',
  blowfish: 'cbc(blowfish)',
  'aes-cbc': 'cbc(aes)',
  'aes-ctr': 'rfc3686(ctr(aes))',
};
const GCM_NAME = 'rfc4106(gcm(aes))';
const GCM_ICV_BITS = 128;

const INTEGRITY_NAMES: Readonly<Record<IntegrityAlgorithm, string>> = {
  'hmac-md5-96': 'hmac(md5)',
  'hmac-sha1-96': 'hmac(sha1)',
  'hmac-sha2-256-128': 'hmac(sha256)',
  'hmac-sha2-256-96': 'hmac(sha256)',
  'hmac-sha2-384-192': 'hmac(sha384)',
  'hmac-sha2-512-256': 'hmac(sha512)',
};

export interface SaKeyBytes {
  readonly encryption: Bytes;
  readonly integrity: Bytes;
}

export function keyedLine(op: 'add' | 'update', sa: MatureSa, keys: SaKeyBytes, wallTime: number): string {
  return JSON.stringify({
    t: wallTime / 1000,
    op,
    src: sa.source,
    dst: sa.destination,
    proto: sa.protocol,
    spi: spiDigits(sa.spi),
    mode: sa.mode,
    soft_s: sa.lifetimes.softSeconds ?? 0,
    hard_s: sa.lifetimes.hardSeconds ?? 0,
    ...encapsulationField(sa),
    ...cipherField(sa, keys.encryption),
    ...integrityField(sa, keys.integrity),
  });
}

/** `UDP_ENCAP_ESPINUDP` of Linux. */
const ESP_IN_UDP = 2;

function encapsulationField({ direction, encapsulation }: MatureSa): object {
  if (encapsulation === undefined) return {};
  const { localPort, remotePort } = encapsulation;
  const ports = direction === 'outbound' ? [localPort, remotePort] : [remotePort, localPort];
  return { encap: [ESP_IN_UDP, ...ports] };
}

function cipherField({ cipher }: MatureSa, key: Bytes): object {
  if (cipher === undefined) return {};
  if (cipher === 'aes-gcm-16') return { aead: { alg: GCM_NAME, key: hex(key), icv: GCM_ICV_BITS } };
  return { enc: { alg: CIPHER_NAMES[cipher], key: hex(key), icv: 0 } };
}

function integrityField({ integrity }: MatureSa, key: Bytes): object {
  if (integrity === undefined) return {};
  return {
    auth: { alg: INTEGRITY_NAMES[integrity], key: hex(key), icv: INTEGRITY[integrity].icvLength * 8 },
  };
}

export function deleteLine(sa: SaIdentity, wallTime: number): string {
  return JSON.stringify({
    t: wallTime / 1000,
    op: 'delete',
    dst: sa.destination,
    proto: sa.protocol,
    spi: spiDigits(sa.spi),
  });
}

function spiDigits(spi: number): string {
  return spi.toString(16).padStart(8, '0');
}
