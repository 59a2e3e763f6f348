/** The real cryptography, whose jobs finish late and in any order, in virtual time. */
import type { Clock } from '../../services/ports/clock.js';
import type { Crypto } from '../../services/ports/crypto.js';
import { boundCrypto } from './bound-crypto.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import { later } from './later.js';
import type { Dice } from './dice.js';

export function slowCrypto(crypto: Crypto, clock: Clock, dice: Dice, mostMs: number): Crypto {
  const late = <T>(ask: () => MaybePromise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      later(ask).then(
        (result) =>
          clock.setTimeout(() => {
            resolve(result);
          }, dice.upTo(mostMs)),
        (error: unknown) =>
          clock.setTimeout(() => {
            reject(error instanceof Error ? error : new Error(String(error)));
          }, dice.upTo(mostMs)),
      );
    });
  return {
    ...boundCrypto(crypto),
    generateKeyPair: (...args) => late(() => crypto.generateKeyPair(...args)),
    sharedSecret: (...args) => late(() => crypto.sharedSecret(...args)),
    signRsa: (...args) => late(() => crypto.signRsa(...args)),
    signDss: (...args) => late(() => crypto.signDss(...args)),
    decryptRsa: (...args) => late(() => crypto.decryptRsa(...args)),
  };
}
