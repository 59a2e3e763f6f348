/**
 * Hashes and HMACs (RFC 2104) of a few hundred bytes, each by a call or two of `crypto.hash`. That leaves no object behind
 * which a collection must finalize: an HMAC costs 1.2 us in a loop and 7 us among other work, by `createHmac` 2.2 and 22;
 * a hash 0.4 and 3 us, by `createHash` 1.3 and 10. A digest that is public is read as text, which spares the memory that
 * Node allocates for a Buffer, half of the time; text cannot be wiped, so one that is secret never is.
 */
import { createHash, createHmac, hash } from 'node:crypto';
import type { HashAlgorithm } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import type { Secretive } from '../../services/ports/crypto.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import { SecretScratch } from './secret-scratch.js';

/** What a hash reads at a time, bytes: HMAC's key is made as long. */
const BLOCK: Readonly<Record<HashAlgorithm, number>> = {
  md5: 64,
  sha1: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
};

/** What is joined before it is hashed, bytes; longer input, as certificates are, goes to Node part by part. */
const JOINED = 4096;
const INNER_MASK = 0x36;
const OUTER_MASK = 0x5c;

export class Digests {
  readonly #keys: Keys;
  readonly #inner = new SecretScratch(JOINED);
  readonly #outer = new SecretScratch(256);

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** A public hash of public bytes and secrets. */
  hash(algorithm: HashAlgorithm, parts: readonly Secretive[]): Bytes {
    const first = parts[0];
    if (parts.length === 1 && first !== undefined)
      return fromText(hash(algorithm, this.#open(first), 'binary'));
    try {
      if (!this.#addAll(parts)) return this.#longHash(algorithm, parts);
      return fromText(hash(algorithm, this.#inner.view(), 'binary'));
    } finally {
      this.#inner.wipe();
    }
  }

  /** A public HMAC under a secret key. */
  mac(algorithm: HashAlgorithm, key: KeyHandle, parts: readonly Secretive[]): Bytes {
    try {
      if (!this.#join(algorithm, key, parts)) return Uint8Array.from(this.#longHmac(algorithm, key, parts));
      this.#hashInner(algorithm, key);
      return fromText(hash(algorithm, this.#outer.view(), 'binary'));
    } finally {
      this.#wipe();
    }
  }

  /** A secret HMAC, which the caller wipes. */
  prf(algorithm: HashAlgorithm, key: Secretive, parts: readonly Secretive[]): Bytes {
    try {
      if (!this.#join(algorithm, key, parts)) return this.#longHmac(algorithm, key, parts);
      this.#hashInner(algorithm, key);
      return hash(algorithm, this.#outer.view(), 'buffer');
    } finally {
      this.#wipe();
    }
  }

  /**
   * Where the key is a secret, its inner hash is none: whoever finds it must still have the key, which is in the store, to
   * make anything of it. Where the key is known to all and the message is the secret (SKEYID of signatures, RFC 2409 5), the
   * inner hash is as secret as the HMAC.
   */
  #hashInner(algorithm: HashAlgorithm, key: Secretive): void {
    if (typeof key === 'number') {
      this.#outer.addText(hash(algorithm, this.#inner.view(), 'binary'));
      return;
    }
    const digest = hash(algorithm, this.#inner.view(), 'buffer');
    this.#outer.add(digest);
    digest.fill(0);
  }

  /** RFC 2104 2: the key under both masks, each as long as a block. False where the parts are too long to be joined. */
  #join(algorithm: HashAlgorithm, key: Secretive, parts: readonly Secretive[]): boolean {
    const block = BLOCK[algorithm];
    const length = typeof key === 'number' ? this.#keys.lengthOf(key) : key.length;
    if (length > block) {
      const short = hash(algorithm, this.#open(key), 'buffer');
      this.#inner.add(short);
      short.fill(0);
    } else if (typeof key === 'number') {
      this.#inner.addKey(this.#keys, key);
    } else {
      this.#inner.add(key);
    }
    this.#inner.mask(INNER_MASK, block);
    this.#outer.setMasked(this.#inner, INNER_MASK ^ OUTER_MASK, block);
    return this.#addAll(parts);
  }

  #wipe(): void {
    this.#inner.wipe();
    this.#outer.wipe();
  }

  #longHash(algorithm: HashAlgorithm, parts: readonly Secretive[]): Bytes {
    const whole = createHash(algorithm);
    for (const part of parts) whole.update(this.#open(part));
    return fromText(whole.digest('binary'));
  }

  #longHmac(algorithm: HashAlgorithm, key: Secretive, parts: readonly Secretive[]): Bytes {
    const whole = createHmac(algorithm, this.#open(key));
    for (const part of parts) whole.update(this.#open(part));
    return whole.digest();
  }

  /** False where the parts are too long to be joined. */
  #addAll(parts: readonly Secretive[]): boolean {
    for (const part of parts) {
      const fits = typeof part === 'number' ? this.#inner.addKey(this.#keys, part) : this.#inner.add(part);
      if (!fits) return false;
    }
    return true;
  }

  #open(part: Secretive): Bytes {
    return typeof part === 'number' ? this.#keys.bytes(part) : part;
  }
}

function fromText(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
