/** What is asked of a running engine, for `ikeadm get load`. */
import type { LoadReport } from '../services/admin/load.js';
import type { Engine } from './engine.js';
import type { Intake } from './intake.js';

/** @param astray messages that were another worker's */
export function loadReport(engine: Engine, intake: Intake | undefined, astray = 0): LoadReport {
  return {
    admission: intake?.admission.state ?? 'open',
    messages: intake?.messages ?? 0,
    astray,
    waiting: intake?.waiting ?? 0,
    halfOpen: engine.phase1.halfOpen.counts,
    phase1: engine.table.phase1Count,
    phase2: engine.table.phase2Count,
    refused: Object.fromEntries(intake?.admission.refusals ?? []),
    dropped: Object.fromEntries(engine.drops.reasons),
  };
}
