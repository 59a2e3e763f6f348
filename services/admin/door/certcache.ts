/**
 * An entry of the certificate cache.
 *
 *   0  cache_id u32    4  certclass u32, -1 trusted    8  linkage i32    12  padding    16  subject    1040  issuer
 */
import type { Bytes } from '../../bytes.js';
import { structureWithAreas, textArea, textOf } from '../../c-structure.js';

/** Names that are longer, in UTF-8 with their NUL, are cut. */
export const NAME_LENGTH = 1024;

export const CERTCACHE = structureWithAreas(
  'certcache',
  2064,
  { id: [0, 'u32'], certClass: [4, 'u32'], linkage: [8, 'i32'], padding: [12, 'u32'] },
  { subject: [16, NAME_LENGTH], issuer: [1040, NAME_LENGTH] },
);

const TRUSTED = 0xffff_ffff;

/** How a certificate is linked to a private key. */
export const LINKAGE = {
  /** It came off the wire, so there is none. */
  received: -1,
  public: 0,
  locked: 1,
  available: 2,
} as const;

export interface CertificateRecord {
  readonly id: number;
  readonly trusted: boolean;
  /** One of `LINKAGE`, or a number that this version does not know. */
  readonly linkage: number;
  readonly subject: string;
  readonly issuer: string;
}

export function encodeCertificate({ id, trusted, linkage, subject, issuer }: CertificateRecord): Bytes {
  return CERTCACHE.encode(
    { id, certClass: trusted ? TRUSTED : 0, linkage, padding: 0 },
    { subject: textArea(subject, NAME_LENGTH), issuer: textArea(issuer, NAME_LENGTH) },
  );
}

/** Undefined when the bytes are too few. */
export function decodeCertificate(bytes: Bytes, at = 0): CertificateRecord | undefined {
  const entry = CERTCACHE.read(bytes, at);
  return (
    entry && {
      id: entry.number('id'),
      trusted: entry.number('certClass') === TRUSTED,
      linkage: entry.number('linkage'),
      subject: textOf(entry.area('subject')),
      issuer: textOf(entry.area('issuer')),
    }
  );
}
