/** What a judgement lacked and the network may have. */
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Name } from './name.js';

export type Wanted =
  /** A CRL. Its addresses come from a certificate whose signatures lead to a `cert_root`, never from a stranger's. */
  | { readonly kind: 'crl'; readonly issuer: Name; readonly uris: readonly string[] }
  /** The certificate of an authority. */
  | { readonly kind: 'certificate-named'; readonly subject: Name }
  /** The certificate of a peer that claims this identity. */
  | { readonly kind: 'certificate-of'; readonly identity: IdPayload };
