/** What would come of an offer, as data. */
import type { Comparison, NamedPlace } from '../failure/failure.js';
import type { Equivalent } from './explanation.js';

export interface Verdict {
  readonly accepted: boolean;
  /** One sentence. */
  readonly summary: string;
  /** The rule, and the transform of it. */
  readonly places: readonly NamedPlace[];
  /** What would be agreed; empty when refused. */
  readonly agreed: string;
  /** What else decides, one sentence each. */
  readonly remarks: readonly string[];
  /** When refused, nearest first. */
  readonly comparisons: readonly Comparison[];
  readonly equivalents: readonly Equivalent[];
}
