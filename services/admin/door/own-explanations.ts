/**
 * Our own WHY, which needs `base` only: explanations hold no keys.
 *
 *   WHY   { subject }   answered by { explanations: [...] }
 *
 * `subject` is `last`, an id such as `p1-3`, or an address.
 */
import type { Change, Equivalent, Explanation, Fact, Subject } from '../../explain/explanation.js';
import type { Blame, NamedPlace } from '../../failure/failure.js';
import { parseAddress } from '../../net/address.js';
import type { WhySubject } from '../explanation-administration.js';
import { readComparisons } from './own-messages.js';

const ID = /^(?:p1|p2|acquire|sa|ipsec)-\d{1,15}$/;

/** Of an operator or of a request; undefined for what is neither an id nor an address nor `last`. */
export function whySubject(text: string): WhySubject | undefined {
  if (text === 'last') return { kind: 'last' };
  if (ID.test(text)) return { kind: 'negotiation', id: text };
  const address = parseAddress(text);
  return address === undefined ? undefined : { kind: 'peer', address };
}

export function formatWhySubject(subject: WhySubject): string {
  return subject.kind === 'last' ? 'last' : subject.kind === 'peer' ? subject.address : subject.id;
}

export function readWhyRequest(value: unknown): WhySubject | undefined {
  return isRecord(value) && typeof value.subject === 'string' ? whySubject(value.subject) : undefined;
}

export function readExplanations(value: unknown): readonly Explanation[] | undefined {
  if (!isRecord(value)) return undefined;
  return listOf(value.explanations, readExplanation);
}

function readExplanation(value: unknown): Explanation | undefined {
  if (!isRecord(value)) return undefined;
  const { standing, code, summary, happened, where, why } = value;
  const about = readSubject(value.about);
  const evidence = listOf(value.evidence, readFact);
  const changes = listOf(value.changes, readChange);
  const equivalents = listOf(value.equivalents, readEquivalent);
  const comparisons = readComparisons(value.comparisons);
  const sources = listOf(value.sources, readText);
  const messages = listOf(value.messages, readText);
  const blame = readBlame(value.blame);
  if (
    about === undefined ||
    !isStanding(standing) ||
    typeof summary !== 'string' ||
    typeof happened !== 'string' ||
    typeof where !== 'string' ||
    typeof why !== 'string' ||
    evidence === undefined ||
    changes === undefined ||
    equivalents === undefined ||
    sources === undefined ||
    messages === undefined
  ) {
    return undefined;
  }
  return {
    about,
    standing,
    ...(typeof code === 'string' ? { code } : {}),
    summary,
    happened,
    where,
    ...(blame === undefined ? {} : { blame }),
    why,
    evidence,
    changes,
    comparisons,
    equivalents,
    sources,
    messages,
  };
}

function readSubject(value: unknown): Subject | undefined {
  if (!isRecord(value)) return undefined;
  const { negotiation, chart, local, remote, rule, beganMsAgo, endedMsAgo } = value;
  const related = listOf(value.related, readText);
  if (
    typeof negotiation !== 'string' ||
    typeof chart !== 'string' ||
    typeof local !== 'string' ||
    typeof remote !== 'string' ||
    typeof rule !== 'string' ||
    typeof beganMsAgo !== 'number' ||
    related === undefined
  ) {
    return undefined;
  }
  const ended = typeof endedMsAgo === 'number' ? { endedMsAgo } : {};
  return { negotiation, chart, local, remote, rule, related, beganMsAgo, ...ended };
}

function readFact(value: unknown): Fact | undefined {
  if (!isRecord(value)) return undefined;
  const { name, value: text } = value;
  return typeof name === 'string' && typeof text === 'string' ? { name, value: text } : undefined;
}

function readChange(value: unknown): Change | undefined {
  if (!isRecord(value)) return undefined;
  const { at, what } = value;
  if (at !== 'this host' && at !== 'the peer' && at !== 'either end') return undefined;
  if (typeof what !== 'string') return undefined;
  const place = readPlace(value.place);
  const lines = listOf(value.lines, readText);
  return { at, what, ...(place && { place }), ...(lines && { lines }) };
}

export function readPlace(value: unknown): NamedPlace | undefined {
  if (!isRecord(value)) return undefined;
  const { what, file, line } = value;
  if (typeof what !== 'string' || typeof file !== 'string' || typeof line !== 'number') return undefined;
  return { what, file, line };
}

export function readEquivalent(value: unknown): Equivalent | undefined {
  if (!isRecord(value)) return undefined;
  const { product, file } = value;
  const lines = listOf(value.lines, readText);
  if (product !== 'strongSwan' && product !== 'libreswan' && product !== 'Cisco IOS') return undefined;
  return typeof file === 'string' && lines !== undefined ? { product, file, lines } : undefined;
}

function readBlame(value: unknown): Explanation['blame'] {
  if (!isRecord(value)) return undefined;
  const { who, words } = value;
  return isBlame(who) && typeof words === 'string' ? { who, words } : undefined;
}

function isBlame(value: unknown): value is Blame {
  return value === 'peer' || value === 'local' || value === 'config' || value === 'network';
}

function isStanding(value: unknown): value is Explanation['standing'] {
  return ['failed', 'under way', 'established', 'gone', 'unknown'].some((one) => one === value);
}

export function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Undefined when it is no list, or something in it cannot be read. */
export function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly (T | undefined)[] = value.map(read);
  return items.every((item) => item !== undefined) ? items : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
