/**
 * What this version can run, of all that the configuration files can say.
 * Whoever builds more adds it here: the rest is valid in a file, noted, and left out.
 */
import type { AuthMethod, GroupNumber, HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import { PHASE1_KEY_BITS } from '../algorithms.js';
import { groupName } from '../isakmp/registries/groups.js';

const AUTH_METHODS: ReadonlySet<AuthMethod> = new Set<AuthMethod>([
  'preshared',
  'rsa_sig',
  'dss_sig',
  'rsa_encrypt',
]);
const PHASE1_CIPHERS: ReadonlySet<Phase1Cipher> = new Set<Phase1Cipher>(['des', '3des', 'blowfish', 'aes']);
const PHASE1_HASHES: ReadonlySet<HashAlgorithm> = new Set<HashAlgorithm>([
  'md5',
  'sha1',
  'sha256',
  'sha384',
  'sha512',
]);
const GROUPS: ReadonlySet<GroupNumber> = new Set([
  1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
]);

/** The same as lists, for what shows them. Key bits only where a Key Length attribute says them. */
export const BUILT_GROUPS: readonly GroupNumber[] = [...GROUPS];
export const BUILT_HASHES: readonly HashAlgorithm[] = [...PHASE1_HASHES];
export const BUILT_PHASE1_CIPHERS: readonly {
  readonly cipher: Phase1Cipher;
  readonly keyBits: { readonly low: number; readonly high: number } | undefined;
}[] = [...PHASE1_CIPHERS].map((cipher) => ({
  cipher,
  keyBits: keyBitsOf(cipher),
}));

function keyBitsOf(cipher: Phase1Cipher): { readonly low: number; readonly high: number } | undefined {
  if (cipher !== 'aes' && cipher !== 'blowfish') return undefined;
  const { low, high } = PHASE1_KEY_BITS[cipher];
  return { low, high };
}

/** Why a group cannot be used, or undefined when it can. */
export function missingForGroup(group: GroupNumber): string | undefined {
  if (GROUPS.has(group)) return undefined;
  return `Oakley group ${String(group)} (${groupName(group)}) is not built in this version`;
}

/** Everything that a Phase 1 transform needs and this version lacks, one sentence part each. */
export function missingForPhase1(transform: {
  readonly method: AuthMethod;
  readonly cipher: Phase1Cipher;
  readonly hash: HashAlgorithm;
  readonly group: GroupNumber;
}): readonly string[] {
  const missing: string[] = [];
  if (!AUTH_METHODS.has(transform.method)) {
    missing.push(`authentication method ${transform.method} is not built in this version`);
  }
  if (!PHASE1_CIPHERS.has(transform.cipher)) {
    missing.push(`Phase 1 cipher ${transform.cipher} is not built in this version`);
  }
  if (!PHASE1_HASHES.has(transform.hash)) {
    missing.push(`Phase 1 hash ${transform.hash} is not built in this version`);
  }
  const group = missingForGroup(transform.group);
  if (group !== undefined) missing.push(group);
  return missing;
}
