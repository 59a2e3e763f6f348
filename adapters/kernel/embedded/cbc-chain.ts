/**
 * One cipher object for all packets of an SA. Node's cannot be given another IV, and making one for each packet costs more
 * than the packet; but CBC (RFC 2451 2.1, RFC 3602 2.2) chains each block to the one before, and what that was is known: the
 * last block of the packet before. Adding it, and the wanted IV, to the first block has the effect of another IV.
 */
import { createCipheriv, createDecipheriv, type Cipher, type Decipher } from 'node:crypto';
import type { Bytes } from '../../../services/bytes.js';

export class CbcChain {
  private readonly cipher: Cipher | Decipher;
  private readonly deciphers: boolean;
  /** The last block of ciphertext, to which the object chains what comes next. */
  private readonly last: Bytes;

  /** `key`: of AES, or the 24 bytes of 3DES. */
  constructor(way: 'encrypt' | 'decrypt', cipher: 'aes-cbc' | '3des', key: Bytes) {
    const name = cipher === '3des' ? 'des-ede3-cbc' : `aes-${String(key.length * 8)}-cbc`;
    this.deciphers = way === 'decrypt';
    this.last = new Uint8Array(cipher === '3des' ? 8 : 16);
    this.cipher = this.deciphers
      ? createDecipheriv(name, key, this.last)
      : createCipheriv(name, key, this.last);
    this.cipher.setAutoPadding(false);
  }

  /** Whole blocks, at least one; `plain` is spoilt by it. */
  encrypt(iv: Bytes, plain: Bytes): Bytes {
    if (this.deciphers) throw new Error('This chain decrypts.');
    this.mix(plain, iv);
    const sealed = this.cipher.update(plain);
    this.last.set(sealed.subarray(sealed.length - this.last.length));
    return sealed;
  }

  /** Whole blocks, at least one. The answer is the caller's. */
  decrypt(iv: Bytes, sealed: Bytes): Bytes {
    if (!this.deciphers) throw new Error('This chain encrypts.');
    const plain = this.cipher.update(sealed);
    this.mix(plain, iv);
    this.last.set(sealed.subarray(sealed.length - this.last.length));
    return plain;
  }

  /** OpenSSL overwrites its copy of the key. Once, and nothing else afterwards. */
  close(): void {
    this.cipher.final();
  }

  private mix(block: Bytes, iv: Bytes): void {
    const { last } = this;
    for (let i = 0; i < last.length; i++) block[i] = (block[i] ?? 0) ^ (last[i] ?? 0) ^ (iv[i] ?? 0);
  }
}
