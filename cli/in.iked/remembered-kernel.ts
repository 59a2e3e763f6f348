/**
 * The chosen kernel, with a file under `var/run` that says which SAs in it are ours. For a kernel whose SAs end with this
 * process none is written, and one that is there stays as it is: it is about another kernel.
 */
import { NodeSaStateFile } from '../../adapters/files/node-sa-state-file.js';
import { rememberingKernel } from '../../daemon/remembering-kernel.js';
import { SaMemory } from '../../daemon/sa-memory.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events } from '../../services/ports/events.js';
import type { ChosenKernel } from './choose-kernel.js';
import type { RunAs } from './run-as.js';

export function rememberedKernel(
  chosen: ChosenKernel,
  { clock, events, file, user }: { clock: Clock; events: Events; file: string; user: RunAs | undefined },
): { readonly chosen: ChosenKernel; readonly memory: SaMemory | undefined } {
  if (chosen.endsWithUs) return { chosen, memory: undefined };
  // What the daemon wrote when it was that user already.
  const trusted = user === undefined ? [] : [user.uid];
  const memory = new SaMemory(new NodeSaStateFile(file, trusted), events);
  return { chosen: { ...chosen, kernel: rememberingKernel(chosen.kernel, memory, clock) }, memory };
}
