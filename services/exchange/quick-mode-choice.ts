/** What is agreed in a Quick Mode: the responder's choice, and the initiator's look at it. */
import { readU32 } from '../bytes.js';
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { formatEndpoint } from '../net/address.js';
import type { IpsecPolicy } from '../ports/kernel.js';
import { comparePhase2 } from '../proposal/phase2-comparison.js';
import { choosePhase2, type Phase2Choice, recogniseChoice } from '../proposal/phase2-choice.js';
import { usableAlternatives } from '../proposal/phase2-offer.js';
import { err, ok, type Result } from '../result.js';
import { agreedPair, reservedSpi } from './agreed-pairs.js';
import type { Phase2Patch, Phase2Record } from './phase2-record.js';
import { describeTraffic } from './quick-mode-traffic.js';

/** A patch, and what an operator should know although all went well. */
export interface Agreement {
  readonly patch: Phase2Patch;
  readonly notes: readonly string[];
}

const place = (message: number) => ({ exchange: 'Quick Mode', message });

/** AH protects the addresses that a NAT changes (RFC 3947 5): a policy that has nothing else cannot be had there. */
export function natFault(record: Phase2Record, policy: IpsecPolicy, message: number): Failure | undefined {
  if (usableAlternatives(policy, record.terms.encapsulation).length > 0) return undefined;
  return failure(
    'ah-behind-nat',
    place(message),
    'config',
    `The IPsec policy for ${describeTraffic(record.selectors)} wants AH, and there is a NAT on the way to ${formatEndpoint(record.phase1.remote)}: AH covers the addresses that it changes.`,
    'Add an alternative with ESP alone to the policy, at both ends.',
    { wire: notify(NOTIFY.noProposalChosen), payload: 'SA' },
  );
}

/** The responder's choice, once the kernel has said what it wants for this traffic. */
export function choose(record: Phase2Record, policy: IpsecPolicy | undefined): Result<Agreement, Failure> {
  if (policy === undefined) return err(noPolicy(record));
  const lost = natFault(record, policy, 1);
  if (lost !== undefined) return err(lost);
  const carriage = { mode: policy.mode, encapsulation: record.terms.encapsulation };
  const choice = choosePhase2(record.offer, policy, carriage);
  if (choice === undefined) {
    return err(
      failure(
        'no-common-phase2-proposal',
        place(1),
        'config',
        `None of the Phase 2 proposals of ${formatEndpoint(record.phase1.remote)} for ${describeTraffic(record.selectors)} is accepted by the IPsec policy.`,
        'Compare the nearest offer with the ipsec { } part of the policy, and change one of them.',
        {
          wire: notify(NOTIFY.noProposalChosen),
          payload: 'SA',
          comparisons: comparePhase2(record.offer, policy, carriage),
        },
      ),
    );
  }
  const { encapsulation, group, lifetimeSeconds, lifetimeKb } = record.terms;
  return ok({
    patch: {
      policy,
      terms: { mode: policy.mode, encapsulation, group, lifetimeSeconds, lifetimeKb },
      agreed: choice.map(({ suite, proposal }) => agreedPair(suite, 0, readU32(proposal.spi, 0))),
      chosen: asOffered(record.offer, choice),
    },
    notes: notesOf(choice),
  });
}

/** In the order of the offer, with the initiator's encodings (RFC 2409 5.5). */
function asOffered(offer: readonly Proposal[], choice: Phase2Choice): readonly Proposal[] {
  const chosen: Proposal[] = [];
  for (const proposal of offer) {
    const { number, protocol, spi } = proposal;
    const part = choice.find((candidate) => candidate.proposal === proposal);
    if (part !== undefined) chosen.push({ number, protocol, spi, transforms: [part.transform] });
  }
  return chosen;
}

function noPolicy(record: Phase2Record): Failure {
  return failure(
    'no-policy',
    place(1),
    'config',
    `${formatEndpoint(record.phase1.remote)} wants to protect ${describeTraffic(record.selectors)}, which no IPsec policy of ours covers.`,
    'Add a policy that covers this traffic with this peer, or correct the networks on one of the two ends.',
    { wire: notify(NOTIFY.invalidIdInformation), payload: 'ID' },
  );
}

/** The peer's choice of what we offered. */
export function chosenPairs(record: Phase2Record, answer: readonly Proposal[]): Result<Agreement, Failure> {
  const { policy, terms } = record;
  if (policy === undefined) throw new Error('Quick Mode step without a policy');
  const choice = recogniseChoice(record.offer, answer, policy, terms);
  if (choice === undefined) {
    return err(
      failure(
        'bad-phase2-choice',
        place(2),
        'peer',
        `${formatEndpoint(record.phase1.remote)} answered with something other than one of the proposals offered.`,
        'The peer does not follow RFC 2409 5.5; compare what it chose with the policy.',
        { payload: 'SA', comparisons: comparePhase2(answer, policy, terms) },
      ),
    );
  }
  const agreed = choice.map(({ suite, proposal }) =>
    agreedPair(suite, reservedSpi(record, suite.protocol), readU32(proposal.spi, 0)),
  );
  return ok({ patch: { agreed }, notes: notesOf(choice) });
}

function notesOf(choice: Phase2Choice): readonly string[] {
  const said: string[] = [];
  for (const { notes } of choice) for (const note of notes) if (!said.includes(note)) said.push(note);
  return said;
}
