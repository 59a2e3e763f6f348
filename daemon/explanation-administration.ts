/** What the door may ask of explanations. */
import type { ExplanationAdministration } from '../services/admin/explanation-administration.js';
import { dryRun } from '../services/explain/dry-run.js';
import { dryRunPhase2, type StandingWithPeer } from '../services/explain/dry-run-phase2.js';
import type { Address } from '../services/net/address.js';
import { KernelError } from '../services/ports/kernel.js';
import { err } from '../services/result.js';
import type { Engine } from './engine.js';

export function explanationAdministration(
  engine: Pick<Engine, 'explanations' | 'settings' | 'ports' | 'table'>,
): ExplanationAdministration {
  const { explanations } = engine;
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
    dryRun: (offer) => dryRun(offer, engine.settings),
    dryRunPhase2: async (offer) => {
      const { kernel } = engine.ports;
      const { config } = engine.settings;
      try {
        return await dryRunPhase2(offer, {
          config,
          kernel,
          standing: (local, remote) => standingBetween(engine.table, local, remote),
        });
      } catch (error) {
        if (error instanceof KernelError)
          return err(`The kernel does not tell its policies: ${error.message}`);
        throw error;
      }
    },
    remembered: () => explanations.known(),
  };
}

/** The newest decides, as for a new Quick Mode. */
function standingBetween(table: Engine['table'], local: Address, remote: Address): StandingWithPeer {
  const newest = [...table.phase1Between(local, remote)].at(-1);
  const traffic = [...table.phase2Between(local, remote)].map(({ policy }) => policy.selectors);
  return { rule: newest?.sa.rule.label, traffic };
}
