/** The real cryptography, and how many key pairs it was asked for. */
import type { Crypto } from '../../services/ports/crypto.js';
import { boundCrypto } from './bound-crypto.js';

export function countingCrypto(): {
  readonly crypto: (crypto: Crypto) => Crypto;
  readonly keyPairs: () => number;
} {
  let count = 0;
  return {
    keyPairs: () => count,
    crypto: (crypto) => ({
      ...boundCrypto(crypto),
      generateKeyPair: (group) => {
        count += 1;
        return crypto.generateKeyPair(group);
      },
    }),
  };
}
