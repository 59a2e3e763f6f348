/** The `Crypto` port on node:crypto. Symmetric work is synchronous and unwrapped: it is the hot path of a handshake. */
import { timingSafeEqual } from 'node:crypto';
import type { GroupNumber, HashAlgorithm, Phase1Cipher } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { ipsecKeys } from '../../services/keymat/keymat.js';
import { phase1Children } from '../../services/keymat/phase1-keys.js';
import type { Crypto, DhKeyPair, Secretive } from '../../services/ports/crypto.js';
import { PublicValueRefused } from '../../services/ports/crypto.js';
import type { IpsecKeys, KeyExchange, KeymatInput, Phase1Children } from '../../services/ports/derivation.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import type { PrivateKey, X509Signature } from '../../services/ports/public-key.js';
import type { Random } from '../../services/ports/random.js';
import type { TokenKeyUse } from '../../services/ports/token.js';
import { decryptBlowfish, encryptBlowfish } from './blowfish.js';
import { CipherChains } from './cipher-chains.js';
import { publicValueOf, shapeExponent, sharedSecretOf } from './dh-compute.js';
import type { DhGroup } from './dh-groups.js';
import { dhGroup, exponentLength, publicLength, secretLength } from './dh-groups.js';
import type { DhPoolOptions } from './dh-pool.js';
import { DhPool } from './dh-pool.js';
import { Digests } from './digests.js';
import { signHmac, verifyHmac } from './dss.js';
import { KeyObjects } from './key-objects.js';
import { publicValueFault } from './public-value.js';
import { decryptPkcs1, encryptPkcs1, signRaw, verifyRaw } from './rsa.js';
import { SecretScratch } from './secret-scratch.js';
import { NO_TOKENS, TokenKeys } from './token-keys.js';
import { verifyX509 } from './x509-signature.js';

export interface NodeCryptoOptions {
  /** `false` computes every group on the calling thread. */
  readonly workers?: DhPoolOptions | false;
  /** Where private keys are used that are on tokens. */
  readonly tokens?: TokenKeyUse;
}

/**
 * Groups that go to a worker. Measured: handing an exponentiation over costs 50 to 100 us of processor time, as much as
 * half of one at MODP 2048 (0.2 ms) but little beside those of 3072 and up and of the larger curves (0.5 ms to 5 ms),
 * which would also hold up the event loop. 22 to 24 cost two exponentiations, and one test of their prime per thread.
 */
const SLOW_GROUPS: ReadonlySet<GroupNumber> = new Set([15, 16, 17, 18, 20, 21, 22, 23, 24]);

/** More than the keys of one SA need, bytes. */
const SLICED = 256;

export class NodeCrypto implements Crypto {
  private readonly keys: Keys;
  private readonly random: Random;
  private readonly pool: DhPool | undefined;
  private readonly ciphers: CipherChains;
  private readonly digests: Digests;
  private readonly joined = new SecretScratch(SLICED);
  private readonly keyObjects: KeyObjects;
  private readonly tokenKeys: TokenKeys;

  constructor(keys: Keys, random: Random, options: NodeCryptoOptions = {}) {
    this.keys = keys;
    this.random = random;
    this.ciphers = new CipherChains(keys);
    this.digests = new Digests(keys);
    this.keyObjects = new KeyObjects(keys);
    this.tokenKeys = new TokenKeys(options.tokens ?? NO_TOKENS, this.keyObjects, random);
    this.pool = options.workers === false ? undefined : new DhPool(options.workers);
  }

  /** Computations that wait for a thread or are in one. */
  get computations(): number {
    return this.pool?.underWay ?? 0;
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    this.ciphers.forgetAll();
    await this.pool?.close();
  }

  generateKeyPair(number: GroupNumber): MaybePromise<DhKeyPair> {
    const group = supported(number);
    const exponent = this.random.bytes(exponentLength(group));
    shapeExponent(group, exponent);
    const pool = this.poolFor(number);
    if (pool !== undefined) return this.keyPairFrom(pool, number, exponent, publicLength(group));
    try {
      const publicValue = publicValueOf(number, exponent);
      return { privateKey: this.keys.put(exponent), publicValue };
    } finally {
      exponent.fill(0);
    }
  }

  sharedSecret(number: GroupNumber, privateKey: KeyHandle, peerPublicValue: Bytes): MaybePromise<KeyHandle> {
    const group = supported(number);
    const fault = publicValueFault(number, peerPublicValue);
    if (fault !== undefined) throw new PublicValueRefused(fault);
    const exponent = this.keys.bytes(privateKey);
    const pool = this.poolFor(number);
    if (pool === undefined) return this.keep(sharedSecretOf(number, exponent, peerPublicValue));
    const answerLength = secretLength(group);
    return pool
      .run({ group: number, exponent, peerPublicValue, answerLength })
      .then((secret) => this.keep(secret));
  }

  publicValueFault(group: GroupNumber, value: Bytes): string | undefined {
    return publicValueFault(group, value);
  }

  hash(algorithm: HashAlgorithm, ...parts: readonly Bytes[]): Bytes {
    return this.digests.hash(algorithm, parts);
  }

  digest(algorithm: HashAlgorithm, ...parts: readonly Secretive[]): Bytes {
    return this.digests.hash(algorithm, parts);
  }

  prf(algorithm: HashAlgorithm, key: Secretive, ...parts: readonly Secretive[]): KeyHandle {
    return this.keep(this.digests.prf(algorithm, key, parts));
  }

  mac(algorithm: HashAlgorithm, key: KeyHandle, ...parts: readonly Secretive[]): Bytes {
    return this.digests.mac(algorithm, key, parts);
  }

  slice(sources: readonly KeyHandle[], offset: number, length: number): KeyHandle {
    let whole = 0;
    for (const source of sources) whole += this.keys.lengthOf(source);
    if (offset + length > whole) {
      throw new Error(`Keys of ${String(whole)} bytes have no ${String(length)} from ${String(offset)} on.`);
    }
    const scratch = whole > SLICED ? new SecretScratch(whole) : this.joined;
    try {
      for (const source of sources) scratch.addKey(this.keys, source);
      scratch.keep(offset, length);
      return this.keys.put(scratch.view());
    } finally {
      scratch.wipe();
    }
  }

  phase1Children(skeyid: KeyHandle, input: KeyExchange): Phase1Children {
    return phase1Children(this, skeyid, input);
  }

  ipsecKeys(input: KeymatInput): IpsecKeys {
    return ipsecKeys(this, input);
  }

  lengthOf(key: KeyHandle): number {
    return this.keys.lengthOf(key);
  }

  encrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    if (cipher === 'blowfish') return encryptBlowfish(this.keys.bytes(key), iv, data);
    return plain(this.ciphers.encrypt(cipher, key, iv, data));
  }

  decrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    if (cipher === 'blowfish') return decryptBlowfish(this.keys.bytes(key), iv, data);
    return plain(this.ciphers.decrypt(cipher, key, iv, data));
  }

  equal(a: Bytes, b: Bytes): boolean {
    return a.length === b.length && timingSafeEqual(a, b);
  }

  erase(...keys: readonly KeyHandle[]): void {
    for (const key of keys) this.ciphers.forget(key);
    this.keys.erase(...keys);
  }

  async signRsa(key: PrivateKey, hash: Bytes): Promise<Bytes> {
    if ('object' in key) return this.tokenKeys.sign(key, hash);
    return Promise.resolve(signRaw(this.keyObjects.privateKey(key), hash));
  }

  verifyRsa(publicKey: Bytes, hash: Bytes, signature: Bytes): boolean {
    const key = this.keyObjects.publicKey(publicKey, 'rsa');
    return key !== undefined && verifyRaw(key, hash, signature);
  }

  async signDss(key: PrivateKey, skeyid: KeyHandle, ...parts: readonly Bytes[]): Promise<Bytes> {
    // HMAC-SHA1 is the digest that DSA signs (RFC 2409 5.1); a token takes it as it is.
    if ('object' in key) return this.tokenKeys.sign(key, this.mac('sha1', skeyid, ...parts));
    return Promise.resolve(signHmac(this.keyObjects.privateKey(key), this.keys.bytes(skeyid), parts));
  }

  verifyDss(publicKey: Bytes, signature: Bytes, skeyid: KeyHandle, ...parts: readonly Bytes[]): boolean {
    const key = this.keyObjects.publicKey(publicKey, 'dsa');
    return key !== undefined && verifyHmac(key, signature, this.keys.bytes(skeyid), parts);
  }

  encryptRsa(publicKey: Bytes, plaintext: Bytes): Bytes | undefined {
    const key = this.keyObjects.publicKey(publicKey, 'rsa');
    return key === undefined ? undefined : encryptPkcs1(key, plaintext);
  }

  async decryptRsa(key: PrivateKey, ciphertext: Bytes, plausibleLength: number): Promise<Bytes> {
    if ('object' in key) return this.tokenKeys.decrypt(key, ciphertext, plausibleLength);
    const keyObject = this.keyObjects.privateKey(key);
    return Promise.resolve(decryptPkcs1(keyObject, ciphertext, plausibleLength, this.random));
  }

  verifySigned(publicKey: Bytes, how: X509Signature, signed: Bytes, signature: Bytes): boolean {
    const key = this.keyObjects.publicKey(publicKey, how.algorithm === 'ecdsa' ? 'ec' : how.algorithm);
    return key !== undefined && verifyX509(key, how.hash, signed, signature);
  }

  /** Where a computation of the group pays the way to another thread. */
  private poolFor(group: GroupNumber): DhPool | undefined {
    return SLOW_GROUPS.has(group) ? this.pool : undefined;
  }

  private async keyPairFrom(
    pool: DhPool,
    group: GroupNumber,
    exponent: Bytes,
    answerLength: number,
  ): Promise<DhKeyPair> {
    try {
      const publicValue = await pool.run({ group, exponent, peerPublicValue: undefined, answerLength });
      return { privateKey: this.keys.put(exponent), publicValue };
    } finally {
      exponent.fill(0);
    }
  }

  /** Takes a secret that was just computed into the store and wipes the copy it came as. */
  private keep(secret: Bytes): KeyHandle {
    const handle = this.keys.put(secret);
    secret.fill(0);
    return handle;
  }
}

function supported(number: GroupNumber): DhGroup {
  const group = dhGroup(number);
  if (group === undefined) throw new Error(`Diffie-Hellman group ${String(number)} is not supported.`);
  return group;
}

/** Without Buffer's methods, which differ from those of the Uint8Array that the types promise. */
function plain(bytes: Bytes): Bytes {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
