/**
 * Aggressive Mode, message by message (RFC 2409 5): what each one says, and what is learnt from the peer's. Pure over
 * the record; the chart decides when.
 */
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { formatEndpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { Crypto } from '../ports/crypto.js';
import { err, ok, type Result } from '../result.js';
import type { Built } from './main-mode.js';
import { firstOf } from './payloads-of.js';
import { acceptKeyExchange, keyExchangePayloads } from './phase1-key-exchange.js';
import { acceptChoice, choiceSa, decideOffer, offerSa } from './phase1-offer.js';
import { proofPayload } from './phase1-proof.js';
import { messagePlace, phase1Fault } from './phase1-reading.js';
import { known, type Phase1Patch, type Phase1Patches, type Phase1Record, placeOf } from './phase1-record.js';
import { incomingRiders, outgoingRiders } from './riders.js';

/** KE, nonce and identity, in the order that the method wants. */
function exchangePayloads(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const payloads = keyExchangePayloads(record, crypto);
  return record.method === 'rsa_encrypt' ? payloads : [...payloads, known(record.ownIdentity, 'an identity')];
}

/** Message 1. The key pair and the nonce are made already. */
export function buildOffer(record: Phase1Record, crypto: Crypto): Built {
  const { sa, patch } = offerSa(record);
  return {
    payloads: [sa, ...exchangePayloads(record, crypto), ...outgoingRiders(1, record, crypto)],
    patch,
  };
}

/** Who a message claims to be from, where that is not sealed. */
function claimed(payloads: readonly DecodedPayload[], sealed: boolean): Phase1Patch {
  const identity = sealed ? undefined : firstOf(payloads, 'ID');
  return identity === undefined ? {} : { peerIdentity: identity, peerIdBody: identity.raw };
}

/** Message 1, the responder's whole decision. A sealed identity must be opened before it says anything. */
export function processOffer(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  presharedKeys: readonly PresharedKey[],
  crypto: Crypto,
): Result<Phase1Patches, Failure> {
  const decided = decideOffer({ ...record, ...claimed(payloads, false) }, payloads, presharedKeys);
  if (!decided.ok) return decided;
  const { credentials, choice } = decided.value;
  const claim = claimed(payloads, choice.method === 'rsa_encrypt');
  const chosen: Phase1Record = { ...record, ...credentials, ...choice, ...claim };
  const fault = phase1Fault(messagePlace(chosen, 1, false), payloads);
  if (fault !== undefined) return err(malformed(chosen, fault));
  const exchange = acceptKeyExchange(chosen, payloads, 1, crypto);
  if (!exchange.ok) return exchange;
  return ok([credentials, choice, claim, exchange.value, incomingRiders(1, chosen, payloads, crypto)]);
}

/** Only with the method do we know what the rest of message 1 must be. */
function malformed(record: Phase1Record, fault: string): Failure {
  return failure(
    'bad-message',
    placeOf(record, 1),
    'peer',
    `Message 1 of ${formatEndpoint(record.remote)} does not fit the authentication method it offers: ${fault}.`,
    'The peer does not follow RFC 2409 5.',
  );
}

/** Message 2. */
export function buildAnswer(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  return [
    choiceSa(record),
    ...exchangePayloads(record, crypto),
    ...outgoingRiders(2, record, crypto),
    proofPayload(record, crypto),
  ];
}

export function processAnswer(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  presharedKeys: readonly PresharedKey[],
  crypto: Crypto,
): Result<Phase1Patches, Failure> {
  const choice = acceptChoice(record, payloads, presharedKeys);
  if (!choice.ok) return choice;
  const claim = claimed(payloads, choice.value.method === 'rsa_encrypt');
  const chosen: Phase1Record = { ...record, ...choice.value };
  const exchange = acceptKeyExchange(chosen, payloads, 2, crypto);
  if (!exchange.ok) return exchange;
  return ok([choice.value, claim, exchange.value, incomingRiders(2, chosen, payloads, crypto)]);
}

/** Message 3. */
export function buildProof(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  return [...outgoingRiders(3, record, crypto), proofPayload(record, crypto)];
}

export function processProof(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Phase1Patches {
  return [incomingRiders(3, record, payloads, crypto)];
}
