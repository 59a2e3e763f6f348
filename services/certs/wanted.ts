/** What a judgement lacked and the network may have: names as text, so that a failure can carry them. */
export type Wanted =
  /** A CRL. Its addresses come from a certificate whose signatures lead to a `cert_root`, never from a stranger's. */
  | { readonly kind: 'crl'; readonly issuer: string; readonly uris: readonly string[] }
  /** A certificate by its subject, in the form of ike.config: of an authority, or of a peer that claims the name. */
  | { readonly kind: 'certificate'; readonly subject: string }
  /** The certificate of a peer that claims this mailbox. */
  | { readonly kind: 'certificate'; readonly mailbox: string };
