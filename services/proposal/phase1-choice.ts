/** Choosing among Phase 1 offers, and explaining why none was chosen. */
import type { Comparison } from '../failure/failure.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import {
  authMethodName,
  encryptionName,
  groupName,
  hashName,
} from '../isakmp/registries/phase1-attributes.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { Phase1Transform, Rule } from '../policy/rule.js';
import {
  agreedKeyBits,
  agreePhase1,
  CIPHER_NUMBER,
  HASH_NUMBER,
  METHOD_NUMBER,
  type OfferedPhase1,
  type Phase1Suite,
  readPhase1,
} from './phase1-suite.js';

/** `R`: a rule, or one with fewer transforms than it has. */
export interface Phase1Choice<R> {
  readonly rule: R;
  readonly suite: Phase1Suite;
  /** As offered: it is echoed with the encodings and the order of the initiator (RFC 2409 5). */
  readonly proposal: Proposal;
  readonly transform: Transform;
}

/** Rules in file order, and for each rule the peer's offers in the peer's order: the first agreement is taken. */
export function choosePhase1<R extends Pick<Rule, 'transforms'>>(
  offer: readonly Proposal[],
  rules: readonly R[],
): Phase1Choice<R> | undefined {
  const read = readOffer(offer);
  for (const rule of rules) {
    for (const { proposal, transform, offered } of read) {
      for (const accepted of rule.transforms) {
        const suite = agreePhase1(offered, accepted);
        if (suite !== undefined) return { rule, suite, proposal, transform };
      }
    }
  }
  return undefined;
}

interface Offered {
  readonly proposal: Proposal;
  readonly transform: Transform;
  readonly offered: OfferedPhase1;
}

function readOffer(offer: readonly Proposal[]): readonly Offered[] {
  const read: Offered[] = [];
  for (const proposal of offer) {
    if (proposal.protocol !== PROTOCOL.isakmp) continue;
    for (const transform of proposal.transforms)
      read.push({ proposal, transform, offered: readPhase1(transform) });
  }
  return read;
}

/** At most this many rows of evidence: an offer may hold hundreds of transforms. */
const MOST_COMPARISONS = 8;

/** Every offer against every transform of every candidate rule, fewest differences first. */
export function comparePhase1(offer: readonly Proposal[], rules: readonly Rule[]): readonly Comparison[] {
  const rows: Comparison[] = [];
  for (const { proposal, transform, offered } of readOffer(offer).slice(0, 64)) {
    for (const rule of rules) {
      rule.transforms.forEach((accepted, index) => {
        rows.push({
          offered: `proposal ${String(proposal.number)}, transform ${String(transform.number)}`,
          against: `rule "${rule.label}", p1_xform ${String(index + 1)}`,
          where: { file: accepted.position.file, line: accepted.position.line },
          attributes: compareOne(offered, accepted),
        });
      });
    }
  }
  const differences = (row: Comparison): number =>
    row.attributes.filter((attribute) => !attribute.agrees).length;
  return rows.sort((a, b) => differences(a) - differences(b)).slice(0, MOST_COMPARISONS);
}

function compareOne(offered: OfferedPhase1, accepted: Phase1Transform): Comparison['attributes'] {
  const row = (name: string, theirs: number | undefined, ours: number, print: (value: number) => string) => ({
    name,
    offered: theirs === undefined ? 'absent' : print(theirs),
    accepted: print(ours),
    agrees: theirs === ours,
  });
  const rows = [
    row('encr_alg', offered.cipher, CIPHER_NUMBER[accepted.cipher], encryptionName),
    row('auth_alg', offered.hash, HASH_NUMBER[accepted.hash], hashName),
    row('auth_method', offered.method, METHOD_NUMBER[accepted.method], authMethodName),
    row('oakley_group', offered.group, accepted.group, groupName),
  ];
  if (accepted.keyBits !== undefined) {
    const { low, high } = accepted.keyBits;
    rows.push({
      name: 'key bits',
      offered: offered.keyBits === undefined ? 'absent' : String(offered.keyBits),
      accepted: low === high ? String(low) : `${String(low)}..${String(high)}`,
      agrees: agreedKeyBits(offered.keyBits, accepted) !== undefined,
    });
  }
  if (offered.odd.length > 0) {
    rows.push({
      name: 'unknown or contradictory attributes',
      offered: offered.odd.join(', '),
      accepted: 'none',
      agrees: false,
    });
  }
  return rows;
}

/**
 * The transform of ours that a peer's choice repeats (RFC 2408 4.2), or undefined. Its attributes decide: some peers
 * number their only transform anew.
 */
export function isOneOf(offer: readonly Transform[], chosen: Transform): Transform | undefined {
  return offer.find((transform) => transform.id === chosen.id && sameAttributes(transform, chosen));
}

/** Compared as values: a peer may turn a variable attribute into a basic one, or change the order. */
function sameAttributes(a: Transform, b: Transform): boolean {
  const list = (transform: Transform): string =>
    transform.attributes
      .map((attribute) =>
        attribute.form === 'basic'
          ? `${String(attribute.type)}=${String(attribute.value)}`
          : `${String(attribute.type)}=${BigInt(`0x0${Buffer.from(attribute.value).toString('hex')}`).toString()}`,
      )
      .sort()
      .join(',');
  return list(a) === list(b);
}
