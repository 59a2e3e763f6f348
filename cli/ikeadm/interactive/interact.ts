/** The interactive mode: commands one after the other until `exit`, `quit` or the end of the input. */
import { runCommand } from '../command-table.js';
import type { Outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { readCommand } from './read-command.js';

/** The exit code: whatever its commands came to, only input that cannot be read ends it with 1. */
export async function interact(session: Session, show: (outcome: Outcome) => Promise<void>): Promise<0 | 1> {
  for (;;) {
    const read = await readCommand(session.world.console);
    switch (read.kind) {
      case 'end':
        return 0;
      case 'refused':
        await show({ error: { form: 'message', text: read.text, exit: 1 } });
        if (read.ends) return 1;
        break;
      case 'words':
        if (read.words.length === 0) break;
        if (read.words[0] === 'exit' || read.words[0] === 'quit') return 0;
        await show(await runCommand(session, read.words));
    }
  }
}
