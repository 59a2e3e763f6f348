/** Whether a Phase 1 offer would be accepted, by which rule and why: the decision of message 1, without a message. */
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { Address } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import { type IkeConfig, placeOfRule, type Rule } from '../policy/rule.js';
import { presharedKeyFor } from '../policy/select-preshared-key.js';
import { choosePhase1, comparePhase1 } from '../proposal/phase1-choice.js';
import { agreePhase1, readPhase1 } from '../proposal/phase1-suite.js';
import { phase1SuiteWords } from '../proposal/suite-words.js';
import { coveringRules, noRuleCovers, onlyAddress, whoOffers } from './dry-run-rules.js';
import { phase1Equivalents } from './equivalent-phase1.js';
import type { Verdict } from './verdict.js';

export interface DryOffer {
  readonly transforms: readonly Transform[];
  /** Undefined: either. */
  readonly mode: 'main' | 'aggressive' | undefined;
  /** Undefined: any. */
  readonly peer: Address | undefined;
  readonly local: Address | undefined;
}

export interface DryRunSettings {
  readonly config: IkeConfig;
  readonly presharedKeys: readonly PresharedKey[];
}

const NOTHING = { places: [], agreed: '', remarks: [], comparisons: [], equivalents: [] } as const;

export function dryRun(offer: DryOffer, settings: DryRunSettings): Verdict {
  const { peer, local, mode } = offer;
  const covering = coveringRules(settings.config, peer, local);
  if (covering.length === 0) return noRuleCovers(settings.config, peer, local);
  const who = whoOffers(peer, local);
  const ofMode = covering.filter(
    ({ ikeMode }) => mode === undefined || ikeMode === 'both' || ikeMode === mode,
  );
  if (ofMode.length === 0) {
    return {
      ...NOTHING,
      accepted: false,
      summary: `Refused: the rules for ${who} do not allow ${mode === 'aggressive' ? 'Aggressive' : 'Main'} Mode (ike_mode).`,
      places: covering.slice(0, 3).map(placeOfRule),
    };
  }
  const proposals: readonly Proposal[] = [
    { number: 1, protocol: PROTOCOL.isakmp, spi: new Uint8Array(0), transforms: offer.transforms },
  ];
  const choice = choosePhase1(proposals, ofMode);
  if (choice === undefined) return refused(proposals, ofMode, who);
  const { rule, suite, transform } = choice;
  const accepted = rule.transforms.findIndex(
    (candidate) => agreePhase1(readPhase1(transform), candidate) !== undefined,
  );
  const position = rule.transforms[accepted]?.position ?? rule.position;
  return {
    ...NOTHING,
    accepted: true,
    summary: `Accepted: transform ${String(transform.number)} of the offer, by rule "${rule.label}".`,
    places: [
      placeOfRule(rule),
      { what: `p1_xform ${String(accepted + 1)}`, file: position.file, line: position.line },
    ],
    agreed: phase1SuiteWords(suite),
    remarks: remarksOn(rule, suite.method === 'preshared', offer, settings),
  };
}

function refused(proposals: readonly Proposal[], rules: readonly Rule[], who: string): Verdict {
  const comparisons = comparePhase1(proposals, rules);
  const nearest = comparisons[0]?.where;
  const fitting = rules
    .flatMap((rule) => rule.transforms.map((transform) => ({ rule, transform })))
    .find(({ transform: { position } }) => position.line === nearest?.line && position.file === nearest.file);
  return {
    ...NOTHING,
    accepted: false,
    summary: `Refused: no rule for ${who} accepts ${proposals[0]?.transforms.length === 1 ? 'the transform' : 'any of the transforms'} of the offer.`,
    places: rules.slice(0, 3).map(placeOfRule),
    comparisons,
    equivalents: fitting === undefined ? [] : phase1Equivalents(fitting.transform, fitting.rule.ikeMode),
  };
}

/** What may still go wrong after the offer was accepted. */
function remarksOn(
  rule: Rule,
  preshared: boolean,
  { peer, local, mode }: DryOffer,
  { presharedKeys }: DryRunSettings,
): readonly string[] {
  if (!preshared) return ['Whether the certificates fit is decided later, when the peer has said who it is.'];
  const here = local ?? onlyAddress(rule.localAddresses);
  if (peer === undefined || here === undefined)
    return ['Whether there is a pre-shared key for it depends on its address: say which with "peer".'];
  const key = presharedKeyFor(presharedKeys, here, peer, mode ?? 'main');
  return [
    key.ok
      ? key.value.why
      : `But it would be refused all the same, for want of a key: ${key.error.explanation}`,
  ];
}
