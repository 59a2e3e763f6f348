/** Cryptography with the recorder around it. What is computed from public values alone is not kept. */
import type { GroupNumber, HashAlgorithm, Phase1Cipher } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import type { Crypto, DhKeyPair, Secretive } from '../../services/ports/crypto.js';
import type { IpsecKeys, KeyExchange, KeymatInput, Phase1Children } from '../../services/ports/derivation.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import { operation } from './operation.js';
import { NO_NUMBER } from './piece.js';
import type { Tape } from './tape.js';

type Arguments<Op extends keyof Crypto> = Parameters<Crypto[Op]>;
type Given<Op extends keyof Crypto> = ReturnType<Crypto[Op]>;

const OP = {
  generateKeyPair: operation('generateKeyPair'),
  sharedSecret: operation('sharedSecret'),
  digest: operation('digest'),
  prf: operation('prf'),
  mac: operation('mac'),
  slice: operation('slice'),
  lengthOf: operation('lengthOf'),
  encrypt: operation('encrypt'),
  decrypt: operation('decrypt'),
  signRsa: operation('signRsa'),
  verifyRsa: operation('verifyRsa'),
  signDss: operation('signDss'),
  verifyDss: operation('verifyDss'),
  encryptRsa: operation('encryptRsa'),
  decryptRsa: operation('decryptRsa'),
  phase1Children: operation('phase1Children'),
  ipsecKeys: operation('ipsecKeys'),
};

export function recordedCrypto(crypto: Crypto, tape: Tape): Crypto {
  return tape.secrets ? new RecordedSecretCrypto(crypto, tape) : new RecordedCrypto(crypto, tape);
}

/** In a recording without secrets. */
class RecordedCrypto implements Crypto {
  readonly #crypto: Crypto;
  readonly #tape: Tape;

  constructor(crypto: Crypto, tape: Tape) {
    this.#crypto = crypto;
    this.#tape = tape;
  }

  generateKeyPair(group: GroupNumber): MaybePromise<DhKeyPair> {
    const tape = this.#tape;
    let pair: MaybePromise<DhKeyPair>;
    try {
      pair = this.#crypto.generateKeyPair(group);
    } catch (error) {
      tape.refused(OP.generateKeyPair, [group], error);
      throw error;
    }
    if (tape.secrets || pair instanceof Promise)
      return tape.answer(OP.generateKeyPair, [group], () => pair, privateKeyOf);
    const { privateKey, publicValue } = pair;
    tape.brief(
      OP.generateKeyPair,
      undefined,
      group,
      privateKey,
      NO_NUMBER,
      publicValue,
      undefined,
      undefined,
    );
    return pair;
  }

  sharedSecret(group: GroupNumber, privateKey: KeyHandle, peerPublicValue: Bytes): MaybePromise<KeyHandle> {
    const tape = this.#tape;
    let secret: MaybePromise<KeyHandle>;
    try {
      secret = this.#crypto.sharedSecret(group, privateKey, peerPublicValue);
    } catch (error) {
      tape.refused(OP.sharedSecret, [group, privateKey, peerPublicValue], error);
      throw error;
    }
    if (secret instanceof Promise)
      return tape.later(OP.sharedSecret, [group, privateKey, peerPublicValue], secret);
    tape.brief(OP.sharedSecret, undefined, group, privateKey, secret, peerPublicValue, undefined, undefined);
    return secret;
  }

  publicValueFault(...args: Arguments<'publicValueFault'>): Given<'publicValueFault'> {
    return this.#crypto.publicValueFault(...args);
  }

  hash(...args: Arguments<'hash'>): Given<'hash'> {
    return this.#crypto.hash(...args);
  }

  digest(...args: Arguments<'digest'>): Given<'digest'> {
    return this.#tape.now(OP.digest, args, this.#crypto.digest(...args));
  }

  // Nobody can compute these again, and what went in has been in messages and in plaintext: a third of a recording.

  prf(algorithm: HashAlgorithm, key: Secretive, ...parts: readonly Secretive[]): KeyHandle {
    const tape = this.#tape;
    const value = this.#crypto.prf(algorithm, key, ...parts);
    if (typeof key === 'number')
      tape.brief(OP.prf, algorithm, key, value, NO_NUMBER, undefined, undefined, undefined);
    else tape.brief(OP.prf, algorithm, NO_NUMBER, value, NO_NUMBER, key, undefined, undefined);
    return value;
  }

  mac(algorithm: HashAlgorithm, key: KeyHandle, ...parts: readonly Secretive[]): Bytes {
    const value = this.#crypto.mac(algorithm, key, ...parts);
    this.#tape.brief(OP.mac, algorithm, key, NO_NUMBER, NO_NUMBER, value, undefined, undefined);
    return value;
  }

  slice(sources: readonly KeyHandle[], offset: number, length: number): KeyHandle {
    const value = this.#crypto.slice(sources, offset, length);
    return this.#tape.now(OP.slice, [sources, offset, length], value);
  }

  /** What else goes in has been in messages. */
  phase1Children(skeyid: KeyHandle, input: KeyExchange): Phase1Children {
    const keys = this.#crypto.phase1Children(skeyid, input);
    const { skeyidD, skeyidA, skeyidE, encryptionKey } = keys;
    const made = [skeyidD, skeyidA, skeyidE, encryptionKey];
    this.#tape.kept(OP.phase1Children, [skeyid, input.sharedSecret], made);
    return keys;
  }

  ipsecKeys(input: KeymatInput): IpsecKeys {
    const keys = this.#crypto.ipsecKeys(input);
    const { protocol, skeyidD, sharedSecret } = input;
    this.#tape.kept(OP.ipsecKeys, [protocol, skeyidD, sharedSecret], [keys.encryption, keys.integrity]);
    return keys;
  }

  lengthOf(...args: Arguments<'lengthOf'>): Given<'lengthOf'> {
    return this.#tape.now(OP.lengthOf, args, this.#crypto.lengthOf(...args));
  }

  encrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    const value = this.#crypto.encrypt(cipher, key, iv, data);
    this.#tape.brief(OP.encrypt, cipher, key, NO_NUMBER, NO_NUMBER, iv, data, value);
    return value;
  }

  decrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    const value = this.#crypto.decrypt(cipher, key, iv, data);
    this.#tape.brief(OP.decrypt, cipher, key, NO_NUMBER, NO_NUMBER, iv, data, value);
    return value;
  }

  equal(...args: Arguments<'equal'>): Given<'equal'> {
    return this.#crypto.equal(...args);
  }

  erase(...keys: readonly KeyHandle[]): void {
    this.#crypto.erase(...keys);
  }

  signRsa(...args: Arguments<'signRsa'>): Given<'signRsa'> {
    return this.#tape.later(OP.signRsa, args, this.#crypto.signRsa(...args));
  }

  verifyRsa(...args: Arguments<'verifyRsa'>): Given<'verifyRsa'> {
    return this.#tape.now(OP.verifyRsa, args, this.#crypto.verifyRsa(...args));
  }

  signDss(...args: Arguments<'signDss'>): Given<'signDss'> {
    return this.#tape.later(OP.signDss, args, this.#crypto.signDss(...args));
  }

  verifyDss(...args: Arguments<'verifyDss'>): Given<'verifyDss'> {
    return this.#tape.now(OP.verifyDss, args, this.#crypto.verifyDss(...args));
  }

  encryptRsa(...args: Arguments<'encryptRsa'>): Given<'encryptRsa'> {
    return this.#tape.now(OP.encryptRsa, args, this.#crypto.encryptRsa(...args));
  }

  decryptRsa(...args: Arguments<'decryptRsa'>): Given<'decryptRsa'> {
    return this.#tape.later(OP.decryptRsa, args, this.#crypto.decryptRsa(...args));
  }

  verifySigned(...args: Arguments<'verifySigned'>): Given<'verifySigned'> {
    return this.#crypto.verifySigned(...args);
  }
}

/** Where keys are kept, too, all can be computed again from what went in. */
class RecordedSecretCrypto extends RecordedCrypto {
  readonly #crypto: Crypto;
  readonly #tape: Tape;

  constructor(crypto: Crypto, tape: Tape) {
    super(crypto, tape);
    this.#crypto = crypto;
    this.#tape = tape;
  }

  override prf(algorithm: HashAlgorithm, key: Secretive, ...parts: readonly Secretive[]): KeyHandle {
    const value = this.#crypto.prf(algorithm, key, ...parts);
    return this.#tape.now(OP.prf, [algorithm, key, ...parts], value);
  }

  override mac(algorithm: HashAlgorithm, key: KeyHandle, ...parts: readonly Secretive[]): Bytes {
    const value = this.#crypto.mac(algorithm, key, ...parts);
    return this.#tape.now(OP.mac, [algorithm, key, ...parts], value);
  }
}

function privateKeyOf({ privateKey }: DhKeyPair): KeyHandle {
  return privateKey;
}
