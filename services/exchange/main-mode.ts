/**
 * Main Mode, message by message (RFC 2409 5): what each one says, and what is learnt from the peer's. Pure over the
 * record; the chart decides when. What the authentication methods put into the messages is theirs.
 */
import type { Failure } from '../failure/failure.js';
import { failure } from '../failure/build.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { formatEndpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { Crypto } from '../ports/crypto.js';
import { ok, type Result } from '../result.js';
import { firstOf } from './payloads-of.js';
import { acceptKeyExchange, keyExchangePayloads } from './phase1-key-exchange.js';
import { acceptChoice, choiceSa, decideOffer, offerSa } from './phase1-offer.js';
import { proofPayload } from './phase1-proof.js';
import { known, type Phase1Patch, type Phase1Patches, type Phase1Record, placeOf } from './phase1-record.js';
import { incomingRiders, outgoingRiders } from './riders.js';

export interface Built {
  readonly payloads: readonly Payload[];
  readonly patch: Phase1Patch;
}

export function buildOffer(record: Phase1Record, crypto: Crypto): Built {
  const { sa, patch } = offerSa(record);
  return { payloads: [sa, ...outgoingRiders(1, record, crypto)], patch };
}

/** Message 1, the responder's whole decision. */
export function processOffer(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  presharedKeys: readonly PresharedKey[],
  crypto: Crypto,
): Result<Phase1Patches, Failure> {
  const decided = decideOffer(record, payloads, presharedKeys);
  if (!decided.ok) return decided;
  const { credentials, choice } = decided.value;
  return ok([credentials, choice, incomingRiders(1, record, payloads, crypto)]);
}

export function buildChoice(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  return [choiceSa(record), ...outgoingRiders(2, record, crypto)];
}

export function processChoice(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  presharedKeys: readonly PresharedKey[],
  crypto: Crypto,
): Result<Phase1Patches, Failure> {
  const choice = acceptChoice(record, payloads, presharedKeys);
  return choice.ok ? ok([choice.value, incomingRiders(2, record, payloads, crypto)]) : choice;
}

/** Messages 3 and 4. */
export function buildKeyExchange(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const number = record.role === 'initiator' ? 3 : 4;
  return [...keyExchangePayloads(record, crypto), ...outgoingRiders(number, record, crypto)];
}

export function processKeyExchange(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Result<Phase1Patches, Failure> {
  const number = record.role === 'initiator' ? 4 : 3;
  const accepted = acceptKeyExchange(record, payloads, number, crypto);
  return accepted.ok ? ok([accepted.value, incomingRiders(number, record, payloads, crypto)]) : accepted;
}

/** Messages 5 and 6. Under public-key encryption the identity has been said already. */
export function buildProof(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const number = record.role === 'initiator' ? 5 : 6;
  const identity = record.method === 'rsa_encrypt' ? [] : [known(record.ownIdentity, 'an identity')];
  return [...identity, ...outgoingRiders(number, record, crypto), proofPayload(record, crypto)];
}

/** What a message 5 or 6 claims; the proof is checked in a step of its own. */
export function processProof(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Phase1Patches {
  const number = record.role === 'initiator' ? 6 : 5;
  const identity = firstOf(payloads, 'ID');
  const riders = incomingRiders(number, record, payloads, crypto);
  return identity === undefined ? [riders] : [{ peerIdentity: identity, peerIdBody: identity.raw }, riders];
}

/** What a message 5 or 6 that cannot be read makes us suspect; under signatures nothing in particular. */
export function suspectWrongKey(record: Phase1Record, detail: string): Failure | undefined {
  const number = record.role === 'initiator' ? 6 : 5;
  const peer = formatEndpoint(record.remote);
  if (record.method === 'preshared') {
    return failure(
      'wrong-preshared-key',
      placeOf(record, number),
      'config',
      `Message ${String(number)} of ${peer} cannot be read (${detail}). The pre-shared key is probably not the same on both ends. ${record.presharedWhy}`,
      "Compare the key in ike.preshared with the peer's, digit by digit, and check that the entry is the one meant for this peer.",
    );
  }
  if (record.method !== 'rsa_encrypt') return undefined;
  return failure(
    'bad-proof',
    placeOf(record, number),
    'config',
    `Message ${String(number)} of ${peer} cannot be read (${detail}). One of the two ends could not decrypt the nonce of the other: the public keys are probably not those in use.`,
    "Check that the peer's certificate in the publickeys directory is the one it uses now, and that ours is at the peer.",
  );
}
