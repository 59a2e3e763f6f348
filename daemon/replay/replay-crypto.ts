/** The cryptography of one negotiation in a replay. */
import { ipsecKeys } from '../../services/keymat/keymat.js';
import { phase1Children } from '../../services/keymat/phase1-keys.js';
import { type Bytes } from '../../services/bytes.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { Json } from '../../services/record/entry.js';
import { handleNumber, textBytes } from '../../services/record/values.js';
import type { ReplayCalls } from './replay-calls.js';

/** `real` computes what can be. */
export function replayCrypto(calls: ReplayCalls, real: Crypto): Crypto {
  const { keys, counts } = calls.world;
  const bytes = (value: Json): Bytes | undefined => textBytes(value);
  const flag = (value: Json): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
  const given = (op: string) => (value: Json) => {
    const found = textBytes(value);
    if (found === undefined) return keys.miss(`the result of ${op}`);
    return found;
  };
  const { derivesByParts } = calls.world;
  const crypto: Crypto = {
    phase1Children: (skeyid, input) => {
      if (derivesByParts) return phase1Children(crypto, skeyid, input);
      const [skeyidD, skeyidA, skeyidE, encryptionKey] = calls.derived(
        'phase1Children',
        [skeyid, input.sharedSecret],
        () => {
          const made = real.phase1Children(skeyid, input);
          return [made.skeyidD, made.skeyidA, made.skeyidE, made.encryptionKey];
        },
      );
      if (!skeyidD || !skeyidA || !skeyidE || !encryptionKey) return keys.miss('keys of Phase 1');
      return { skeyidD, skeyidA, skeyidE, encryptionKey };
    },
    ipsecKeys: (input) => {
      if (derivesByParts) return ipsecKeys(crypto, input);
      const [encryption, integrity] = calls.derived(
        'ipsecKeys',
        [input.protocol, input.skeyidD, input.sharedSecret],
        () => {
          const made = real.ipsecKeys(input);
          return [made.encryption, made.integrity];
        },
      );
      return { encryption, integrity };
    },
    generateKeyPair: (group) =>
      calls.later(
        'crypto',
        'generateKeyPair',
        [group],
        (value, secret) => {
          const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
          const of = (name: string): Json => fields.find(([field]) => field === name)?.[1] ?? null;
          const privateKey =
            secret === undefined ? calls.absent(of('privateKey')) : keys.put(given('secret')(`0x${secret}`));
          const publicValue = textBytes(of('publicValue'));
          if (privateKey === undefined || publicValue === undefined) return keys.miss('a key pair');
          const number = handleNumber(of('privateKey'));
          if (number !== undefined) keys.call(privateKey, `#${String(number)}`);
          return { privateKey, publicValue };
        },
        () => real.generateKeyPair(group),
      ),
    sharedSecret: (group, privateKey, peerPublicValue) =>
      calls.later(
        'crypto',
        'sharedSecret',
        [group, privateKey, peerPublicValue],
        async (value) => {
          if (!keys.knows(privateKey)) return calls.absent(value) ?? keys.miss('a shared secret');
          const secret = await real.sharedSecret(group, privateKey, peerPublicValue);
          const number = handleNumber(value);
          if (number !== undefined) keys.call(secret, `#${String(number)}`);
          counts.computed += 1;
          return secret;
        },
        () => real.sharedSecret(group, privateKey, peerPublicValue),
      ),
    publicValueFault: (group, value) => real.publicValueFault(group, value),
    hash: (...args) => real.hash(...args),
    digest: (...args) => calls.sync('digest', args, () => real.digest(...args), bytes),
    prf: (...args) => calls.sync('prf', args, () => real.prf(...args), calls.absent),
    mac: (...args) => calls.sync('mac', args, () => real.mac(...args), bytes),
    slice: (...args) => calls.sync('slice', args, () => real.slice(...args), calls.absent),
    lengthOf: (key) =>
      calls.sync(
        'lengthOf',
        [key],
        () => real.lengthOf(key),
        (value) => (typeof value === 'number' ? value : undefined),
      ),
    encrypt: (...args) => calls.sync('encrypt', args, () => real.encrypt(...args), bytes),
    decrypt: (...args) => calls.sync('decrypt', args, () => real.decrypt(...args), bytes),
    equal: (a, b) => real.equal(a, b),
    erase: () => undefined,
    signRsa: (...args) =>
      calls.promised('crypto', 'signRsa', args, given('signRsa'), () => real.signRsa(...args)),
    verifyRsa: (...args) => calls.sync('verifyRsa', args, () => real.verifyRsa(...args), flag),
    signDss: (...args) =>
      calls.promised('crypto', 'signDss', args, given('signDss'), () => real.signDss(...args)),
    verifyDss: (...args) => calls.sync('verifyDss', args, () => real.verifyDss(...args), flag),
    encryptRsa: (...args) => calls.sync('encryptRsa', args, () => real.encryptRsa(...args), bytes),
    decryptRsa: (...args) =>
      calls.promised('crypto', 'decryptRsa', args, given('decryptRsa'), () => real.decryptRsa(...args)),
    verifySigned: (...args) => real.verifySigned(...args),
  };
  return crypto;
}
