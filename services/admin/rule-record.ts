/** A rule as the daemon sees it, in the numbers of the door. */
import type { CertificateSelector, IdTypeKeyword, IkeMode, Phase1Transform } from '../policy/rule.js';
import { CIPHER_NUMBERS, HASH_NUMBERS, METHOD_NUMBERS } from './algorithm-numbers.js';
import { IDENTITY_TYPE } from './door/identity.js';
import type { Selection } from './door/packed-texts.js';
import type { TransformRecord } from './door/phase1-transform.js';
import type { RuleRecord } from './door/rule.js';
import type { RuleView } from './rule-administration.js';

/** Exchange values; 240 is either of the two, and begins with the first. */
export const EXCHANGE_NUMBER: Readonly<Record<IkeMode, number>> = { main: 2, aggressive: 4, both: 240 };

/** An address goes as a prefix of full length, as the identities of SAs do (RFC 2367 2.3.5). */
const ID_TYPE_NUMBER: Readonly<Record<IdTypeKeyword, number>> = {
  ip: IDENTITY_TYPE.prefix,
  ipv4: IDENTITY_TYPE.prefix,
  ipv4_prefix: IDENTITY_TYPE.prefix,
  ipv4_range: IDENTITY_TYPE.range,
  ipv6: IDENTITY_TYPE.prefix,
  ipv6_prefix: IDENTITY_TYPE.prefix,
  ipv6_range: IDENTITY_TYPE.range,
  fqdn: IDENTITY_TYPE.fqdn,
  user_fqdn: IDENTITY_TYPE.user_fqdn,
  dn: IDENTITY_TYPE.dn,
  gn: IDENTITY_TYPE.gn,
};

export function ruleRecord({ rule, cookie, globals }: RuleView): RuleRecord {
  const { phase2 } = rule;
  return {
    label: rule.label,
    cookie,
    exchange: EXCHANGE_NUMBER[rule.ikeMode],
    localIdType: ID_TYPE_NUMBER[rule.localIdType],
    phase1NonceLength: globals.phase1NonceLength,
    phase2NonceLength: globals.phase2NonceLength,
    pfsGroup: phase2.pfsGroup,
    lifetimeSeconds: phase2.lifetimeSeconds ?? 0,
    softlifeSeconds: phase2.softlifeSeconds ?? 0,
    idletimeSeconds: phase2.idletimeSeconds ?? 0,
    lifetimeKb: phase2.lifetimeKb ?? 0,
    softlifeKb: phase2.softlifeKb ?? 0,
    transforms: rule.transforms.map((transform) => transformRecord(transform, phase2.pfsGroup)),
    localRanges: rule.localAddresses,
    remoteRanges: rule.remoteAddresses,
    localIds: selection(rule.localIds),
    remoteIds: selection(rule.remoteIds),
  };
}

function transformRecord(transform: Phase1Transform, pfsGroup: number): TransformRecord {
  return {
    group: transform.group,
    cipher: CIPHER_NUMBERS[transform.cipher].sadb,
    lowBits: transform.keyBits?.low ?? 0,
    highBits: transform.keyBits?.high ?? 0,
    hash: HASH_NUMBERS[transform.hash].sadb,
    method: METHOD_NUMBERS[transform.method],
    prf: 0,
    pfsGroup,
    maxSeconds: transform.lifetimeSeconds,
    maxKilobytes: 0,
    maxKeyUses: 0,
  };
}

function selection(selectors: readonly CertificateSelector[]): Selection {
  const texts = (negated: boolean): readonly string[] =>
    selectors.filter((selector) => selector.negated === negated).map(({ text }) => text);
  return { includes: texts(false), excludes: texts(true) };
}
