/** Cryptography with the recorder around it. What is computed from public values alone is not kept. */
import type { HashAlgorithm, Phase1Cipher } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import type { Crypto, Secretive } from '../../services/ports/crypto.js';
import type { IpsecKeys, KeyExchange, KeymatInput, Phase1Children } from '../../services/ports/derivation.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { REST_LEFT_OUT } from '../../services/record/values.js';
import { type Operation, operation } from './operation.js';
import type { Piece } from './piece.js';
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
    if (this.#tape.secrets) return this.#tape.now(OP.prf, [algorithm, key, ...parts], value);
    const call = this.#keyed(OP.prf, algorithm, key, 0);
    if (call === undefined) return value;
    call.putNumber(value);
    this.#tape.written();
    return value;
  }

  mac(algorithm: HashAlgorithm, key: KeyHandle, ...parts: readonly Secretive[]): Bytes {
    const value = this.#crypto.mac(algorithm, key, ...parts);
    if (this.#tape.secrets) return this.#tape.now(OP.mac, [algorithm, key, ...parts], value);
    const call = this.#keyed(OP.mac, algorithm, key, value.length);
    if (call === undefined) return value;
    call.putBytes(value);
    this.#tape.written();
    return value;
  }

  /**
   * Without secrets nobody can compute it again, and what went in has been in messages and in plaintext: a third of a
   * recording. What came of it follows, `length` bytes of it where it is bytes.
   */
  #keyed(op: Operation, algorithm: HashAlgorithm, key: Secretive, length: number): Piece | undefined {
    const keyLength = typeof key === 'number' ? 0 : key.length;
    const call = this.#tape.write(op, 3, 4, keyLength + length);
    if (call === undefined) return undefined;
    call.putName(algorithm);
    if (typeof key === 'number') call.putNumber(key);
    else call.putBytes(key);
    call.putName(REST_LEFT_OUT);
    call.answered();
    return call;
  }

  slice(sources: readonly KeyHandle[], offset: number, length: number): KeyHandle {
    const value = this.#crypto.slice(sources, offset, length);
    return this.#tape.now(OP.slice, [sources, offset, length], value);
  }

  /** What else goes in has been in messages. */
  phase1Children(skeyid: KeyHandle, input: KeyExchange): Phase1Children {
    const keys = this.#crypto.phase1Children(skeyid, input);
    const call = this.#tape.write(OP.phase1Children, 2, 7, 0);
    if (call === undefined) return keys;
    call.putNumber(skeyid);
    call.putNumber(input.sharedSecret);
    call.answered();
    call.putList(4);
    call.putNumber(keys.skeyidD);
    call.putNumber(keys.skeyidA);
    call.putNumber(keys.skeyidE);
    call.putNumber(keys.encryptionKey);
    this.#tape.written();
    return keys;
  }

  ipsecKeys(input: KeymatInput): IpsecKeys {
    const keys = this.#crypto.ipsecKeys(input);
    const call = this.#tape.write(OP.ipsecKeys, 3, 6, 0);
    if (call === undefined) return keys;
    call.putNumber(input.protocol);
    call.putNumber(input.skeyidD);
    call.putOptional(input.sharedSecret);
    call.answered();
    call.putList(2);
    call.putOptional(keys.encryption);
    call.putOptional(keys.integrity);
    this.#tape.written();
    return keys;
  }

  lengthOf(...args: Arguments<'lengthOf'>): Given<'lengthOf'> {
    return this.#tape.now(OP.lengthOf, args, this.#crypto.lengthOf(...args));
  }

  encrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    return this.#enciphered(OP.encrypt, cipher, key, iv, data, this.#crypto.encrypt(cipher, key, iv, data));
  }

  decrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes {
    return this.#enciphered(OP.decrypt, cipher, key, iv, data, this.#crypto.decrypt(cipher, key, iv, data));
  }

  #enciphered(
    op: Operation,
    cipher: Phase1Cipher,
    key: KeyHandle,
    iv: Bytes,
    data: Bytes,
    value: Bytes,
  ): Bytes {
    const call = this.#tape.write(op, 4, 5, iv.length + data.length + value.length);
    if (call === undefined) return value;
    call.putName(cipher);
    call.putNumber(key);
    call.putBytes(iv);
    call.putBytes(data);
    call.answered();
    call.putBytes(value);
    this.#tape.written();
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
