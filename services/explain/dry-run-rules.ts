/** Which rules of ike.config(5) an offer would meet, by the addresses of the two ends. */
import { type Address, type AddressRange, formatRange, inRange } from '../net/address.js';
import { type IkeConfig, placeOfRule, type Rule } from '../policy/rule.js';
import type { Verdict } from './verdict.js';

/** Rules that a refusal names. */
const MOST_NAMED = 3;

/** Of addresses that are not said, any. */
export function coveringRules(
  { rules }: IkeConfig,
  peer: Address | undefined,
  local: Address | undefined,
): readonly Rule[] {
  return rules.filter((rule) => rule.unusable === undefined && covers(rule, peer, local));
}

function covers(rule: Rule, peer: Address | undefined, local: Address | undefined): boolean {
  return (
    (peer === undefined || rule.remoteAddresses.some((range) => inRange(peer, range))) &&
    (local === undefined || rule.localAddresses.some((range) => inRange(local, range)))
  );
}

export function whoOffers(peer: Address | undefined, local: Address | undefined): string {
  return `${peer ?? 'any peer'}${local === undefined ? '' : ` at ${local}`}`;
}

/** The refusal of an offer that no rule is for. */
export function noRuleCovers(
  config: IkeConfig,
  peer: Address | undefined,
  local: Address | undefined,
): Verdict {
  const usable = config.rules.filter(({ unusable }) => unusable === undefined);
  const [turned] = peer === undefined || local === undefined ? [] : coveringRules(config, local, peer);
  const named = turned === undefined ? usable.slice(0, MOST_NAMED) : [turned];
  const addresses = (ranges: readonly AddressRange[]): string => ranges.map(formatRange).join(', ');
  return {
    accepted: false,
    summary:
      usable.length === 0
        ? 'Refused: ike.config has no rule that can be used.'
        : `Refused: no rule covers ${whoOffers(peer, local)}.`,
    places: named.map(placeOfRule),
    agreed: '',
    remarks:
      turned === undefined
        ? named.map(
            (rule) =>
              `Rule "${rule.label}" has local_addr ${addresses(rule.localAddresses)} and remote_addr ${addresses(rule.remoteAddresses)}.`,
          )
        : [
            `Rule "${turned.label}" has the two the other way round, so the offer is this host's own: with "peer ${String(local)} local ${String(peer)}" the question is what this host would say to the same from there.`,
          ],
    comparisons: [],
    equivalents: [],
  };
}

/** The one that all ranges come to; undefined where there are several. */
export function onlyAddress(ranges: readonly AddressRange[]): Address | undefined {
  const [first] = ranges;
  if (first === undefined || first.begin !== first.end) return undefined;
  return ranges.every(({ begin, end }) => begin === first.begin && end === first.begin)
    ? first.begin
    : undefined;
}
