/**
 * An identity as the `sadb_ident` extension of PF_KEY (RFC 2367 2.3.5).
 *
 *  0 len u16, in 8-byte words    2 exttype u16    4 type u16    6 reserved u16    8 id u64    16 text, NUL, padding
 *
 * DEVIATION: distinguished and general names travel as text, where the original puts their DER encoding.
 */
import { concat, type Bytes } from '../../bytes.js';
import { roundedUp, structure, textOf } from '../../c-structure.js';

export const SADB_IDENT = structure('sadb_ident', 16, {
  words: [0, 'u16'],
  extension: [2, 'u16'],
  type: [4, 'u16'],
  reserved: [6, 'u16'],
  uid: [8, 'u64'],
});

/** Extension types: the source is the local side. */
export const IDENTITY_SIDE = { local: 10, remote: 11 } as const;

export const IDENTITY_TYPE = {
  reserved: 0,
  prefix: 1,
  fqdn: 2,
  user_fqdn: 3,
  dn: 4,
  gn: 5,
  keyid: 6,
  range: 7,
} as const;

export interface IdentityRecord {
  /** SADB identity type. */
  readonly type: number;
  readonly uid: number;
  readonly text: string;
}

/** The longest text that keeps every offset of a p1_sa in 16 bits; longer ones are cut. */
export const LONGEST_TEXT = 4096;

export function encodeIdentity(side: keyof typeof IDENTITY_SIDE, identity: IdentityRecord): Bytes {
  const text = new Uint8Array(Buffer.from(identity.text, 'utf8')).subarray(0, LONGEST_TEXT);
  const length = roundedUp(SADB_IDENT.size + text.length + 1);
  const head = SADB_IDENT.encode(
    {
      words: length / 8,
      extension: IDENTITY_SIDE[side],
      type: identity.type,
      reserved: 0,
      uid: identity.uid,
    },
    {},
  );
  return concat(head, text, new Uint8Array(length - head.length - text.length));
}

/** `bytes` are one whole extension; undefined when they are shorter than its head. */
export function decodeIdentity(bytes: Bytes): IdentityRecord | undefined {
  const head = SADB_IDENT.read(bytes);
  return (
    head && {
      type: head.number('type'),
      uid: head.number('uid'),
      text: textOf(bytes.subarray(SADB_IDENT.size)),
    }
  );
}
