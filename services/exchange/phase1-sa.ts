/** An established Phase 1 SA: a plain record, kept in the SA table. */
import type { Bytes } from '../bytes.js';
import type { CertificateNames } from '../certs/certificate-names.js';
import type { Cookie } from '../isakmp/header.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Phase1Keys } from '../keymat/phase1-keys.js';
import type { Endpoint } from '../net/address.js';
import type { KeyHandle } from '../ports/keys.js';
import type { Rule } from '../policy/rule.js';
import type { Phase1Suite } from '../proposal/phase1-suite.js';
import type { PeerFeatures } from './peer-features.js';

/** Whom an SA is with and under which rule: what is still known of one that is gone, and of one of an earlier run. */
export interface PeerSa {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly rule: Rule;
  readonly peerIdentity: IdPayload | undefined;
  readonly features: PeerFeatures;
}

/** The part of an SA that later exchanges under it need. */
export interface Phase1Sa extends PeerSa {
  readonly role: 'initiator' | 'responder';
  readonly initiatorCookie: Cookie;
  readonly responderCookie: Cookie;
  readonly suite: Phase1Suite;
  readonly keys: Phase1Keys;
  /** What the ends proved themselves with, where it was that. It is the configuration's: it may be erased before the SA. */
  readonly presharedKey?: KeyHandle;
  /** Last ciphertext block of Phase 1, from which every Phase 2 IV starts (RFC 2409 appendix B). */
  readonly lastBlock: Bytes;
  readonly mode: 'main' | 'aggressive';
  readonly ownIdentity: IdPayload | undefined;
  /** By which the peer proved itself; undefined where certificates were not used. */
  readonly peerCertificate: CertificateNames | undefined;
}
