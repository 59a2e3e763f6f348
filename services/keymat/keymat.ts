/** Keys of IPsec SAs (RFC 2409 5.5). */
import type { HashAlgorithm } from '../algorithms.js';
import { HASH_LENGTH } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { u8 } from '../bytes.js';
import type { Crypto, Secretive } from '../ports/crypto.js';
import type { KeyHandle } from '../ports/keys.js';

export interface KeymatInput {
  /** Hash of the Phase 1 SA. */
  readonly hash: HashAlgorithm;
  readonly skeyidD: KeyHandle;
  /** g(qm)^xy under perfect forward secrecy. */
  readonly sharedSecret: KeyHandle | undefined;
  /** Protocol ID of the IPsec DOI: AH 2, ESP 3 (RFC 2407 4.4.1). */
  readonly protocol: number;
  /** The 4 bytes chosen by the receiver of the traffic: each direction has keys of its own. */
  readonly spi: Bytes;
  readonly initiatorNonce: Bytes;
  readonly responderNonce: Bytes;
  /** Bytes of the encryption key; 0 for none. */
  readonly encryptionLength: number;
  /** Bytes of the integrity key; 0 for none. */
  readonly integrityLength: number;
}

export interface IpsecKeys {
  readonly encryption: KeyHandle | undefined;
  readonly integrity: KeyHandle | undefined;
}

/** The keys of one direction. The caller erases them; what went in stays. */
export function ipsecKeys(crypto: Crypto, input: KeymatInput): IpsecKeys {
  const { encryptionLength, integrityLength } = input;
  const keymat = keymatBlocks(crypto, input, encryptionLength + integrityLength);
  const part = (offset: number, length: number): KeyHandle | undefined =>
    length === 0 ? undefined : crypto.slice(keymat, offset, length);
  // RFC 2401 4.6.2: the encryption key comes first.
  const keys = { encryption: part(0, encryptionLength), integrity: part(encryptionLength, integrityLength) };
  crypto.erase(...keymat);
  return keys;
}

/** K1 | K2 | ... of at least `length` bytes: Kn = prf(SKEYID_d, Kn-1 | [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b) */
function keymatBlocks(crypto: Crypto, input: KeymatInput, length: number): readonly KeyHandle[] {
  const seed: Secretive[] = input.sharedSecret === undefined ? [] : [input.sharedSecret];
  seed.push(u8(input.protocol), input.spi, input.initiatorNonce, input.responderNonce);
  const blocks: KeyHandle[] = [];
  let previous: readonly KeyHandle[] = [];
  for (let available = 0; available < length; available += HASH_LENGTH[input.hash]) {
    const block = crypto.prf(input.hash, input.skeyidD, ...previous, ...seed);
    blocks.push(block);
    previous = [block];
  }
  return blocks;
}
