import type { Result } from '../result.js';
import type { PacketCounters } from './packet-counters.js';

/** Port: what the daemon's metrics ask for whenever they are read. What only grows they count themselves, from the stream. */
export interface Gauges {
  phase1Sas(): number;
  /** Pairs, those of one Quick Mode counted once. */
  phase2Sas(): number;
  /**
   * Phase 1 negotiations of others in which nothing is proved yet: of initiators that have not answered, so that their
   * address may be forged, and of those that have.
   */
  halfOpen(): { readonly unanswered: number; readonly answered: number };
  /** Datagrams that led to nothing, by reason, since the start. */
  dropped(): ReadonlyMap<string, number>;
  /** First messages refused because of what else is asked, by reason, since the start. */
  refused(): ReadonlyMap<string, number>;
  /** Labels of all rules, and whether a Phase 1 SA stands under each. */
  rules(): ReadonlyMap<string, boolean>;
  /** Undefined where packets are the business of the system's kernel; an error is a sentence. Must not reject. */
  packets?(): Promise<Result<PacketCounters, string> | undefined>;
}
