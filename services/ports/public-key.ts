/** Port: what the authentication methods of Phase 1 ask of public-key cryptography (RFC 2409 5.1, 5.2). */
import type { Bytes } from '../bytes.js';
import type { KeyHandle } from './keys.js';
import type { TokenFault } from './token-fault.js';

interface KeyKind {
  readonly algorithm: 'rsa' | 'dsa';
  /** Bits of the RSA modulus, or of the DSA prime. */
  readonly bits: number;
}

/** A private key from a file: the handle names a PKCS #8 DER body in the key store. */
export interface StoredKey extends KeyKind {
  readonly handle: KeyHandle;
}

/** A private key that never leaves its PKCS #11 token, and by which names it is found there. */
export interface TokenKey extends KeyKind {
  readonly object: TokenObject;
  /** SubjectPublicKeyInfo, DER, of the certificate that it belongs to. */
  readonly publicKey: Bytes;
}

/** Where an object of a token is. At least one of `id` and `label` is there. */
export interface TokenObject {
  /** The token's label, without the blanks that pad it. */
  readonly token: string;
  /** CKA_ID, in lower-case hex. */
  readonly id: string | undefined;
  /** CKA_LABEL. */
  readonly label: string | undefined;
}

/** A private key that we may use without holding it. */
export type PrivateKey = StoredKey | TokenKey;

/** Rejection of what needs a private key that is on a token: the token could not do it. */
export class TokenRefused extends Error {
  readonly object: TokenObject;
  readonly fault: TokenFault;

  constructor(object: TokenObject, fault: TokenFault) {
    super(fault.message);
    this.name = 'TokenRefused';
    this.object = object;
    this.fault = fault;
  }
}

/** Hash and key algorithm of an X.509 signature. */
export interface X509Signature {
  readonly hash: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
  readonly algorithm: 'rsa' | 'dsa' | 'ecdsa';
}

/**
 * Public keys are SubjectPublicKeyInfo, DER. What uses a private key is a promise, because the key may be on a token;
 * promises reject with an `Error` whose message is fit for an operator and holds no secret: with `TokenRefused` when
 * it is a token that will not. Nothing a peer sends makes any of these throw.
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
