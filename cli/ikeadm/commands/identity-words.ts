/** Identities of pre-shared keys as they are typed: a keyword and a text. */
import { IDENTITY_TYPE, type IdentityRecord } from '../../../services/admin/door/identity.js';
import { readIdTypeName } from '../../../services/config/preshared-value.js';
import type { PresharedIdType } from '../../../services/policy/preshared-key.js';

/** Numbers of PF_KEY (RFC 2367 3.5); a single address has none of its own and travels as an address where it can. */
const NUMBERS: Readonly<Record<PresharedIdType, number>> = {
  ...IDENTITY_TYPE,
  address: IDENTITY_TYPE.reserved,
};

/** Undefined when the word is no identity type. */
export function identityType(word: string): PresharedIdType | undefined {
  const type = readIdTypeName(word);
  return 'value' in type ? type.value.type : undefined;
}

export function namedIdentity(type: PresharedIdType, text: string): IdentityRecord {
  return { type: NUMBERS[type], uid: 0, text };
}
