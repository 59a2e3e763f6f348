/** A recording as a list shows it. */
import type { NegotiationId } from '../events/event.js';

export interface RecordView {
  readonly id: NegotiationId;
  /** All that are in it, in the order in which they began. */
  readonly negotiations: readonly NegotiationId[];
  readonly local: string;
  readonly remote: string;
  /** `under way`, or how the last of them ended. */
  readonly outcome: string;
  /** Code of the failure that it ended with. */
  readonly code: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly begunAt: number;
  readonly entries: number;
  /** Of what is kept, about. */
  readonly bytes: number;
  readonly secrets: boolean;
}
