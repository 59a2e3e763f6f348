/** Public keys of tokens in the form of certificates, and signatures of tokens in the form of X.509 (RFC 3279 2.2). */
import { createHash, createPublicKey, generateKeyPair } from 'node:crypto';
import { type Bytes, concat } from '../../services/bytes.js';
import { type DsaDomain, publicParts, type PublicParts } from '../../services/certs/key-parts.js';
import type { X509Signature } from '../../services/ports/public-key.js';
import { DER, derElement, derInteger } from './der.js';

const OID = 0x06;
const DSA = Buffer.from('2a8648ce380401', 'hex');

/** SubjectPublicKeyInfo, DER. Throws when the numbers are no key. */
export function spkiOf(parts: PublicParts): Bytes {
  if (parts.algorithm === 'rsa') {
    const [n, e] = [parts.modulus, parts.publicExponent].map((number) =>
      Buffer.from(number).toString('base64url'),
    );
    const jwk = { kty: 'RSA', n: n ?? '', e: e ?? '' };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return Uint8Array.from(key.export({ type: 'spki', format: 'der' }));
  }
  const { prime, subprime, base, value } = parts;
  const domain = derElement(DER.sequence, ...[prime, subprime, base].map(derInteger));
  const algorithm = derElement(DER.sequence, derElement(OID, DSA), domain);
  return derElement(DER.sequence, algorithm, derElement(DER.bitString, Uint8Array.of(0), derInteger(value)));
}

/** DigestInfo up to the digest itself (RFC 8017 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<X509Signature['hash'], string>> = {
  md5: '3020300c06082a864886f70d020505000410',
  sha1: '3021300906052b0e03021a05000414',
  sha224: '302d300d06096086480165030402040500041c',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** What a token is given to sign: it pads it for RSA, and takes it as the digest for DSA. */
export function tokenInput(algorithm: 'rsa' | 'dsa', hash: X509Signature['hash'], bytes: Bytes): Bytes {
  const digest = createHash(hash).update(bytes).digest();
  return algorithm === 'rsa'
    ? concat(Buffer.from(DIGEST_INFO[hash], 'hex'), digest)
    : Uint8Array.from(digest);
}

/** RSA as it is; DSA has r|s, which X.509 wants as two INTEGERs. */
export function x509Signature(algorithm: 'rsa' | 'dsa', signature: Bytes): Bytes {
  if (algorithm === 'rsa') return signature;
  const half = signature.length / 2;
  return derElement(
    DER.sequence,
    derInteger(signature.subarray(0, half)),
    derInteger(signature.subarray(half)),
  );
}

/**
 * Domain parameters for DSA keys of tokens, public, with a subgroup whose order is as long as SHA-1: many tokens make none,
 * or only with longer orders, which RFC 2409 5.1 peers do not know. The key pair that OpenSSL makes with them is dropped.
 */
export function dsaDomain(bits: number, orderBits: number): Promise<DsaDomain> {
  return new Promise((resolve, reject) => {
    const wish = { modulusLength: bits, divisorLength: orderBits };
    generateKeyPair('dsa', wish, (error, publicKey) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const parts = publicParts(Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })));
      if (parts?.algorithm === 'dsa') resolve(parts);
      else reject(new Error('OpenSSL made a DSA key without parameters.'));
    });
  });
}
