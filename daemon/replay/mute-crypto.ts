/**
 * Cryptography for what is said in a replay and compared with nothing: where a key is not in the recording, noise of the
 * right length stands for what it would have made.
 */
import { HASH_LENGTH } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { ReplayKeys } from './replay-keys.js';

export function muteCrypto(
  real: Crypto,
  keys: Pick<ReplayKeys, 'knows'>,
  noise: (length: number) => Bytes,
): Crypto {
  return {
    mac: (hash, key, ...parts) =>
      keys.knows(key) ? real.mac(hash, key, ...parts) : noise(HASH_LENGTH[hash]),
    encrypt: (cipher, key, iv, data) =>
      keys.knows(key) ? real.encrypt(cipher, key, iv, data) : noise(data.length),
    generateKeyPair: (...args) => real.generateKeyPair(...args),
    sharedSecret: (...args) => real.sharedSecret(...args),
    publicValueFault: (...args) => real.publicValueFault(...args),
    hash: (...args) => real.hash(...args),
    digest: (...args) => real.digest(...args),
    prf: (...args) => real.prf(...args),
    slice: (...args) => real.slice(...args),
    phase1Children: (...args) => real.phase1Children(...args),
    ipsecKeys: (input) => real.ipsecKeys(input),
    lengthOf: (key) => real.lengthOf(key),
    decrypt: (...args) => real.decrypt(...args),
    equal: (...args) => real.equal(...args),
    erase: () => undefined,
    signRsa: (...args) => real.signRsa(...args),
    verifyRsa: (...args) => real.verifyRsa(...args),
    signDss: (...args) => real.signDss(...args),
    verifyDss: (...args) => real.verifyDss(...args),
    encryptRsa: (...args) => real.encryptRsa(...args),
    decryptRsa: (...args) => real.decryptRsa(...args),
    verifySigned: (...args) => real.verifySigned(...args),
  };
}
