/** One run of `ikeadm`: reads the command line, runs the command, prints what it came to. */
import { runCommand } from './command-table.js';
import { generalHelp, USAGE } from './help.js';
import { usageError, type CommandError, type Outcome } from './outcome.js';
import { parseCommandLine, type Options } from './options.js';
import { Session, type World } from './session.js';

/** What is to be written, and the exit code. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/** `worldFor` gives the outside for the options of this run; it is not touched before a command needs it. */
export async function runIkeadm(
  args: readonly string[],
  worldFor: (options: Options) => World,
): Promise<Printed> {
  const line = parseCommandLine(args);
  if ('fault' in line) return printed(usageError(line.fault), false);
  const { options, words } = line;
  if (options.help) return printed({ text: generalHelp(), json: { help: generalHelp() } }, options.json);
  const session = new Session(options, worldFor(options));
  try {
    return printed(await runCommand(session, words), options.json);
  } finally {
    await session.close();
  }
}

function printed(outcome: Outcome, json: boolean): Printed {
  const exit = outcome.error?.exit ?? 0;
  if (json) return { stdout: `${JSON.stringify(document(outcome), undefined, 2)}\n`, stderr: '', exit };
  const notice = outcome.notice === undefined ? '' : `ikeadm: ${outcome.notice}\n`;
  const error = outcome.error ? errorLines(outcome.error).map((line) => `${line}\n`) : [];
  return { stdout: outcome.text ?? '', stderr: notice + error.join(''), exit };
}

/** One document per command: what the command gave, or `{"error": ...}`. */
function document({ json, error }: Outcome): object {
  if (error === undefined || json !== undefined) return json ?? {};
  return {
    error: {
      message: error.text === '' ? USAGE.join('\n') : error.text,
      ...(error.door ? { door: error.door } : {}),
      ...(error.before || error.after ? { details: [...(error.before ?? []), ...(error.after ?? [])] } : {}),
    },
  };
}

function errorLines({ form, text, before = [], after = [] }: CommandError): readonly string[] {
  const fatal = 'Fatal error - exiting.';
  switch (form) {
    case 'message':
      return [...before, `ikeadm: ${text}`, ...after];
    case 'bail':
      return [...before, `ikeadm: Error: ${text}`, fatal, ...after];
    case 'bail_errno':
      return [...before, `ikeadm: ${text}`, fatal, ...after];
    case 'bail_msg':
      return [...before, `ikeadm: ERROR: ${text}`, '', fatal, ...after];
    case 'usage':
      return [...(text === '' ? [] : [`ikeadm: ${text}`]), ...USAGE];
  }
}
