/** Explaining a Quick Mode refusal: what was offered, against what the policy accepts, nearest first. */
import type { Comparison } from '../failure/failure.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import { ahTransformName } from '../isakmp/registries/ah-transforms.js';
import { espTransformName } from '../isakmp/registries/esp-transforms.js';
import {
  authAlgorithmName,
  encapsulationModeName,
  ipsecAttributeName,
} from '../isakmp/registries/ipsec-attributes.js';
import { protocolName } from '../isakmp/registries/protocols.js';
import type { EspProtection, IpsecPolicy, Protection } from '../ports/kernel.js';
import { modeNumber } from './encapsulation.js';
import { agreedKeyBits, type Carriage, type OfferedPhase2, readPhase2 } from './phase2-agreement.js';
import { proposalGroups } from './phase2-choice.js';
import { AH_NUMBER, carriesKeyLength, ESP_NUMBER, INTEGRITY_NUMBER, wireProtocol } from './phase2-suite.js';

type Row = Comparison['attributes'][number];

/** At most this many rows of evidence: an offer may hold thousands of transforms. */
const MOST_COMPARISONS = 8;
const MOST_TRANSFORMS = 64;
/** More than a transform has attributes. */
const FARTHER = 1000;

export function comparePhase2(
  offer: readonly Proposal[],
  policy: IpsecPolicy,
  carriage: Carriage,
): readonly Comparison[] {
  const comparisons = proposalGroups(offer).flatMap((group) =>
    policy.proposals.flatMap((together, index) =>
      compareGroup(group, together, carriage, `alternative ${String(index + 1)} of the IPsec policy`),
    ),
  );
  const where = policy.position === undefined ? {} : { where: policy.position };
  // Of other protocols there is less to compare, which makes them no nearer.
  const distance = ({ attributes }: Comparison): number =>
    differences(attributes) + (attributes[0]?.agrees === true ? 0 : FARTHER);
  return comparisons
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, MOST_COMPARISONS)
    .map((comparison) => ({ ...comparison, ...where }));
}

function differences(rows: readonly Row[]): number {
  return rows.filter((row) => !row.agrees).length;
}

/** A single proposal is shown transform by transform; of several together each shows its nearest. */
function compareGroup(
  group: readonly Proposal[],
  together: readonly Protection[],
  carriage: Carriage,
  against: string,
): readonly Comparison[] {
  const protocols = protocolsRow(group, together);
  const parts = group.map((proposal) => {
    const accepted = together.find(({ protocol }) => wireProtocol(protocol) === proposal.protocol);
    return proposal.transforms.slice(0, MOST_TRANSFORMS).map((transform) => ({
      number: transform.number,
      rows: accepted === undefined ? [] : compareOne(readPhase2(transform), accepted, carriage),
    }));
  });
  const number = String(group[0]?.number ?? 0);
  const [only, ...more] = parts;
  if (only !== undefined && more.length === 0) {
    return only.map((part) => ({
      offered: `proposal ${number}, transform ${String(part.number)}`,
      against,
      attributes: [protocols, ...part.rows],
    }));
  }
  const nearest = parts.map((list) =>
    list.reduce((best, part) => (differences(part.rows) < differences(best.rows) ? part : best)),
  );
  const transforms = nearest.map((part) => String(part.number)).join(' and ');
  return [
    {
      offered: `proposal ${number}, transforms ${transforms}`,
      against,
      attributes: [protocols, ...nearest.flatMap((part) => part.rows)],
    },
  ];
}

function protocolsRow(group: readonly Proposal[], together: readonly Protection[]): Row {
  const words = (numbers: readonly number[]): string =>
    [...numbers]
      .sort((a, b) => a - b)
      .map(protocolName)
      .join(' and ');
  const offered = words(group.map(({ protocol }) => protocol));
  const accepted = words(together.map(({ protocol }) => wireProtocol(protocol)));
  return { name: 'protocol', offered, accepted, agrees: offered === accepted };
}

function compareOne(offered: OfferedPhase2, accepted: Protection, carriage: Carriage): readonly Row[] {
  const row = (
    name: string,
    theirs: number | undefined,
    ours: number | undefined,
    print: (value: number) => string,
  ): Row => {
    const word = (value: number | undefined): string => (value === undefined ? 'absent' : print(value));
    return { name, offered: word(theirs), accepted: word(ours), agrees: theirs === ours };
  };
  const integrity = accepted.integrity === undefined ? undefined : INTEGRITY_NUMBER[accepted.integrity];
  const algorithms =
    accepted.protocol === 51
      ? [
          row('AH transform', offered.id, AH_NUMBER[accepted.integrity], ahTransformName),
          row('auth_algs', offered.integrity, integrity, authAlgorithmName),
        ]
      : [
          row('encr_algs', offered.id, ESP_NUMBER[accepted.encryption], espTransformName),
          row('encr_auth_algs', offered.integrity, integrity, authAlgorithmName),
          ...keyBitsRow(offered, accepted),
        ];
  return [
    ...algorithms,
    encapsulationRow(offered, accepted, carriage),
    ...offered.odd.map((type) => ({
      name: ipsecAttributeName(type),
      offered: 'unknown or contradictory',
      accepted: 'absent',
      agrees: false,
    })),
    ...(offered.lifetimeFault === undefined
      ? []
      : [
          {
            name: 'lifetime',
            offered: offered.lifetimeFault,
            accepted: 'seconds or kilobytes',
            agrees: false,
          },
        ]),
  ];
}

function keyBitsRow(offered: OfferedPhase2, accepted: EspProtection): readonly Row[] {
  if (!carriesKeyLength(accepted.encryption)) return [];
  const { low, high } = accepted.keyBits;
  return [
    {
      name: 'key bits',
      offered: offered.keyBits === undefined ? 'absent' : String(offered.keyBits),
      accepted: low === high ? String(low) : `${String(low)}..${String(high)}`,
      agrees: agreedKeyBits(offered.keyBits, accepted) !== undefined,
    },
  ];
}

/** AH cannot pass a NAT, whatever mode is offered. */
function encapsulationRow(
  { mode }: OfferedPhase2,
  { protocol }: Protection,
  { mode: wanted, encapsulation }: Carriage,
): Row {
  const number = modeNumber(wanted, encapsulation);
  const lost = protocol === 51 && encapsulation !== 'none';
  return {
    name: 'encapsulation',
    offered: mode === undefined ? 'absent' : encapsulationModeName(mode),
    accepted: lost ? 'none through a NAT' : encapsulationModeName(number),
    agrees: mode === number && !lost,
  };
}
