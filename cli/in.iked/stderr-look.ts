/** What stderr can show. */
import type { EventLogOptions } from '../../adapters/log/event-log.js';

/** Node's own judgement of colours follows TERM, NO_COLOR and FORCE_COLOR. */
export function stderrLook({ stderr }: { readonly stderr: NodeJS.WriteStream }): EventLogOptions['stderr'] {
  return { isTerminal: stderr.isTTY, colourDepth: stderr.isTTY ? stderr.getColorDepth() : 1 };
}
