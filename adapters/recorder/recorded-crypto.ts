/** Cryptography with the recorder around it. What is computed from public values alone is not kept. */
import type { HashAlgorithm, Phase1Cipher } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import type { Crypto, Secretive } from '../../services/ports/crypto.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { REST_LEFT_OUT } from '../../services/record/values.js';
import { operation } from './operation.js';
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
};

export class RecordedCrypto implements Crypto {
  readonly #crypto: Crypto;
  readonly #tape: Tape;

  constructor(crypto: Crypto, tape: Tape) {
    this.#crypto = crypto;
    this.#tape = tape;
  }

  generateKeyPair(...args: Arguments<'generateKeyPair'>): Given<'generateKeyPair'> {
    const ask = (): Given<'generateKeyPair'> => this.#crypto.generateKeyPair(...args);
    return this.#tape.answer(OP.generateKeyPair, args, ask, ({ privateKey }) => privateKey);
  }

  sharedSecret(...args: Arguments<'sharedSecret'>): Given<'sharedSecret'> {
    return this.#tape.answer(OP.sharedSecret, args, () => this.#crypto.sharedSecret(...args));
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

  prf(algorithm: HashAlgorithm, key: Secretive, ...parts: readonly Secretive[]): KeyHandle {
    const value = this.#crypto.prf(algorithm, key, ...parts);
    return this.#tape.now(OP.prf, this.#keyed(algorithm, key, parts), value);
  }

  mac(algorithm: HashAlgorithm, key: KeyHandle, ...parts: readonly Secretive[]): Bytes {
    const value = this.#crypto.mac(algorithm, key, ...parts);
    return this.#tape.now(OP.mac, this.#keyed(algorithm, key, parts), value);
  }

  /**
   * Without secrets nobody can compute it again, and what went in has been in messages and in plaintext: a third of a
   * recording.
   */
  #keyed(algorithm: HashAlgorithm, key: Secretive, parts: readonly Secretive[]): readonly unknown[] {
    return this.#tape.secrets ? [algorithm, key, ...parts] : [algorithm, key, REST_LEFT_OUT];
  }

  slice(sources: readonly KeyHandle[], offset: number, length: number): KeyHandle {
    const value = this.#crypto.slice(sources, offset, length);
    return this.#tape.now(OP.slice, [sources, offset, length], value);
  }

  lengthOf(...args: Arguments<'lengthOf'>): Given<'lengthOf'> {
    return this.#tape.now(OP.lengthOf, args, this.#crypto.lengthOf(...args));
  }

  encrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    const value = this.#crypto.encrypt(cipher, key, iv, data);
    return this.#tape.now(OP.encrypt, [cipher, key, iv, data], value);
  }

  decrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    const value = this.#crypto.decrypt(cipher, key, iv, data);
    return this.#tape.now(OP.decrypt, [cipher, key, iv, data], value);
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
