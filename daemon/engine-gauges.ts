/** What metrics ask of a running engine. */
import type { Gauges } from '../services/ports/gauges.js';
import type { Engine } from './engine.js';
import type { Intake } from './intake.js';

const NONE: ReadonlyMap<string, number> = new Map();

export function engineGauges(engine: Engine, intake?: Intake): Gauges {
  return {
    phase1Sas: () => engine.table.phase1Count,
    phase2Sas: () => engine.table.phase2Count,
    halfOpen: () => engine.phase1.halfOpen.counts,
    dropped: () => engine.drops.reasons,
    refused: () => intake?.admission.refusals ?? NONE,
    rules: () => {
      const up = new Set([...engine.table.phase1()].map(({ sa }) => sa.rule.label));
      return new Map(engine.settings.config.rules.map(({ label }) => [label, up.has(label)]));
    },
  };
}
