/** What metrics ask of a running engine. */
import type { Gauges } from '../services/ports/gauges.js';
import type { Engine } from './engine.js';

export function engineGauges(engine: Engine): Gauges {
  return {
    phase1Sas: () => engine.table.phase1Count,
    phase2Sas: () => engine.table.phase2Count,
    halfOpen: () => engine.phase1.halfOpen.counts,
    rules: () => {
      const up = new Set([...engine.table.phase1()].map(({ sa }) => sa.rule.label));
      return new Map(engine.settings.config.rules.map(({ label }) => [label, up.has(label)]));
    },
  };
}
