/** Whether a Quick Mode would be accepted, by which rule and IPsec policy and why: the decision of message 1, without it. */
import { describeTraffic } from '../exchange/quick-mode-traffic.js';
import type { NamedPlace } from '../failure/failure.js';
import { attributeNumber } from '../isakmp/payloads/attribute.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import { ENCAPSULATION_MODE, IPSEC_ATTRIBUTE } from '../isakmp/registries/ipsec-attributes.js';
import { groupName } from '../isakmp/registries/groups.js';
import { type Address, single } from '../net/address.js';
import { missingForGroup } from '../policy/capabilities.js';
import { type IkeConfig, placeOfRule, type Rule } from '../policy/rule.js';
import type { IpsecPolicy, Kernel, TrafficSelectors } from '../ports/kernel.js';
import { type Encapsulation, modeNumber } from '../proposal/encapsulation.js';
import { basic } from '../proposal/phase1-suite.js';
import { type Carriage } from '../proposal/phase2-agreement.js';
import { choosePhase2, offeredGroup } from '../proposal/phase2-choice.js';
import { comparePhase2 } from '../proposal/phase2-comparison.js';
import { usableAlternatives } from '../proposal/phase2-offer.js';
import { phase2SuiteWords } from '../proposal/suite-words.js';
import { err, ok, type Result } from '../result.js';
import { coveringRules, noRuleCovers, onlyAddress } from './dry-run-rules.js';
import { phase2Equivalents, trafficEquivalents } from './equivalent-phase2.js';
import type { Verdict } from './verdict.js';

export interface Phase2DryOffer {
  readonly proposals: readonly Proposal[];
  /** Seen from this host. Undefined: not said. */
  readonly traffic: TrafficSelectors | undefined;
  /** Undefined: not said. */
  readonly peer: Address | undefined;
  readonly local: Address | undefined;
}

/** What stands with the peer, which decides where the operator does not. */
export interface StandingWithPeer {
  /** Label of the rule under which Phase 1 was made; undefined where there is none. */
  readonly rule: string | undefined;
  readonly traffic: readonly TrafficSelectors[];
}

export interface Phase2Questions {
  readonly config: IkeConfig;
  readonly kernel: Pick<Kernel, 'policyFor' | 'policyForPacket'>;
  standing(local: Address, remote: Address): StandingWithPeer;
}

interface Ends {
  readonly local: Address;
  readonly remote: Address;
}

/** The error is what the operator must say for an answer. Rejects as the kernel does. */
export async function dryRunPhase2(
  offer: Phase2DryOffer,
  questions: Phase2Questions,
): Promise<Result<Verdict, string>> {
  const rules = coveringRules(questions.config, offer.peer, offer.local);
  if (rules.length === 0) return ok(noRuleCovers(questions.config, offer.peer, offer.local));
  const ends = endsOf(offer, rules);
  if (typeof ends === 'string') return err(ends);
  const standing = questions.standing(ends.local, ends.remote);
  const found = await policyOf(offer.traffic, ends, standing, questions.kernel);
  if (found === undefined) {
    return err(
      'Which IPsec policy decides depends on the traffic, and none is for that of the two hosts themselves: say it, this host\'s side with "ours" and the peer\'s with "theirs"',
    );
  }
  return ok(judge(offer.proposals, found, rulesInOrder(rules, standing.rule)));
}

function endsOf({ peer, local }: Phase2DryOffer, rules: readonly Rule[]): Ends | string {
  const remote = peer ?? onlyAddress(rules.flatMap(({ remoteAddresses }) => remoteAddresses));
  if (remote === undefined)
    return 'Which IPsec policy decides depends on the peer: say its address with "peer"';
  const own = local ?? onlyAddress(rules.flatMap(({ localAddresses }) => localAddresses));
  if (own === undefined)
    return 'Which IPsec policy decides depends on the address of this host: say it with "local"';
  return { local: own, remote };
}

/** That of the Phase 1 that stands comes first: a Quick Mode is held against it alone. */
function rulesInOrder(rules: readonly Rule[], standing: string | undefined): readonly Rule[] {
  return rules
    .filter(({ label }) => label === standing)
    .concat(rules.filter(({ label }) => label !== standing));
}

interface Found {
  readonly traffic: TrafficSelectors;
  readonly ends: Ends;
  /** Undefined: none covers all of the traffic between these ends. */
  readonly policy: IpsecPolicy | undefined;
  /** What a packet of it would meet, where no policy covers all. */
  readonly near: IpsecPolicy | undefined;
  readonly remarks: readonly string[];
}

async function policyOf(
  said: TrafficSelectors | undefined,
  ends: Ends,
  standing: StandingWithPeer,
  kernel: Phase2Questions['kernel'],
): Promise<Found | undefined> {
  if (said !== undefined) {
    const policy = await kernel.policyFor(ends, said);
    const near =
      policy === undefined
        ? await kernel.policyForPacket({
            ...said,
            local: { ...said.local, addresses: single(said.local.addresses.begin) },
            remote: { ...said.remote, addresses: single(said.remote.addresses.begin) },
          })
        : undefined;
    return { traffic: said, ends, policy, near, remarks: [] };
  }
  const [known] = standing.traffic;
  if (known !== undefined) {
    const policy = await kernel.policyFor(ends, known);
    const remarks = [
      `No traffic was said: that of the IPsec SAs with this peer was taken, ${describeTraffic(known)}.`,
    ];
    if (policy !== undefined) return { traffic: known, ends, policy, near: undefined, remarks };
  }
  const hosts: TrafficSelectors = {
    local: { addresses: single(ends.local), port: 0 },
    remote: { addresses: single(ends.remote), port: 0 },
    protocol: 0,
  };
  const policy = await kernel.policyForPacket(hosts);
  if (policy?.outer.remote !== ends.remote) return undefined;
  const remarks = [
    `No traffic was said: that between the two hosts was taken, ${describeTraffic(policy.selectors)}.`,
  ];
  return { traffic: policy.selectors, ends, policy, near: undefined, remarks };
}

function judge(offered: readonly Proposal[], found: Found, rules: readonly Rule[]): Verdict {
  const group = offeredGroup(offered);
  const accepting = rules.find((rule) => pfsFault(group, rule) === undefined);
  const [first] = rules;
  const rule = accepting ?? first;
  if (rule === undefined) throw new Error('a verdict without a rule');
  const { policy, traffic } = found;
  const pfs = pfsFault(group, rule);
  const remarks = [...found.remarks, ...ofSeveralRules(rules, rule)];
  if (policy === undefined) return uncovered(found, rule, [...(pfs === undefined ? [] : [pfs]), ...remarks]);
  const encapsulation = encapsulationOf(offered);
  const carriage: Carriage = { mode: policy.mode, encapsulation };
  const { proposals, assumed } = withMode(offered, carriage);
  if (assumed)
    remarks.push(`It does not say tunnel or transport: ${policy.mode}, as the policy wants, was taken.`);
  if (encapsulation !== 'none') remarks.push('It is for ESP in UDP, through a NAT.');
  const choice = choosePhase2(proposals, policy, carriage);
  const places = placesOf(rule, policy);
  const lost = usableAlternatives(policy, encapsulation).length === 0;
  const reasons = [
    ...(pfs === undefined ? [] : [pfs]),
    ...(choice !== undefined
      ? []
      : [
          lost
            ? `the IPsec policy for ${describeTraffic(traffic)} wants AH, which cannot pass a NAT`
            : `no proposal is accepted by the IPsec policy for ${describeTraffic(traffic)}`,
        ]),
  ];
  const wish = { policy, pfsGroup: rule.phase2.pfsGroup, lifetimeSeconds: rule.phase2.lifetimeSeconds };
  const [reason, ...others] = reasons;
  if (reason !== undefined || choice === undefined) {
    return {
      accepted: false,
      summary: `Refused: ${reason ?? ''}.`,
      places,
      agreed: '',
      remarks: [...others.map((other) => `Besides, ${other}.`), ...remarks],
      comparisons: choice === undefined ? comparePhase2(proposals, policy, carriage) : [],
      equivalents: phase2Equivalents(wish),
    };
  }
  const suites = choice.map(({ suite }) => phase2SuiteWords(suite)).join(' and ');
  const number = String(choice[0]?.proposal.number ?? 0);
  return {
    accepted: true,
    summary: `Accepted: proposal ${number} of the offer for ${describeTraffic(traffic)}, under rule "${rule.label}".`,
    places,
    agreed: `${suites}, ${group === undefined || group === 0 ? 'no PFS' : `PFS with group ${String(group)} (${groupName(group)})`}`,
    remarks: [...choice.flatMap(({ notes }) => notes.map(sentence)), ...remarks],
    comparisons: [],
    equivalents: [],
  };
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

function placesOf(rule: Rule, { position }: Pick<IpsecPolicy, 'position'>): readonly NamedPlace[] {
  const ofRule = placeOfRule(rule);
  return position === undefined ? [ofRule] : [ofRule, { what: 'IPsec policy', ...position }];
}

/** As a clause; undefined when the rule takes this group. */
function pfsFault(group: number | undefined, { label, phase2: { pfsGroup } }: Rule): string | undefined {
  if (group === undefined) return 'it offers different PFS groups in one message, which RFC 2409 5.5 forbids';
  if (pfsGroup !== 0 && group !== pfsGroup) {
    const offered = group === 0 ? 'no PFS' : `PFS with group ${String(group)} (${groupName(group)})`;
    return `it offers ${offered}, and rule "${label}" wants p2_pfs ${String(pfsGroup)} (${groupName(pfsGroup)})`;
  }
  const missing = group === 0 ? undefined : missingForGroup(group);
  return missing === undefined
    ? undefined
    : `it offers PFS with a group that this host does not have: ${missing}`;
}

function ofSeveralRules(rules: readonly Rule[], taken: Rule): readonly string[] {
  const groups = new Set(rules.map(({ phase2 }) => phase2.pfsGroup));
  return groups.size < 2
    ? []
    : [
        `Several rules are for these addresses and their p2_pfs differ: this holds where Phase 1 was made under "${taken.label}".`,
      ];
}

function uncovered({ traffic, ends, near }: Found, rule: Rule, besides: readonly string[]): Verdict {
  const asked = describeTraffic(traffic);
  const tunnel = near === undefined ? '' : tunnelWords(near, ends);
  const why =
    near === undefined
      ? `No policy protects packets from ${traffic.local.addresses.begin} to ${traffic.remote.addresses.begin} at all.`
      : `What such packets meet is the policy for ${describeTraffic(near.selectors)}${tunnel}.`;
  return {
    accepted: false,
    summary: `Refused: no IPsec policy covers ${asked} with ${ends.remote}.`,
    places: placesOf(rule, near ?? {}),
    agreed: '',
    remarks: [why, ...besides],
    comparisons: [],
    equivalents: near === undefined || tunnel !== '' ? [] : trafficEquivalents(near.selectors),
  };
}

function tunnelWords({ mode, outer, selectors }: IpsecPolicy, { local, remote }: Ends): string {
  if (mode === 'transport')
    return `, in transport mode: it is for ${selectors.remote.addresses.begin} itself`;
  return outer.local === local && outer.remote === remote
    ? ''
    : `, whose tunnel is from ${outer.local} to ${outer.remote}`;
}

/** What a NAT on the way would have made of the modes (RFC 3947 5.1). */
function encapsulationOf(offered: readonly Proposal[]): Encapsulation {
  const modes = new Set(
    offered.flatMap(({ transforms }) =>
      transforms.flatMap(({ attributes }) =>
        attributes
          .filter(({ type }) => type === IPSEC_ATTRIBUTE.encapsulationMode)
          .map((attribute) => attributeNumber(attribute)),
      ),
    ),
  );
  if (modes.has(ENCAPSULATION_MODE.udpTunnel) || modes.has(ENCAPSULATION_MODE.udpTransport)) return 'udp';
  const draft =
    modes.has(ENCAPSULATION_MODE.udpTunnelDraft) || modes.has(ENCAPSULATION_MODE.udpTransportDraft);
  return draft ? 'draft' : 'none';
}

function withMode(
  offered: readonly Proposal[],
  { mode, encapsulation }: Carriage,
): { readonly proposals: readonly Proposal[]; readonly assumed: boolean } {
  let assumed = false;
  const proposals = offered.map((proposal) => ({
    ...proposal,
    transforms: proposal.transforms.map((transform) => {
      const { attributes } = transform;
      if (attributes.some(({ type }) => type === IPSEC_ATTRIBUTE.encapsulationMode)) return transform;
      assumed = true;
      const said = basic(IPSEC_ATTRIBUTE.encapsulationMode, modeNumber(mode, encapsulation));
      return { ...transform, attributes: [...attributes, said] };
    }),
  }));
  return { proposals, assumed };
}
