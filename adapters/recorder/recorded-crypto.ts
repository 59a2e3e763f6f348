/** Cryptography with the recorder around it. What is computed from public values alone is not kept. */
import type { Crypto } from '../../services/ports/crypto.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { Tape } from './tape.js';

type Arguments<Op extends keyof Crypto> = Parameters<Crypto[Op]>;
type Answer<Op extends keyof Crypto> = ReturnType<Crypto[Op]>;

export class RecordedCrypto implements Crypto {
  readonly #crypto: Crypto;
  readonly #tape: Tape;

  constructor(crypto: Crypto, tape: Tape) {
    this.#crypto = crypto;
    this.#tape = tape;
  }

  generateKeyPair(...args: Arguments<'generateKeyPair'>): Answer<'generateKeyPair'> {
    const run = (): Answer<'generateKeyPair'> => this.#crypto.generateKeyPair(...args);
    return this.#later('generateKeyPair', args, run, ({ privateKey }) => privateKey);
  }

  sharedSecret(...args: Arguments<'sharedSecret'>): Answer<'sharedSecret'> {
    return this.#later('sharedSecret', args, () => this.#crypto.sharedSecret(...args));
  }

  publicValueFault(...args: Arguments<'publicValueFault'>): Answer<'publicValueFault'> {
    return this.#crypto.publicValueFault(...args);
  }

  hash(...args: Arguments<'hash'>): Answer<'hash'> {
    return this.#crypto.hash(...args);
  }

  digest(...args: Arguments<'digest'>): Answer<'digest'> {
    return this.#now('digest', args, this.#crypto.digest(...args));
  }

  prf(...args: Arguments<'prf'>): Answer<'prf'> {
    return this.#now('prf', args, this.#crypto.prf(...args));
  }

  mac(...args: Arguments<'mac'>): Answer<'mac'> {
    return this.#now('mac', args, this.#crypto.mac(...args));
  }

  slice(...args: Arguments<'slice'>): Answer<'slice'> {
    return this.#now('slice', args, this.#crypto.slice(...args));
  }

  lengthOf(...args: Arguments<'lengthOf'>): Answer<'lengthOf'> {
    return this.#now('lengthOf', args, this.#crypto.lengthOf(...args));
  }

  encrypt(...args: Arguments<'encrypt'>): Answer<'encrypt'> {
    return this.#now('encrypt', args, this.#crypto.encrypt(...args));
  }

  decrypt(...args: Arguments<'decrypt'>): Answer<'decrypt'> {
    return this.#now('decrypt', args, this.#crypto.decrypt(...args));
  }

  equal(...args: Arguments<'equal'>): Answer<'equal'> {
    return this.#crypto.equal(...args);
  }

  erase(...keys: readonly KeyHandle[]): void {
    this.#crypto.erase(...keys);
  }

  signRsa(...args: Arguments<'signRsa'>): Answer<'signRsa'> {
    return this.#later('signRsa', args, () => this.#crypto.signRsa(...args));
  }

  verifyRsa(...args: Arguments<'verifyRsa'>): Answer<'verifyRsa'> {
    return this.#now('verifyRsa', args, this.#crypto.verifyRsa(...args));
  }

  signDss(...args: Arguments<'signDss'>): Answer<'signDss'> {
    return this.#later('signDss', args, () => this.#crypto.signDss(...args));
  }

  verifyDss(...args: Arguments<'verifyDss'>): Answer<'verifyDss'> {
    return this.#now('verifyDss', args, this.#crypto.verifyDss(...args));
  }

  encryptRsa(...args: Arguments<'encryptRsa'>): Answer<'encryptRsa'> {
    return this.#now('encryptRsa', args, this.#crypto.encryptRsa(...args));
  }

  decryptRsa(...args: Arguments<'decryptRsa'>): Answer<'decryptRsa'> {
    return this.#later('decryptRsa', args, () => this.#crypto.decryptRsa(...args));
  }

  verifySigned(...args: Arguments<'verifySigned'>): Answer<'verifySigned'> {
    return this.#crypto.verifySigned(...args);
  }

  #now<T>(op: string, args: readonly unknown[], value: T): T {
    return this.#tape.now('crypto', op, args, value);
  }

  #later<T>(
    op: string,
    args: readonly unknown[],
    run: () => Promise<T>,
    secretIn?: (value: T) => KeyHandle,
  ): Promise<T> {
    return this.#tape.later('crypto', op, args, run, secretIn);
  }
}
