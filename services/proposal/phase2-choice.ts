/** Choosing among Quick Mode offers (RFC 2408 4.2), and recognising what a peer has chosen of ours. */
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import type { IpsecPolicy, Protection } from '../ports/kernel.js';
import { agreePhase2, type Carriage, groupOf, readPhase2, notesOn } from './phase2-agreement.js';
import { usableAlternatives } from './phase2-offer.js';
import { ipsecProtocol, type Phase2Suite } from './phase2-suite.js';
import { isOneOf } from './phase1-choice.js';

/** One protocol of a choice. */
export interface ChosenPart {
  readonly suite: Phase2Suite;
  /** As offered, with the SPI of the end that sent it. */
  readonly proposal: Proposal;
  readonly transform: Transform;
  readonly notes: readonly string[];
}

/** In the order in which the policy names its protocols: AH before ESP. */
export type Phase2Choice = readonly ChosenPart[];

/** Proposals of one number are to be taken together (RFC 2408 4.2). In the order of the offer. */
export function proposalGroups(offer: readonly Proposal[]): readonly (readonly Proposal[])[] {
  // Mostly there is one, which needs no Map.
  if (offer.length === 1) return [offer];
  const groups = new Map<number, Proposal[]>();
  for (const proposal of offer) {
    const group = groups.get(proposal.number);
    if (group === undefined) groups.set(proposal.number, [proposal]);
    else group.push(proposal);
  }
  return [...groups.values()];
}

/**
 * The first of the peer's offers, in the peer's order, that an alternative of the policy accepts as a whole: each of
 * its protocols, and no other.
 */
export function choosePhase2(
  offer: readonly Proposal[],
  policy: IpsecPolicy,
  carriage: Carriage,
): Phase2Choice | undefined {
  for (const group of proposalGroups(offer)) {
    let first: Phase2Choice | undefined;
    for (const together of usableAlternatives(policy, carriage.encapsulation)) {
      const choice = choiceFrom(group, together, carriage);
      // Two alternatives may accept different transforms of one group: the peer's order decides before ours.
      if (choice !== undefined) first = first === undefined ? choice : earlier(first, choice);
    }
    if (first !== undefined) return first;
  }
  return undefined;
}

function earlier(a: Phase2Choice, b: Phase2Choice): Phase2Choice {
  const place = (choice: Phase2Choice): readonly number[] =>
    choice.map(({ proposal, transform }) => proposal.transforms.indexOf(transform));
  const ofA = place(a);
  const ofB = place(b);
  const differs = ofA.findIndex((position, index) => position !== ofB[index]);
  return differs >= 0 && (ofB[differs] ?? 0) < (ofA[differs] ?? 0) ? b : a;
}

function choiceFrom(
  group: readonly Proposal[],
  together: readonly Protection[],
  carriage: Carriage,
): Phase2Choice | undefined {
  if (group.length !== together.length) return undefined;
  const parts: ChosenPart[] = [];
  for (const accepted of together) {
    const part = partFrom(group, accepted, carriage);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

function partFrom(
  group: readonly Proposal[],
  accepted: Protection,
  carriage: Carriage,
): ChosenPart | undefined {
  const proposal = group.find(
    (candidate) => ipsecProtocol(candidate.protocol) === accepted.protocol && candidate.spi.length === 4,
  );
  for (const transform of proposal?.transforms ?? []) {
    const offered = readPhase2(transform);
    const suite = agreePhase2(offered, accepted, carriage);
    if (proposal !== undefined && suite !== undefined) {
      return { suite, proposal, transform, notes: notesOn(offered, suite) };
    }
  }
  return undefined;
}

/**
 * What the peer chose of our offer: one of its groups, with one transform in each proposal (RFC 2408 4.2). Undefined
 * when it is something else.
 */
export function recogniseChoice(
  ours: readonly Proposal[],
  answer: readonly Proposal[],
  policy: IpsecPolicy,
  carriage: Carriage,
): Phase2Choice | undefined {
  if (proposalGroups(answer).length !== 1) return undefined;
  for (const [index, group] of proposalGroups(ours).entries()) {
    const together = usableAlternatives(policy, carriage.encapsulation)[index];
    const repeats =
      group.length === answer.length &&
      group.every((proposal) => answer.some((chosen) => isChosenFrom(proposal, chosen)));
    const choice = repeats && together !== undefined ? choiceFrom(answer, together, carriage) : undefined;
    if (choice !== undefined) return choice;
  }
  return undefined;
}

function isChosenFrom(ours: Proposal, chosen: Proposal): boolean {
  const transform = chosen.transforms[0];
  return (
    chosen.protocol === ours.protocol &&
    chosen.transforms.length === 1 &&
    transform !== undefined &&
    isOneOf(ours.transforms, transform) !== undefined
  );
}

/** RFC 2409 5.5: the group must be the same in all proposals of a message. Undefined when it is not. */
export function offeredGroup(offer: readonly Proposal[]): number | undefined {
  let group: number | undefined;
  for (const { transforms } of offer) {
    for (const transform of transforms) {
      const own = groupOf(transform);
      if (own !== (group ??= own)) return undefined;
    }
  }
  return group;
}
