/** What the administrator may ask about failures: why, and where things stand. */
import type { DryOffer } from '../explain/dry-run.js';
import type { Verdict } from '../explain/verdict.js';
import type { Phase2DryOffer } from '../explain/dry-run-phase2.js';
import type { Explanation } from '../explain/explanation.js';
import type { Address } from '../net/address.js';
import type { Result } from '../result.js';

/** A negotiation or SA by its id, a peer, or whatever failed last. */
export type WhySubject =
  | { readonly kind: 'last' }
  | { readonly kind: 'negotiation'; readonly id: string }
  | { readonly kind: 'peer'; readonly address: Address };

export interface ExplanationAdministration {
  /** Empty when nothing has failed yet; undefined when there is none of this id, or it is forgotten. */
  why(subject: WhySubject): readonly Explanation[] | undefined;
  /** What would come of a Phase 1 offer under the rules in use. Nothing is sent. */
  dryRun(offer: DryOffer): Verdict;
  /** The same of a Quick Mode. The error is what must be said for an answer, or what the kernel did not answer. */
  dryRunPhase2(offer: Phase2DryOffer): Promise<Result<Verdict, string>>;
  /** Ids of what failed and is still remembered, the latest last. */
  remembered(): readonly string[];
}
