/** What is wrong with one link of a chain, before it is known in which exchange that matters. */
import type { FailureCode } from '../failure/codes.js';
import type { Blame } from '../failure/failure.js';
import type { Wanted } from './wanted.js';

export interface LinkFault {
  readonly code: FailureCode;
  readonly blame: Blame;
  readonly explanation: string;
  readonly hint: string;
  /** What a fetch could bring so that the next attempt succeeds. */
  readonly wanted?: readonly Wanted[];
}
