/** The real cryptography, some of whose jobs fail as when a worker thread dies. */
import type { Crypto } from '../../services/ports/crypto.js';
import { boundCrypto } from './bound-crypto.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import { later } from './later.js';
import type { Dice } from './dice.js';

export function failingCrypto(dice: Dice, probability: () => number): (crypto: Crypto) => Crypto {
  const job = <T>(run: () => MaybePromise<T>): Promise<T> =>
    dice.chance(probability()) ? Promise.reject(new Error('a worker thread died')) : later(run);
  return (crypto) => ({
    ...boundCrypto(crypto),
    generateKeyPair: (...args) => job(() => crypto.generateKeyPair(...args)),
    sharedSecret: (...args) => job(() => crypto.sharedSecret(...args)),
    signRsa: (...args) => job(() => crypto.signRsa(...args)),
    signDss: (...args) => job(() => crypto.signDss(...args)),
    decryptRsa: (...args) => job(() => crypto.decryptRsa(...args)),
  });
}
