/**
 * What an RFC demands, and how it is shown here. The lists of this folder are the source of docs/conformance.md; the
 * tests beside them hold every name in them against the tests that exist.
 */

/** Key words of RFC 2119 as the RFCs of IKEv1 use them. */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'RECOMMENDED' | 'NOT RECOMMENDED';

/** A test that would fail if the requirement were not met. */
export interface Shown {
  /** Below `test/`. */
  readonly file: string;
  /** Titles of its suites and its own, with a space between. `*` stands for any text in a generated title. */
  readonly title: string;
}

/** Why no test shows it. */
export type WhyNot =
  /** It binds somebody else, or a part of the protocol that is not used here. */
  | { readonly kind: 'not ours'; readonly because: string }
  /** We do otherwise on purpose; `decision` stands word for word in docs/decisions.md. */
  | { readonly kind: 'departure'; readonly decision: string; readonly because: string }
  | { readonly kind: 'not built'; readonly because: string };

export interface Requirement {
  /** As the RFC numbers it; `A` and `B` are appendices. */
  readonly section: string;
  readonly level: Level;
  /** In our own words. */
  readonly text: string;
  readonly tests: readonly Shown[];
  /** With tests beside it: what of the requirement they do not show. */
  readonly whyNot: WhyNot | undefined;
}

/** How often a section uses each key word as a requirement: counted in the published text. */
export type Keywords = Readonly<Record<string, Partial<Readonly<Record<Level, number>>>>>;

export interface RequirementDocument {
  readonly rfc: number;
  readonly title: string;
  /** What was left out of the count, and why. */
  readonly notCounted: string;
  readonly keywords: Keywords;
  /** In the order of the RFC. */
  readonly requirements: readonly Requirement[];
}

type Rule = Omit<Requirement, 'section'>;
/** Tests, at most one reason, or both. */
type Evidence = Shown | WhyNot;

function rule(level: Level, text: string, evidence: readonly Evidence[]): Rule {
  const [whyNot, ...more] = evidence.filter((one): one is WhyNot => 'kind' in one);
  if (more.length > 0) throw new Error(`two reasons for one requirement: ${text}`);
  return { level, text, tests: evidence.filter((one): one is Shown => 'file' in one), whyNot };
}

export const must = (text: string, ...evidence: readonly Evidence[]): Rule => rule('MUST', text, evidence);
export const mustNot = (text: string, ...evidence: readonly Evidence[]): Rule =>
  rule('MUST NOT', text, evidence);
export const should = (text: string, ...evidence: readonly Evidence[]): Rule =>
  rule('SHOULD', text, evidence);
export const shouldNot = (text: string, ...evidence: readonly Evidence[]): Rule =>
  rule('SHOULD NOT', text, evidence);
export const recommended = (text: string, ...evidence: readonly Evidence[]): Rule =>
  rule('RECOMMENDED', text, evidence);

export const notRecommended = (text: string, ...evidence: readonly Evidence[]): Rule =>
  rule('NOT RECOMMENDED', text, evidence);

export function section(number: string, ...rules: readonly Rule[]): readonly Requirement[] {
  return rules.map((one) => ({ section: number, ...one }));
}

/** The tests of one file: `testsOf('services/isakmp/header.test.ts')('verify refuses a message ID in Main Mode')`. */
export function testsOf(file: string): (title: string) => Shown {
  return (title) => ({ file, title });
}

export const notOurs = (because: string): WhyNot => ({ kind: 'not ours', because });
export const notBuilt = (because: string): WhyNot => ({ kind: 'not built', because });
export const departure = (decision: string, because: string): WhyNot => ({
  kind: 'departure',
  decision,
  because,
});
