/**
 * One cipher object for many messages. Node's cannot be given another IV, and making one for each message costs more than
 * the message; but CBC (RFC 2451 2.1, RFC 3602 2.2) chains each block to the one before, and what that was is known: the
 * last block of the message before. Adding it, and the wanted IV, to the first block has the effect of another IV.
 */
import type { Bytes } from '../bytes.js';

/** A cipher in CBC without padding, whose first IV was zero. */
interface BlockCipher {
  /** Whole blocks; the answer is as long, and the caller's. */
  update(blocks: Bytes): Bytes;
  /** Overwrites the cipher's copy of the key. */
  final(): unknown;
}

export class CbcChain {
  readonly #cipher: BlockCipher;
  readonly #deciphers: boolean;
  /** The last block of ciphertext, to which the cipher chains what comes next. */
  readonly #last: Bytes;

  constructor(way: 'encrypt' | 'decrypt', cipher: BlockCipher, blockLength: number) {
    this.#cipher = cipher;
    this.#deciphers = way === 'decrypt';
    this.#last = new Uint8Array(blockLength);
  }

  /** Whole blocks, at least one; `plain` is spoilt by it. */
  encrypt(iv: Bytes, plain: Bytes): Bytes {
    if (this.#deciphers) throw new Error('This chain decrypts.');
    this.#mix(plain, iv);
    const sealed = this.#cipher.update(plain);
    this.#follow(sealed);
    return sealed;
  }

  /** Whole blocks, at least one. The answer is the caller's. */
  decrypt(iv: Bytes, sealed: Bytes): Bytes {
    if (!this.#deciphers) throw new Error('This chain encrypts.');
    const plain = this.#cipher.update(sealed);
    this.#mix(plain, iv);
    this.#follow(sealed);
    return plain;
  }

  /** The cipher overwrites its copy of the key. Once, and nothing else afterwards. */
  close(): void {
    this.#cipher.final();
  }

  #mix(block: Bytes, iv: Bytes): void {
    const last = this.#last;
    for (let i = 0; i < last.length; i++) block[i] = (block[i] ?? 0) ^ (last[i] ?? 0) ^ (iv[i] ?? 0);
  }

  #follow(sealed: Bytes): void {
    const last = this.#last;
    const start = sealed.length - last.length;
    for (let i = 0; i < last.length; i++) last[i] = sealed[start + i] ?? 0;
  }
}
