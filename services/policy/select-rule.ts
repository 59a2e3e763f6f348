/** Which rules are candidates for two addresses: file order, first fit (ike.config(5)). */
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { type Address, formatRange, inRange } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { EndsIndex } from './range-index.js';
import { type IkeConfig, placeOfRule, type Rule } from './rule.js';

/** Rules that a failure names because they nearly fit. */
const MOST_NEAR = 3;

const NOWHERE = { exchange: '', message: 0 };

/** Of one list of rules, made at the first question: lists are replaced, never changed. */
interface RuleIndex {
  readonly ends: EndsIndex<Rule>;
  /** The first of each label. */
  readonly labels: ReadonlyMap<string, Rule>;
}

const indices = new WeakMap<readonly Rule[], RuleIndex>();

function indexOf({ rules }: IkeConfig): RuleIndex {
  const known = indices.get(rules);
  if (known !== undefined) return known;
  const ends = new EndsIndex(
    rules,
    ({ localAddresses }) => localAddresses,
    ({ remoteAddresses }) => remoteAddresses,
  );
  // From behind, so that the first of a label is what stays.
  const labels = new Map([...rules].reverse().map((rule) => [rule.label, rule]));
  const index = { ends, labels };
  indices.set(rules, index);
  return index;
}

function where(rule: Rule): string {
  return `rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)})`;
}

/** The rule under which we begin: the one the policy names by `label`, or the first usable one that covers both ends. */
export function ruleForInitiator(
  config: IkeConfig,
  local: Address,
  remote: Address,
  label?: string,
): Result<Rule, Failure> {
  if (label !== undefined) return named(config, label);
  const { usable, unusable } = rulesForResponder(config, local, remote);
  const rule = usable[0];
  if (rule !== undefined) return ok(rule);
  const lame = unusable[0];
  return err(lame === undefined ? noRule(config, local, remote) : unusableRule(lame));
}

function named(config: IkeConfig, label: string): Result<Rule, Failure> {
  const rule = indexOf(config).labels.get(label);
  if (rule === undefined) {
    return err(
      failure(
        'no-rule',
        NOWHERE,
        'config',
        `The IPsec policy asks for the rule "${label}", which ike.config does not have.`,
        'Add the rule, or correct the label in the policy.',
      ),
    );
  }
  return rule.unusable === undefined ? ok(rule) : err(unusableRule(rule));
}

/**
 * The rule by which an SA was made, as it is now: a refresh or an operator may have changed it, or taken it away. Nothing
 * is negotiated under a rule that went; what was made under it stays until its end.
 */
export function ruleAsItIs(config: IkeConfig, { label }: Pick<Rule, 'label'>): Result<Rule, Failure> {
  const rule = indexOf(config).labels.get(label);
  if (rule !== undefined) return rule.unusable === undefined ? ok(rule) : err(unusableRule(rule));
  return err(
    failure(
      'no-rule',
      NOWHERE,
      'config',
      `The rule "${label}" of ike.config, under which the Phase 1 SA was made, is no longer there, so nothing new is negotiated under that SA.`,
      'SAs that stand end with their lifetime. Put the rule back if it is still wanted; where another rule is to take over, delete the Phase 1 SA (ikeadm del p1), and the next negotiation is under the rules as they are.',
      { wire: notify(NOTIFY.noProposalChosen) },
    ),
  );
}

function unusableRule(rule: Rule): Failure {
  return failure(
    'rule-unusable',
    NOWHERE,
    'local',
    `The ${where(rule)} covers these addresses, but this version cannot use it: ${rule.unusable ?? ''}.`,
    'Give the rule a p1_xform that this version has.',
    { places: [placeOfRule(rule)] },
  );
}

function noRule(config: IkeConfig, local: Address, remote: Address): Failure {
  const near: Rule[] = [];
  for (const rule of config.rules) {
    const fits =
      rule.localAddresses.some((range) => inRange(local, range)) ||
      rule.remoteAddresses.some((range) => inRange(remote, range));
    if (fits && near.push(rule) === MOST_NEAR) break;
  }
  const described = near.map((rule) => {
    const fits = rule.localAddresses.some((range) => inRange(local, range));
    const other = (fits ? rule.remoteAddresses : rule.localAddresses).map(formatRange).join(', ');
    return `${where(rule)} fits ${fits ? local : remote} but its ${fits ? 'remote_addr' : 'local_addr'} is ${other}`;
  });
  return failure(
    'no-rule',
    NOWHERE,
    'config',
    `No rule of ike.config covers ${local} with ${remote}.${near.length === 0 ? '' : ` Near: ${described.join('; ')}.`}`,
    'Add a rule whose local_addr and remote_addr cover the two addresses.',
    { places: near.map(placeOfRule) },
  );
}

/** All that cover the packet's addresses, in file order; which one is used depends on the peer's offer. */
export function rulesForResponder(
  config: IkeConfig,
  local: Address,
  remote: Address,
): { readonly usable: readonly Rule[]; readonly unusable: readonly Rule[] } {
  const candidates = indexOf(config).ends.covering(local, remote);
  return {
    usable: candidates.filter((rule) => rule.unusable === undefined),
    unusable: candidates.filter((rule) => rule.unusable !== undefined),
  };
}
