/** Choosing among Quick Mode offers, and explaining why none was chosen. */
import type { Comparison } from '../failure/failure.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { espTransformName } from '../isakmp/registries/esp-transforms.js';
import {
  authAlgorithmName,
  ENCAPSULATION_MODE,
  encapsulationModeName,
} from '../isakmp/registries/ipsec-attributes.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { EspProtection, IpsecPolicy } from '../ports/kernel.js';
import {
  agreeEsp,
  ESP_NUMBER,
  espAlternatives,
  type EspSuite,
  INTEGRITY_NUMBER,
  type OfferedEsp,
  readEsp,
} from './phase2-suite.js';

export interface Phase2Choice {
  readonly suite: EspSuite;
  /** As offered; its SPI is the peer's inbound one. */
  readonly proposal: Proposal;
  readonly transform: Transform;
}

/** The first of the peer's offers, in the peer's order, that some alternative of the policy accepts. */
export function choosePhase2(offer: readonly Proposal[], policy: IpsecPolicy): Phase2Choice | undefined {
  for (const proposal of standAlone(offer)) {
    for (const transform of proposal.transforms) {
      const offered = readEsp(transform);
      for (const accepted of espAlternatives(policy)) {
        const suite = agreeEsp(offered, accepted, policy.mode);
        if (suite !== undefined) return { suite, proposal, transform };
      }
    }
  }
  return undefined;
}

/** Proposals that are ESP alone: one number used for two protocols means both together (RFC 2408 4.2). */
function standAlone(offer: readonly Proposal[]): readonly Proposal[] {
  return offer.filter(
    (proposal) =>
      proposal.protocol === PROTOCOL.esp &&
      proposal.spi.length === 4 &&
      !offer.some((other) => other !== proposal && other.number === proposal.number),
  );
}

/** RFC 2409 5.5: the group must be the same in all proposals of a message. Undefined when it is not. */
export function offeredGroup(offer: readonly Proposal[]): number | undefined {
  const groups = new Set(
    offer.flatMap((proposal) => proposal.transforms.map((transform) => readEsp(transform).group)),
  );
  const [group] = groups;
  return groups.size === 1 ? group : undefined;
}

const MOST_COMPARISONS = 8;

export function comparePhase2(offer: readonly Proposal[], policy: IpsecPolicy): readonly Comparison[] {
  const rows: Comparison[] = [];
  for (const proposal of offer) {
    for (const transform of proposal.transforms.slice(0, 64)) {
      espAlternatives(policy).forEach((accepted, index) => {
        rows.push({
          offered: `proposal ${String(proposal.number)}, transform ${String(transform.number)}`,
          against: `alternative ${String(index + 1)} of the IPsec policy`,
          attributes: compareOne(proposal, readEsp(transform), accepted, policy.mode),
        });
      });
    }
  }
  const differences = (row: Comparison): number =>
    row.attributes.filter((attribute) => !attribute.agrees).length;
  return rows.sort((a, b) => differences(a) - differences(b)).slice(0, MOST_COMPARISONS);
}

function compareOne(
  proposal: Proposal,
  offered: OfferedEsp,
  accepted: EspProtection,
  mode: 'transport' | 'tunnel',
): Comparison['attributes'] {
  const integrity = accepted.integrity === undefined ? undefined : INTEGRITY_NUMBER[accepted.integrity];
  const name = (value: number | undefined, print: (value: number) => string): string =>
    value === undefined ? 'absent' : print(value);
  const { low, high } = accepted.keyBits;
  const rows = [
    {
      name: 'protocol',
      offered:
        proposal.protocol === PROTOCOL.esp ? 'ESP' : proposal.protocol === PROTOCOL.ah ? 'AH' : 'other',
      accepted: 'ESP',
      agrees: proposal.protocol === PROTOCOL.esp,
    },
    {
      name: 'encr_algs',
      offered: espTransformName(offered.encryption),
      accepted: espTransformName(ESP_NUMBER[accepted.encryption]),
      agrees: offered.encryption === ESP_NUMBER[accepted.encryption],
    },
    {
      name: 'encr_auth_algs',
      offered: name(offered.integrity, authAlgorithmName),
      accepted: name(integrity, authAlgorithmName),
      agrees: offered.integrity === integrity,
    },
    {
      name: 'encapsulation',
      offered: name(offered.mode, encapsulationModeName),
      accepted: mode,
      agrees: offered.mode === ENCAPSULATION_MODE[mode],
    },
  ];
  if (offered.keyBits !== undefined) {
    rows.push({
      name: 'key bits',
      offered: String(offered.keyBits),
      accepted: low === high ? String(low) : `${String(low)}..${String(high)}`,
      agrees: offered.keyBits >= low && offered.keyBits <= high,
    });
  }
  return rows;
}
