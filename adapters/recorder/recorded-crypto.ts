/** Cryptography with the recorder around it. What is computed from public values alone is not kept. */
import type { Crypto } from '../../services/ports/crypto.js';
import type { KeyHandle } from '../../services/ports/keys.js';
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

  prf(...args: Arguments<'prf'>): Given<'prf'> {
    return this.#tape.now(OP.prf, args, this.#crypto.prf(...args));
  }

  mac(...args: Arguments<'mac'>): Given<'mac'> {
    return this.#tape.now(OP.mac, args, this.#crypto.mac(...args));
  }

  slice(...args: Arguments<'slice'>): Given<'slice'> {
    return this.#tape.now(OP.slice, args, this.#crypto.slice(...args));
  }

  lengthOf(...args: Arguments<'lengthOf'>): Given<'lengthOf'> {
    return this.#tape.now(OP.lengthOf, args, this.#crypto.lengthOf(...args));
  }

  encrypt(...args: Arguments<'encrypt'>): Given<'encrypt'> {
    return this.#tape.now(OP.encrypt, args, this.#crypto.encrypt(...args));
  }

  decrypt(...args: Arguments<'decrypt'>): Given<'decrypt'> {
    return this.#tape.now(OP.decrypt, args, this.#crypto.decrypt(...args));
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
