/** Keys of IPsec SAs (RFC 2409 5.5). */
import { HASH_LENGTH } from '../algorithms.js';
import { u8 } from '../bytes.js';
import type { KeyParts, Secretive } from '../ports/crypto.js';
import type { IpsecKeys, KeymatInput } from '../ports/derivation.js';
import type { KeyHandle } from '../ports/keys.js';

/** The keys of one direction. The caller erases them; what went in stays. */
export function ipsecKeys(crypto: KeyParts, input: KeymatInput): IpsecKeys {
  const { encryptionLength, integrityLength } = input;
  const keymat = keymatBlocks(crypto, input, encryptionLength + integrityLength);
  // RFC 2401 4.6.2: the encryption key comes first.
  const encryption = encryptionLength === 0 ? undefined : crypto.slice(keymat, 0, encryptionLength);
  const integrity =
    integrityLength === 0 ? undefined : crypto.slice(keymat, encryptionLength, integrityLength);
  crypto.erase(...keymat);
  return { encryption, integrity };
}

/** K1 | K2 | ... of at least `length` bytes: Kn = prf(SKEYID_d, Kn-1 | [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b) */
function keymatBlocks(crypto: KeyParts, input: KeymatInput, length: number): readonly KeyHandle[] {
  const { hash, skeyidD, sharedSecret, spi, initiatorNonce, responderNonce } = input;
  const parts: Secretive[] = [u8(input.protocol), spi, initiatorNonce, responderNonce];
  if (sharedSecret !== undefined) parts.unshift(sharedSecret);
  const blocks: KeyHandle[] = [];
  for (let available = 0; available < length; available += HASH_LENGTH[hash]) {
    const block = crypto.prf(hash, skeyidD, ...parts);
    // The next one begins with it, instead of the one before.
    if (blocks.length === 0) parts.unshift(block);
    else parts[0] = block;
    blocks.push(block);
  }
  return blocks;
}
