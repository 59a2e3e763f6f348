/**
 * Asymmetric keys as OpenSSL holds them. Reading DER takes 0.4 ms, more than most of what is done with a key, so what
 * was read is kept: a private key as long as the key store holds its bytes, of public keys the ones last used.
 */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import type { StoredKey } from '../../services/ports/public-key.js';

/** How many public keys are kept. Whoever sends certificates decides what is read, so there must be an end. */
const MOST_PUBLIC_KEYS = 256;

/** A SubjectPublicKeyInfo beyond this, bytes, is no key of ours or of a peer: RSA of 16384 bits takes a third of it. */
const LONGEST_PUBLIC_KEY = 8192;

export class KeyObjects {
  private readonly keys: Keys;
  /**
   * By the stored bytes themselves: once the store has erased a handle nothing leads here any more, whoever erased it,
   * and OpenSSL's copy is cleared when it is collected.
   */
  private readonly privateKeys = new WeakMap<Bytes, KeyObject>();
  /** By the DER as text, longest unused first. */
  private readonly publicKeys = new Map<string, KeyObject>();

  constructor(keys: Keys) {
    this.keys = keys;
  }

  /** Throws a sentence for an operator when the body is no private key of the kind that it is said to be. */
  privateKey({ handle, algorithm }: StoredKey): KeyObject {
    const key = this.readPrivateKey(handle);
    if (key.asymmetricKeyType !== algorithm) {
      throw new Error(
        `A private key that should be ${algorithm.toUpperCase()} is ${key.asymmetricKeyType ?? 'of another kind'}.`,
      );
    }
    return key;
  }

  /** Undefined when this is no public key, or not of this kind. */
  publicKey(spki: Bytes, algorithm: 'rsa' | 'dsa' | 'ec'): KeyObject | undefined {
    const key = this.readPublicKey(spki);
    return key?.asymmetricKeyType === algorithm ? key : undefined;
  }

  private readPrivateKey(handle: KeyHandle): KeyObject {
    const bytes = this.keys.bytes(handle);
    let key = this.privateKeys.get(bytes);
    if (key === undefined) {
      key = parsedPrivateKey(bytes);
      this.privateKeys.set(bytes, key);
    }
    return key;
  }

  private readPublicKey(spki: Bytes): KeyObject | undefined {
    if (spki.length > LONGEST_PUBLIC_KEY) return undefined;
    const name = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString('latin1');
    let key = this.publicKeys.get(name);
    if (key === undefined) {
      key = parsedPublicKey(spki);
      if (key === undefined) return undefined;
    } else {
      this.publicKeys.delete(name);
    }
    this.publicKeys.set(name, key);
    if (this.publicKeys.size > MOST_PUBLIC_KEYS) {
      for (const oldest of this.publicKeys.keys()) {
        this.publicKeys.delete(oldest);
        break;
      }
    }
    return key;
  }
}

/** Runs what OpenSSL does with a private key. Throws a sentence for an operator: the key is damaged, whatever was sent. */
export function withPrivateKey<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    throw new Error(`OpenSSL cannot compute with a private key; it is probably damaged (${code}).`, {
      cause: error,
    });
  }
}

function parsedPrivateKey(pkcs8: Bytes): KeyObject {
  const key = Buffer.from(pkcs8);
  try {
    return createPrivateKey({ key, type: 'pkcs8', format: 'der' });
  } catch {
    // OpenSSL's text says no more than that, and must not be trusted to say nothing of the bytes.
    throw new Error('A private key in the key store is not PKCS #8.');
  } finally {
    key.fill(0);
  }
}

function parsedPublicKey(spki: Bytes): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
  } catch {
    return undefined;
  }
}
