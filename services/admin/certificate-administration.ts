/** What the administrator may ask about certificates of a running daemon. */
import type { Result } from '../result.js';
import type { Listed } from './listing.js';
import type { DoorError } from './door/door-error.js';

export interface CertificateView {
  /** From 1, in the order of the listing. */
  readonly id: number;
  readonly trusted: boolean;
  /** `received`: from a peer or the network; `public`: no private key; `locked`: its key is on a token nobody unlocked. */
  readonly link: 'received' | 'public' | 'locked' | 'available';
  readonly subject: string;
  readonly issuer: string;
}

export interface CertificateAdministration {
  certificatesFrom(from: number): Listed<CertificateView> | undefined;
  /** Forgets what was fetched and reads certificates, CRLs and private keys again. */
  flushCertificates(): Promise<Result<void, DoorError>>;
}
