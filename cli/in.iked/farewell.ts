/** How long the Deletes of all SAs may take to leave. */
import type { SaTable } from '../../daemon/sa-table.js';

/** Service managers kill what takes longer: `TimeoutStopSec` of the unit is 60 seconds. */
export const LONGEST_FAREWELL_MS = 50_000;
/** For each SA, of either phase; a quiet machine takes half of that. */
const PER_SA_MS = 0.25;

/** Beyond what a daemon with few SAs is given, milliseconds. */
export function moreFarewellMs(table: SaTable | undefined): number {
  if (table === undefined) return 0;
  return Math.min(LONGEST_FAREWELL_MS, PER_SA_MS * (table.phase1Count + table.phase2Count));
}
