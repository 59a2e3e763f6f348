/** The real cryptography, whose jobs finish late and in any order, in virtual time. */
import type { Clock } from '../../services/ports/clock.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { Dice } from './dice.js';

export function slowCrypto(crypto: Crypto, clock: Clock, dice: Dice, mostMs: number): Crypto {
  const late = <T>(value: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      value.then(
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
    generateKeyPair: (group) => late(crypto.generateKeyPair(group)),
    sharedSecret: (group, key, value) => late(crypto.sharedSecret(group, key, value)),
    publicValueFault: (group, value) => crypto.publicValueFault(group, value),
    hash: (...args) => crypto.hash(...args),
    digest: (...args) => crypto.digest(...args),
    prf: (...args) => crypto.prf(...args),
    mac: (...args) => crypto.mac(...args),
    slice: (...args) => crypto.slice(...args),
    lengthOf: (key) => crypto.lengthOf(key),
    encrypt: (...args) => crypto.encrypt(...args),
    decrypt: (...args) => crypto.decrypt(...args),
    equal: (a, b) => crypto.equal(a, b),
    erase: (...keys) => {
      crypto.erase(...keys);
    },
  };
}
