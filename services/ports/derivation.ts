/** Keys that are made of other keys, several at a time: one question to the port, however many HMACs it takes. */
import type { HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import type { KeyHandle } from './keys.js';

/** What follows from SKEYID, whatever the authentication method (RFC 2409 5 and appendix B). */
export interface Phase1Children {
  /** Parent of the keys of IPsec SAs. */
  readonly skeyidD: KeyHandle;
  /** Authenticates the messages of Phase 2. */
  readonly skeyidA: KeyHandle;
  /** Parent of `encryptionKey`. */
  readonly skeyidE: KeyHandle;
  /** What the Phase 1 cipher takes. */
  readonly encryptionKey: KeyHandle;
}

export interface KeyExchange {
  readonly hash: HashAlgorithm;
  readonly cipher: Phase1Cipher;
  /** Length of the cipher's key; 192 for 3DES. */
  readonly keyBits: number;
  /** g^xy, as long as the group's prime. */
  readonly sharedSecret: KeyHandle;
  readonly initiatorCookie: Bytes;
  readonly responderCookie: Bytes;
}

export interface KeymatInput {
  /** Hash of the Phase 1 SA. */
  readonly hash: HashAlgorithm;
  readonly skeyidD: KeyHandle;
  /** g(qm)^xy under perfect forward secrecy. */
  readonly sharedSecret: KeyHandle | undefined;
  /** Protocol ID of the IPsec DOI: AH 2, ESP 3 (RFC 2407 4.4.1). */
  readonly protocol: number;
  /** The 4 bytes chosen by the receiver of the traffic: each direction has keys of its own. */
  readonly spi: Bytes;
  readonly initiatorNonce: Bytes;
  readonly responderNonce: Bytes;
  /** Bytes of the encryption key; 0 for none. */
  readonly encryptionLength: number;
  /** Bytes of the integrity key; 0 for none. */
  readonly integrityLength: number;
}

export interface IpsecKeys {
  readonly encryption: KeyHandle | undefined;
  readonly integrity: KeyHandle | undefined;
}

/** The caller erases what comes back; what goes in stays. `services/keymat` says how it is computed. */
export interface KeyDerivation {
  phase1Children(skeyid: KeyHandle, input: KeyExchange): Phase1Children;
  /** The keys of one direction (RFC 2409 5.5). */
  ipsecKeys(input: KeymatInput): IpsecKeys;
}
