/** What is always true of a failure code: what it usually means, what to do, and where the rule stands. */
export interface CodeNote {
  /** What usually stands behind it. Whole sentences. */
  readonly why: string;
  /** What to do, most promising first; imperative sentences. */
  readonly todo: readonly string[];
  readonly sources: readonly string[];
}
