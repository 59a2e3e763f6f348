/** One run of `ikeadm`: reads the command line, runs its command or those that are typed, prints what they came to. */
import { runCommand } from './command-table.js';
import { generalHelp } from './help.js';
import { interact } from './interactive/interact.js';
import { type Outcome, usageError } from './outcome.js';
import { parseCommandLine, type Options } from './options.js';
import { printed, type Printed } from './printed.js';
import { Session, type World } from './session.js';

/** Writes to stdout and stderr; what was written before is out when it resolves. */
export type Write = (part: Pick<Printed, 'stdout' | 'stderr'>) => Promise<void>;

/**
 * The exit code. `worldFor` gives the outside for the options of this run; it is not touched before a command needs it.
 */
export async function runIkeadm(
  args: readonly string[],
  worldFor: (options: Options) => World,
  write: Write,
): Promise<0 | 1> {
  const print = async (part: Printed): Promise<0 | 1> => {
    await write(part);
    return part.exit;
  };
  const line = parseCommandLine(args);
  if ('fault' in line) return print(printed(usageError(line.fault), { json: false, interactive: false }));
  const { options, words } = line;
  const manner = { json: options.json, interactive: words.length === 0 };
  if (options.help) {
    const help = { text: generalHelp(), json: { help: generalHelp() } };
    return print(printed(help, { ...manner, interactive: false }));
  }
  const session = new Session(options, worldFor(options), manner.interactive);
  try {
    if (manner.interactive) {
      session.world.ignoreInterrupts();
      return await interact(session, (outcome) => write(printed(outcome, manner)));
    }
    if (words[0] === 'monitor') {
      // With the log's words for every event, which no other command needs.
      const { monitor } = await import('./commands/monitor.js');
      const show = (stdout: string): Promise<void> => write({ stdout, stderr: '' });
      return await print(printed(await monitor(session, words.slice(1), show), manner));
    }
    if (words[0] === 'replay' && words.includes('--page')) {
      const { replayOnPage } = await import('./commands/replay-page.js');
      const tell = (outcome: Outcome): Promise<void> => write(printed(outcome, manner));
      const ended = await replayOnPage(session, words.slice(1), tell);
      return ended === undefined ? 0 : await print(printed(ended, manner));
    }
    return await print(printed(await runCommand(session, words), manner));
  } finally {
    session.close();
  }
}
