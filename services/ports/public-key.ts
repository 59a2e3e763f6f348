/** Port: what the authentication methods of Phase 1 ask of public-key cryptography (RFC 2409 5.1, 5.2). */
import type { Bytes } from '../bytes.js';
import type { KeyHandle } from './keys.js';

/** A private key that we may use without holding it: the handle names a PKCS #8 DER body in the key store. */
export interface PrivateKey {
  readonly handle: KeyHandle;
  readonly algorithm: 'rsa' | 'dsa';
  /** Bits of the RSA modulus, or of the DSA prime. */
  readonly bits: number;
}

/** Hash and key algorithm of an X.509 signature. */
export interface X509Signature {
  readonly hash: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
  readonly algorithm: 'rsa' | 'dsa' | 'ecdsa';
}

/**
 * Public keys are SubjectPublicKeyInfo, DER. What uses a private key is a promise, because the key may be on a token;
 * promises reject with an `Error` whose message is fit for an operator and holds no secret. Nothing a peer sends makes
 * any of these throw.
 */
export interface PublicKeyCrypto {
  /** The bytes themselves in a PKCS #1 type 1 block, without DigestInfo (RFC 2409 5.1). */
  signRsa(key: PrivateKey, hash: Bytes): Promise<Bytes>;
  /** A signature over DigestInfo is wrong, too. */
  verifyRsa(publicKey: Bytes, hash: Bytes, signature: Bytes): boolean;
  /**
   * The DSS signature r|s over HMAC-SHA1(skeyid, parts), which is the digest itself: RFC 2409 5.1 ties DSS to SHA-1
   * whatever the prf is.
   */
  signDss(key: PrivateKey, skeyid: KeyHandle, ...parts: readonly Bytes[]): Promise<Bytes>;
  verifyDss(publicKey: Bytes, signature: Bytes, skeyid: KeyHandle, ...parts: readonly Bytes[]): boolean;
  /** PKCS #1 type 2. Undefined when the key cannot take so many bytes, or is no RSA key. */
  encryptRsa(publicKey: Bytes, plaintext: Bytes): Bytes | undefined;
  /**
   * PKCS #1 type 2. Whatever is wrong with the ciphertext, as many random bytes as `plausibleLength` come back in its
   * place, in the same number of steps: the proof that follows fails, and the sender learns nothing (RFC 2409 5.2,
   * and the oracle of Felsch et al., USENIX Security 2018).
   */
  decryptRsa(key: PrivateKey, ciphertext: Bytes, plausibleLength: number): Promise<Bytes>;
  /** The signature of a certificate or a CRL. */
  verifySigned(publicKey: Bytes, how: X509Signature, signed: Bytes, signature: Bytes): boolean;
}
