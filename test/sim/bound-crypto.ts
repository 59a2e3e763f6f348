/** A `Crypto` that hands every call on, for wrappers to change some of them. */
import type { Crypto } from '../../services/ports/crypto.js';

export function boundCrypto(crypto: Crypto): Crypto {
  return {
    generateKeyPair: (...args) => crypto.generateKeyPair(...args),
    sharedSecret: (...args) => crypto.sharedSecret(...args),
    publicValueFault: (...args) => crypto.publicValueFault(...args),
    hash: (...args) => crypto.hash(...args),
    digest: (...args) => crypto.digest(...args),
    prf: (...args) => crypto.prf(...args),
    mac: (...args) => crypto.mac(...args),
    slice: (...args) => crypto.slice(...args),
    phase1Children: (...args) => crypto.phase1Children(...args),
    ipsecKeys: (...args) => crypto.ipsecKeys(...args),
    lengthOf: (...args) => crypto.lengthOf(...args),
    encrypt: (...args) => crypto.encrypt(...args),
    decrypt: (...args) => crypto.decrypt(...args),
    equal: (...args) => crypto.equal(...args),
    erase: (...args) => {
      crypto.erase(...args);
    },
    signRsa: (...args) => crypto.signRsa(...args),
    verifyRsa: (...args) => crypto.verifyRsa(...args),
    signDss: (...args) => crypto.signDss(...args),
    verifyDss: (...args) => crypto.verifyDss(...args),
    encryptRsa: (...args) => crypto.encryptRsa(...args),
    decryptRsa: (...args) => crypto.decryptRsa(...args),
    verifySigned: (...args) => crypto.verifySigned(...args),
  };
}
