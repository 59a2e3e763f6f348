/** What the door may ask of explanations. */
import type { ExplanationAdministration } from '../services/admin/explanation-administration.js';
import { dryRun, type DryRunSettings } from '../services/explain/dry-run.js';
import type { Explanations } from './explanations.js';

export function explanationAdministration(
  explanations: Explanations,
  settings: () => DryRunSettings,
): ExplanationAdministration {
  return {
    why: (subject) => {
      switch (subject.kind) {
        case 'peer':
          return explanations.ofPeer(subject.address);
        case 'last': {
          const latest = explanations.latest();
          return latest === undefined ? [] : [latest];
        }
        case 'negotiation': {
          const one = explanations.explanation(subject.id);
          return one && [one];
        }
      }
    },
    dryRun: (offer) => dryRun(offer, settings()),
    remembered: () => explanations.known(),
  };
}
