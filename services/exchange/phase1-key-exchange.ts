/** KE and nonce payloads of Phase 1, and the keys that follow from them (RFC 2409 5, appendix B). */
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { cookieBytes } from '../isakmp/header.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { phase1Iv } from '../keymat/initialization-vectors.js';
import {
  encryptionPhase1Keys,
  type NoncedKeyExchange,
  type Phase1Keys,
  presharedPhase1Keys,
  signaturePhase1Keys,
} from '../keymat/phase1-keys.js';
import { formatEndpoint } from '../net/address.js';
import type { Crypto } from '../ports/crypto.js';
import type { KeyHandle } from '../ports/keys.js';
import { err, ok, type Result } from '../result.js';
import { firstOf } from './payloads-of.js';
import {
  initiators,
  responders,
  known,
  type Phase1Patch,
  type Phase1Record,
  placeOf,
} from './phase1-record.js';
import { sealedHead, sealedPayload } from './sealing.js';

/** In the order that RFC 2409 5.2 gives public-key encryption: `[HASH(1),] KE, <ID>, <NONCE>`; else KE, NONCE. */
export function keyExchangePayloads(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const ke: Payload = { kind: 'KE', data: known(record.keyPair, 'a key pair').publicValue };
  if (record.method !== 'rsa_encrypt') return [ke, { kind: 'NONCE', data: record.ownNonce }];
  const sealed = known(record.ownSealed, 'sealed bodies');
  return [
    ...sealedHead(record, crypto),
    ke,
    sealedPayload('ID', sealed.identity),
    sealedPayload('NONCE', sealed.nonce),
  ];
}

/** `fault` is a clause of `Crypto.publicValueFault` or of `PublicValueRefused`; `number` that of the message. */
export function badPublicValue(record: Phase1Record, number: number, fault: string): Failure {
  return failure(
    'bad-public-value',
    placeOf(record, number),
    'peer',
    `The Diffie-Hellman value of ${formatEndpoint(record.remote)} for group ${String(known(record.group, 'a group'))} must not be used: ${fault}.`,
    'Either the peer is broken or somebody on the path changes its messages.',
    { payload: 'KE' },
  );
}

/** `number` of the message for explanations. Under public-key encryption identity and nonce stay sealed for now. */
export function acceptKeyExchange(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  number: number,
  crypto: Crypto,
): Result<Phase1Patch, Failure> {
  const ke = known(firstOf(payloads, 'KE'), 'a KE payload');
  const nonce = known(firstOf(payloads, 'NONCE'), 'a NONCE payload');
  const group = known(record.group, 'a group');
  const fault = crypto.publicValueFault(group, ke.data);
  if (fault !== undefined) return err(badPublicValue(record, number, fault));
  if (record.method !== 'rsa_encrypt') return ok({ peerPublic: ke.data, peerNonce: nonce.data });
  const identity = known(firstOf(payloads, 'ID'), 'an ID payload');
  return ok({ peerPublic: ke.data, peerSealed: { identity: identity.raw, nonce: nonce.raw } });
}

/** SKEYID, its children and the first IV. The shared secret may be erased afterwards. */
export function deriveKeys(record: Phase1Record, sharedSecret: KeyHandle, crypto: Crypto): Phase1Patch {
  const suite = known(record.suite, 'a suite');
  const { ownNonce, peerNonce, peerPublic } = record;
  const ownPublic = known(record.keyPair, 'a key pair').publicValue;
  const initiatorNonce = initiators(record, ownNonce, peerNonce);
  const responderNonce = responders(record, ownNonce, peerNonce);
  const initiatorPublic = initiators(record, ownPublic, peerPublic);
  const responderPublic = responders(record, ownPublic, peerPublic);
  const input: NoncedKeyExchange = {
    hash: suite.hash,
    cipher: suite.cipher,
    keyBits: suite.keyBits,
    initiatorNonce,
    responderNonce,
    sharedSecret,
    initiatorCookie: cookieBytes(record.initiatorCookie),
    responderCookie: cookieBytes(record.responderCookie),
  };
  const keys = (): Phase1Keys => {
    switch (suite.method) {
      case 'preshared': {
        const presharedKey = known(record.presharedKey, 'a pre-shared key').key;
        return presharedPhase1Keys(crypto, presharedKey, input);
      }
      case 'rsa_sig':
      case 'dss_sig':
        return signaturePhase1Keys(crypto, input);
      case 'rsa_encrypt':
      case 'rsa_encrypt_revised':
        return encryptionPhase1Keys(crypto, input);
    }
  };
  return {
    keys: keys(),
    iv: phase1Iv(crypto, suite.hash, suite.cipher, initiatorPublic, responderPublic),
  };
}
