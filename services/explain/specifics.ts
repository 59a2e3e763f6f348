/** What is particular to one failure: evidence beside the sentence, what to change in which line, lines for other makes. */
import type { FailureCode } from '../failure/codes.js';
import type { Failure } from '../failure/failure.js';
import { formatRange } from '../net/address.js';
import { type Phase1Transform, placeOfRule, type Rule } from '../policy/rule.js';
import { identityEquivalents, presharedEquivalents } from './equivalent-identity.js';
import { phase1Equivalents } from './equivalent-phase1.js';
import { phase2Equivalents, trafficEquivalents } from './equivalent-phase2.js';
import type { Change, Equivalent, Fact } from './explanation.js';
import type { NegotiationFacts } from './facts.js';

export interface Specifics {
  readonly evidence?: readonly Fact[];
  readonly changes?: readonly Change[];
  readonly equivalents?: readonly Equivalent[];
}

type Specific = (facts: NegotiationFacts, failure: Failure) => Specifics;

const phase1Offer: Specific = ({ rules }, { comparisons = [] }) => {
  const [nearest] = comparisons;
  const fitting =
    rules.flatMap((rule) =>
      rule.transforms
        .filter(
          ({ position }) => position.file === nearest?.where?.file && position.line === nearest.where.line,
        )
        .map((transform) => ({ rule, transform })),
    )[0] ?? firstTransform(rules);
  return fitting === undefined
    ? {}
    : { equivalents: phase1Equivalents(fitting.transform, fitting.rule.ikeMode) };
};

function firstTransform(
  rules: readonly Rule[],
): { readonly rule: Rule; readonly transform: Phase1Transform } | undefined {
  const [rule] = rules;
  const [transform] = rule?.transforms ?? [];
  return rule === undefined || transform === undefined ? undefined : { rule, transform };
}

const phase2Offer: Specific = ({ policy, rules }) => {
  if (policy === undefined) return {};
  const { pfsGroup = 0, lifetimeSeconds } = rules[0]?.phase2 ?? {};
  return {
    changes: policyChanges('Change the algorithms of the policy', policy.position),
    equivalents: phase2Equivalents({ policy, pfsGroup, lifetimeSeconds }),
  };
};

function policyChanges(
  what: string,
  position: { readonly file: string; readonly line: number } | undefined,
): readonly Change[] {
  return position === undefined
    ? []
    : [{ at: 'this host', what, place: { what: 'the IPsec policy', ...position } }];
}

const traffic: Specific = ({ traffic: asked, policy }) => ({
  evidence: asked === undefined ? [] : [{ name: 'traffic, this host first', value: asked.words }],
  changes: policyChanges('Correct the networks of the policy', policy?.position),
  equivalents:
    policy !== undefined
      ? trafficEquivalents(policy.selectors)
      : asked === undefined
        ? []
        : trafficEquivalents(asked.selectors),
});

const key: Specific = ({ preshared, local }) => ({
  evidence: preshared === undefined ? [] : [{ name: 'why this key', value: preshared.why }],
  changes:
    preshared === undefined
      ? []
      : [
          {
            at: 'this host',
            what: 'Compare this entry with the key at the peer',
            place: preshared.place,
          },
        ],
  equivalents: presharedEquivalents(local),
});

const missingKey: Specific = ({ local, remote }) => ({
  changes: [
    {
      at: 'this host',
      what: 'Add to ike.preshared',
      lines: [
        `{ localidtype IP  localid ${local}`,
        `  remoteidtype IP  remoteid ${remote}`,
        '  key <hex digits> }',
      ],
    },
  ],
  equivalents: presharedEquivalents(local),
});

const missingRule: Specific = ({ local, remote }, { places = [] }) => ({
  changes: [
    places.length === 0
      ? {
          at: 'this host',
          what: 'Add a rule to ike.config',
          lines: [
            '{ label "<name>"',
            `  local_addr ${local}  remote_addr ${remote}`,
            '  p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes } }',
          ],
        }
      : { at: 'this host', what: 'Add a rule for these addresses, or widen the nearest one' },
  ],
});

const identity: Specific = (facts) => {
  const { peerIdentity, rules, remote, method } = facts;
  const [rule] = rules;
  const wanted = wantedIdentity(facts);
  return {
    evidence: [
      ...(peerIdentity === undefined ? [] : [{ name: 'what the peer sent', value: peerIdentity }]),
      ...(wanted === undefined ? [] : [{ name: 'what would match', value: wanted.join(', ') }]),
    ],
    changes: [
      ...(rule === undefined
        ? []
        : [
            {
              at: 'this host',
              what: 'Change remote_id, if this peer is welcome',
              place: placeOfRule(rule),
            } as const,
          ]),
    ],
    equivalents: method === 'preshared' ? identityEquivalents(wanted?.[0] ?? remote) : [],
  };
};

function wantedIdentity({
  rules,
  exchange,
  remote,
  method,
}: NegotiationFacts): readonly string[] | undefined {
  if (method === 'preshared' && exchange === 'Main Mode') return [remote];
  const wanted = rules.flatMap(({ remoteIds }) =>
    remoteIds.map(({ text, negated }) => `${negated ? '!' : ''}${text}`),
  );
  return wanted.length === 0 ? undefined : wanted;
}

const pfs: Specific = ({ rules, policy }) => {
  const [rule] = rules;
  if (rule === undefined) return {};
  const { pfsGroup, lifetimeSeconds } = rule.phase2;
  return {
    evidence: [{ name: 'p2_pfs of the rule', value: pfsGroup === 0 ? 'none' : `group ${String(pfsGroup)}` }],
    changes: [
      { at: 'this host', what: 'Change p2_pfs', place: placeOfRule(rule) },
      ...(policy === undefined ? pfsLines(pfsGroup) : []),
    ],
    equivalents: policy === undefined ? [] : phase2Equivalents({ policy, pfsGroup, lifetimeSeconds }),
  };
};

/** Before the policy is known only the group can be told. */
function pfsLines(group: number): readonly Change[] {
  const words = group === 0 ? 'no PFS' : `PFS with group ${String(group)}`;
  return [
    {
      at: 'the peer',
      what: `Set ${words}`,
      lines: [
        `swanctl.conf: esp_proposals = <cipher>-<integrity>${group === 0 ? '' : '-<group>'}`,
        `ipsec.conf:   pfs=${group === 0 ? 'no' : 'yes'}`,
        `Cisco IOS:    ${group === 0 ? 'no set pfs' : `set pfs group${String(group)}`}`,
      ],
    },
  ];
}

const refused: Specific = (facts, failure) => {
  if (facts.exchange === 'Quick Mode') {
    const offer = phase2Offer(facts, failure);
    const about = traffic(facts, failure);
    return failure.explanation.includes('INVALID-ID-INFORMATION')
      ? about
      : { ...offer, ...(about.evidence && { evidence: about.evidence }) };
  }
  if (failure.explanation.includes('NO-PROPOSAL-CHOSEN')) return phase1Offer(facts, failure);
  return facts.method === 'preshared' ? key(facts, failure) : {};
};

const silent: Specific = (facts, failure) =>
  failure.message === 5 && facts.method === 'preshared' ? key(facts, failure) : {};

const chain: Specific = ({ peerIdentity, rules }) => ({
  evidence: peerIdentity === undefined ? [] : [{ name: 'the peer says it is', value: peerIdentity }],
  changes: rules.slice(0, 1).map((rule) => ({
    at: 'this host',
    what: 'See remote_id, and cert_root and cert_trust of the file',
    place: placeOfRule(rule),
  })),
});

const ownCertificate: Specific = ({ rules, ownCertificate: own }) => ({
  evidence: own === undefined ? [] : [{ name: 'certificate of this host', value: own }],
  changes: rules.slice(0, 1).map((rule) => ({
    at: 'this host',
    what: 'See local_id and auth_method',
    place: placeOfRule(rule),
  })),
});

const mode: Specific = ({ rules }) => ({
  changes: rules
    .slice(0, 1)
    .map((rule) => ({ at: 'this host', what: 'Change ike_mode', place: placeOfRule(rule) })),
});

const kernel: Specific = ({ agreed, policy }) => ({
  evidence: agreed.map((value) => ({ name: 'what it should have taken', value })),
  changes: policyChanges('Change the algorithms of the policy', policy?.position),
});

const SPECIFICS: Readonly<Partial<Record<FailureCode, Specific>>> = {
  'no-common-phase1-proposal': phase1Offer,
  'bad-phase1-choice': phase1Offer,
  'no-common-phase2-proposal': phase2Offer,
  'bad-phase2-choice': phase2Offer,
  'ah-behind-nat': ({ policy }) => ({
    changes: policyChanges('Give the policy an alternative with ESP', policy?.position),
  }),
  'no-policy': traffic,
  'selector-mismatch': traffic,
  'wrong-preshared-key': key,
  'bad-proof': (facts, failure) => (facts.method === 'preshared' ? key : chain)(facts, failure),
  'no-preshared-key': missingKey,
  'no-rule': missingRule,
  'wrong-mode': mode,
  'identity-mismatch': identity,
  'certificate-identity': identity,
  'remote-id-refused': identity,
  'pfs-mismatch': pfs,
  'peer-refused': refused,
  'peer-silent': silent,
  expired: silent,
  'kernel-refused': kernel,
  'no-local-certificate': ownCertificate,
  'no-local-identity': ownCertificate,
  'token-locked': ownCertificate,
  'token-absent': ownCertificate,
  'token-failed': ownCertificate,
};

export function specificsOf(failure: Failure, facts: NegotiationFacts): Specifics {
  const { code } = failure;
  const specific =
    SPECIFICS[code] ?? (code.startsWith('certificate-') || code.startsWith('crl-') ? chain : undefined);
  return specific?.(facts, failure) ?? {};
}

/** What is the same for all: who the two are, under which rule, and what lies between them. */
export function commonEvidence(facts: NegotiationFacts): readonly Fact[] {
  const { features, agreed, rules, role, ownIdentity } = facts;
  const { nat } = features;
  const behind = [...(nat.local ? ['this host'] : []), ...(nat.remote ? ['the peer'] : [])];
  return [
    { name: 'role of this host', value: role },
    ...rules.slice(0, 3).map((rule) => ({
      name: 'rule',
      value: `"${rule.label}" (${rule.position.file}:${String(rule.position.line)}), remote_addr ${rule.remoteAddresses.map(formatRange).join(', ')}`,
    })),
    ...agreed.map((value) => ({ name: 'agreed', value })),
    ...(ownIdentity === undefined ? [] : [{ name: 'this host calls itself', value: ownIdentity }]),
    ...(behind.length === 0 ? [] : [{ name: 'behind a NAT', value: behind.join(' and ') }]),
  ];
}
