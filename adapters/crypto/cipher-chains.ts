/**
 * The ciphers of Phase 1 with a few objects of OpenSSL that last: making one for a message costs 20 us among other work,
 * going on with one 6 us, and a handshake has five messages under one key.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Phase1Cipher } from '../../services/algorithms.js';
import { PHASE1_BLOCK_LENGTH } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { PlaceMap } from '../../services/collections/place-map.js';
import { CbcChain } from '../../services/keymat/cbc-chain.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import { SecretScratch } from './secret-scratch.js';

/** What every OpenSSL 3 does, in one form or another. */
export type OpensslCipher = Exclude<Phase1Cipher, 'blowfish'>;

/** Keys whose objects are kept: those of the handshakes under way. The longest kept goes. */
const KEPT = 32;

/** As long as most messages with certificates, bytes. */
const MESSAGE = 4096;

interface Chains {
  readonly cipher: OpensslCipher;
  encrypt: CbcChain | undefined;
  decrypt: CbcChain | undefined;
}

export class CipherChains {
  readonly #keys: Keys;
  readonly #chains = new PlaceMap<KeyHandle, Chains>();
  readonly #spoilt = new SecretScratch(MESSAGE);

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** Throws for a broken block and a key that was erased. */
  encrypt(cipher: OpensslCipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    this.#keys.lengthOf(key);
    check(cipher, iv, data);
    if (data.length === 0) return data;
    const chains = this.#chainsOf(cipher, key);
    chains.encrypt ??= chainOf('encrypt', cipher, this.#keys.bytes(key));
    // The chain spoils what it encrypts.
    if (!this.#spoilt.add(data)) return chains.encrypt.encrypt(iv, new Uint8Array(data));
    try {
      return chains.encrypt.encrypt(iv, this.#spoilt.view());
    } finally {
      this.#spoilt.wipe();
    }
  }

  /** Throws for a broken block and a key that was erased. */
  decrypt(cipher: OpensslCipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    this.#keys.lengthOf(key);
    check(cipher, iv, data);
    if (data.length === 0) return data;
    const chains = this.#chainsOf(cipher, key);
    chains.decrypt ??= chainOf('decrypt', cipher, this.#keys.bytes(key));
    return chains.decrypt.decrypt(iv, data);
  }

  /** OpenSSL overwrites what it had of the key. */
  forget(key: KeyHandle): void {
    const chains = this.#chains.get(key);
    if (chains === undefined) return;
    this.#chains.delete(key);
    chains.encrypt?.close();
    chains.decrypt?.close();
  }

  forgetAll(): void {
    for (const key of this.#chains.keys()) this.forget(key);
  }

  #chainsOf(cipher: OpensslCipher, key: KeyHandle): Chains {
    const known = this.#chains.get(key);
    if (known?.cipher === cipher) return known;
    this.forget(key);
    const chains: Chains = { cipher, encrypt: undefined, decrypt: undefined };
    this.#chains.set(key, chains);
    if (this.#chains.size > KEPT) {
      for (const oldest of this.#chains.keys()) {
        this.forget(oldest);
        break;
      }
    }
    return chains;
  }
}

function check(cipher: OpensslCipher, iv: Bytes, data: Bytes): void {
  const block = PHASE1_BLOCK_LENGTH[cipher];
  if (iv.length !== block) {
    throw new Error(`An IV of ${String(iv.length)} bytes is none of a cipher with ${String(block)}.`);
  }
  if (data.length % block !== 0) {
    throw new Error(`${String(data.length)} bytes are no whole blocks of ${String(block)}.`);
  }
}

function chainOf(way: 'encrypt' | 'decrypt', cipher: OpensslCipher, key: Bytes): CbcChain {
  const block = PHASE1_BLOCK_LENGTH[cipher];
  const name = cipher === 'aes' ? `aes-${String(8 * key.length)}-cbc` : 'des-ede3-cbc';
  const openssl = cipher === 'des' ? tripled(key) : key;
  try {
    const zero = new Uint8Array(block);
    const context =
      way === 'encrypt' ? createCipheriv(name, openssl, zero) : createDecipheriv(name, openssl, zero);
    return new CbcChain(way, context.setAutoPadding(false), block);
  } finally {
    if (openssl !== key) openssl.fill(0);
  }
}

/** OpenSSL 3 has retired single DES, but Triple DES with three equal keys is the same function. */
function tripled(key: Bytes): Bytes {
  const three = new Uint8Array(new ArrayBuffer(3 * key.length));
  for (let turn = 0; turn < 3; turn += 1) three.set(key, turn * key.length);
  return three;
}
