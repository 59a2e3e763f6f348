/** Two identities one after the other, local then remote, as GET_PS and DEL_PS name a key by. */
import { concat, type Bytes } from '../../bytes.js';
import { decodeIdentity, encodeIdentity, type IdentityRecord, SADB_IDENT } from './identity.js';

export interface IdentityPair {
  readonly local: IdentityRecord;
  readonly remote: IdentityRecord;
}

export function encodeIdentityPair({ local, remote }: IdentityPair): Bytes {
  return concat(encodeIdentity('local', local), encodeIdentity('remote', remote));
}

/**
 * Undefined unless the bytes are two extensions, whole and nothing else: the first says where the second begins, and
 * its sender is not trusted to be right.
 */
export function decodeIdentityPair(bytes: Bytes): IdentityPair | undefined {
  const middle = extensionLength(bytes, 0);
  if (middle === undefined) return undefined;
  const end = extensionLength(bytes, middle);
  if (end === undefined || middle + end !== bytes.length) return undefined;
  const local = decodeIdentity(bytes.subarray(0, middle));
  const remote = decodeIdentity(bytes.subarray(middle));
  return local && remote && { local, remote };
}

/** Bytes of the extension at `at`, its padding included. */
function extensionLength(bytes: Bytes, at: number): number | undefined {
  const words = SADB_IDENT.read(bytes, at)?.number('words');
  if (words === undefined) return undefined;
  const length = words * 8;
  return length > SADB_IDENT.size && at + length <= bytes.length ? length : undefined;
}
