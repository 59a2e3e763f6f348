/**
 * Identity and nonce under public-key encryption (RFC 2409 5.2). What cannot be opened is replaced by noise, and what
 * belongs to nobody we know is answered as if it did, sealed for a key that nobody uses: the proof that follows is wrong
 * in all these cases alike, so that no answer tells what a ciphertext held (Felsch et al., USENIX Security 2018).
 */
import { HASH_LENGTH } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { peerCertificate } from '../certs/peer-key.js';
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { encodeBody, type Payload, readBody, verifyPayload } from '../isakmp/payload.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { Reader } from '../isakmp/reader.js';
import { PAYLOAD } from '../isakmp/registries/payload-types.js';
import { formatEndpoint } from '../net/address.js';
import type { Crypto } from '../ports/crypto.js';
import type { Random } from '../ports/random.js';
import { err, ok, type Result } from '../result.js';
import { known, type Phase1Patch, type Phase1Record, placeOf } from './phase1-record.js';

/** RFC 2409 5. */
const NONCE_LENGTHS = { least: 8, most: 256 } as const;
/** What noise in the place of an identity looks like: an IPv4 address with its head. */
const IDENTITY_LENGTH = 8;

export function sealedPayload(name: 'ID' | 'NONCE', data: Bytes): Payload {
  return { kind: 'UNKNOWN', type: name === 'ID' ? PAYLOAD.identification : PAYLOAD.nonce, data };
}

/** HASH(1): tells the responder which of its certificates we used. */
export function sealedHead(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  if (record.role === 'responder') return [];
  const hash = known(hashOf(record), 'a hash');
  return [
    { kind: 'HASH', data: crypto.hash(hash, known(record.peerCertificate, "the peer's certificate").der) },
  ];
}

function hashOf(record: Phase1Record) {
  return record.suite?.hash ?? record.offered[0]?.hash;
}

/** Seals what we send. The initiator's failure is its own; a responder seals for a decoy rather than fail. */
export function sealOwn(record: Phase1Record, ownNonce: Bytes, crypto: Crypto): Result<Phase1Patch, Failure> {
  const own = known(record.certificate, 'a certificate').certificate;
  const peer = record.peerCertificate ?? own;
  const body = encodeBody(known(record.ownIdentity, 'an identity'));
  const identity = crypto.encryptRsa(peer.publicKey, body);
  const nonce = crypto.encryptRsa(peer.publicKey, ownNonce);
  if (identity !== undefined && nonce !== undefined) return ok({ ownSealed: { identity, nonce } });
  return err(
    failure(
      'crypto-failed',
      placeOf(record, record.role === 'initiator' ? 3 : 4),
      'config',
      `The RSA key of ${formatEndpoint(record.remote)} with ${String(peer.keyBits)} bits cannot encrypt our identity of ${String(body.length)} bytes.`,
      'Give the peer a larger key, or use a shorter identity by local_id_type.',
    ),
  );
}

/** Opens what the peer sealed for us. Whether it was well formed is not told here, nor by how long it takes. */
export async function openPeer(record: Phase1Record, crypto: Crypto, random: Random): Promise<Phase1Patch> {
  const { privateKey } = known(record.certificate, 'a certificate');
  const key = known(privateKey, 'a private key');
  const sealed = known(record.peerSealed, 'sealed bodies');
  const plausible = HASH_LENGTH[known(hashOf(record), 'a hash')];
  const identityBody = await crypto.decryptRsa(key, sealed.identity, IDENTITY_LENGTH);
  const nonce = await crypto.decryptRsa(key, sealed.nonce, plausible);
  const noise = random.bytes(plausible);
  const longEnough = nonce.length >= NONCE_LENGTHS.least && nonce.length <= NONCE_LENGTHS.most;
  const peerIdentity = readIdentity(identityBody);
  return {
    peerNonce: longEnough ? nonce : noise,
    peerIdBody: identityBody,
    peerIdentity,
    ...(record.role === 'responder' ? certificateOf(record, peerIdentity) : {}),
  };
}

function readIdentity(body: Bytes): IdPayload | undefined {
  const reader = new Reader(body, 'ID');
  const payload = readBody(PAYLOAD.identification, reader);
  return payload.kind === 'ID' && reader.fault === undefined && verifyPayload(payload) === undefined
    ? payload
    : undefined;
}

function certificateOf(record: Phase1Record, identity: IdPayload | undefined): Phase1Patch {
  if (identity === undefined) return { peerCertificate: undefined };
  const rule = known(record.rule, 'a rule');
  const found = peerCertificate(rule, record.stores, record.remote.address, identity);
  return { peerCertificate: found.ok ? found.value : undefined };
}
