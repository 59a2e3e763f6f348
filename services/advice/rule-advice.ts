/** What is weak or useless in the rules of ike.config, though it is valid. */
import { groupName } from '../isakmp/registries/groups.js';
import type { Diagnostic } from '../config/diagnostic.js';
import { rangeContains, type AddressRange } from '../net/address.js';
import { EndsIndex } from '../policy/range-index.js';
import type { IkeConfig, Phase1Transform, Rule } from '../policy/rule.js';
import { warning } from './warning.js';

/** Below 112 bits of strength (NIST SP 800-57 part 1); 22 is a 1024-bit group, too. */
const WEAK_GROUPS: ReadonlySet<number> = new Set([1, 2, 5, 22]);

/** In the order of the file. */
export function ruleAdvice({ rules }: Pick<IkeConfig, 'rules'>): readonly Diagnostic[] {
  const usable = rules.filter(({ unusable }) => unusable === undefined);
  const earlierThan = earlierRules(usable);
  const advice = usable.flatMap((rule, index) => [
    ...shadowAdvice(rule, earlierThan(rule, index)),
    ...aggressiveAdvice(rule),
    ...rule.transforms.flatMap((transform) => transformAdvice(rule, transform)),
    ...pfsAdvice(rule),
  ]);
  return unique(advice);
}

/** Of the rules before one, those that may contain it: what contains it covers its first addresses. */
function earlierRules(rules: readonly Rule[]): (rule: Rule, index: number) => readonly Rule[] {
  const ends = new EndsIndex(
    rules.map((rule, index) => ({ rule, index })),
    ({ rule }) => rule.localAddresses,
    ({ rule }) => rule.remoteAddresses,
  );
  return ({ localAddresses: [local], remoteAddresses: [remote] }, index) => {
    if (local === undefined || remote === undefined) return rules.slice(0, index);
    const candidates = ends.covering(local.begin, remote.begin);
    return candidates.filter((other) => other.index < index).map(({ rule }) => rule);
  };
}

/** A default of the file that several rules inherit is complained of once. */
function unique(advice: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return advice.filter(({ position, problem }) => {
    const key = `${String(position.line)}:${String(position.column)} ${problem}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * The first rule that covers both addresses begins a negotiation. As responder the peer's offer decides as well, so that
 * a later rule still counts there, unless it accepts nothing that the earlier one does not.
 */
function shadowAdvice(rule: Rule, earlier: readonly Rule[]): readonly Diagnostic[] {
  const shadow = earlier.find(
    (other) =>
      contained(rule.localAddresses, other.localAddresses) &&
      contained(rule.remoteAddresses, other.remoteAddresses),
  );
  if (shadow === undefined) return [];
  const by = `rule "${shadow.label}" of line ${String(shadow.position.line)}`;
  const never =
    (shadow.ikeMode === 'both' || shadow.ikeMode === rule.ikeMode) &&
    letsEverybodyIn(shadow) &&
    rule.transforms.every((transform) => shadow.transforms.some((other) => accepts(other, transform)));
  return [
    never
      ? warning(
          rule.position,
          `it can never match: ${by} covers its addresses and accepts all that it would`,
          'put it before that rule, or remove it; only a policy that names its label still uses it',
          rule.label,
        )
      : warning(
          rule.position,
          `it begins no negotiation: ${by} covers its addresses and comes first`,
          'put it before that rule, unless it is for what peers begin, or named by a policy',
          rule.label,
        ),
  ];
}

function contained(inner: readonly AddressRange[], outer: readonly AddressRange[]): boolean {
  return inner.every((range) => outer.some((other) => rangeContains(other, range)));
}

function letsEverybodyIn({ remoteIds }: Rule): boolean {
  return remoteIds.every(({ text, negated }) => text === '' && !negated);
}

function accepts(outer: Phase1Transform, inner: Phase1Transform): boolean {
  const sameKind =
    outer.method === inner.method &&
    outer.group === inner.group &&
    outer.hash === inner.hash &&
    outer.cipher === inner.cipher;
  if (!sameKind || inner.keyBits === undefined || outer.keyBits === undefined) return sameKind;
  return outer.keyBits.low <= inner.keyBits.low && inner.keyBits.high <= outer.keyBits.high;
}

function aggressiveAdvice(rule: Rule): readonly Diagnostic[] {
  if (rule.ikeMode === 'main' || !rule.transforms.some(({ method }) => method === 'preshared')) return [];
  return [
    warning(
      rule.position,
      'Aggressive Mode with a pre-shared key shows identities in the clear, and to whoever listens or asks a hash to try passwords on',
      'use Main Mode, or certificates; else a key of 128 random bits or more',
      rule.label,
    ),
  ];
}

function transformAdvice(rule: Rule, transform: Phase1Transform): readonly Diagnostic[] {
  const { group, cipher, hash, position } = transform;
  const advice: Diagnostic[] = [];
  const weak = (problem: string, expected: string): void => {
    advice.push(warning(position, problem, expected, rule.label));
  };
  if (WEAK_GROUPS.has(group))
    weak(
      `oakley_group ${String(group)} (${groupName(group)}) is too small to be safe`,
      'use 14 or more, if the peer has it',
    );
  if (cipher === 'des') weak('DES can be broken by trying all its keys', 'use aes');
  if (hash === 'md5')
    weak('MD5 is broken as a hash', 'use sha256 or better, or sha1 where the peer has no better');
  return advice;
}

function pfsAdvice({ phase2, position, label }: Rule): readonly Diagnostic[] {
  const { pfsGroup } = phase2;
  if (!WEAK_GROUPS.has(pfsGroup)) return [];
  return [
    warning(
      position,
      `p2_pfs ${String(pfsGroup)} (${groupName(pfsGroup)}) is too small to be safe`,
      'use 14 or more, if the peer has it',
      label,
    ),
  ];
}
