/** What a command came to, as it goes to stdout and stderr. */
import { USAGE } from './help.js';
import type { CommandError, Outcome } from './outcome.js';

/** Whole lines for each stream, and the exit code. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: 0 | 1;
}

export interface Manner {
  readonly json: boolean;
  /** Errors return to the prompt, and documents are lines, so that a reader can tell where one ends. */
  readonly interactive: boolean;
}

const USAGE_AT_THE_PROMPT: readonly string[] = ['', 'Type help for usage info'];

export function printed(outcome: Outcome, manner: Manner): Printed {
  const exit = outcome.error?.exit ?? 0;
  if (manner.json) {
    const document = JSON.stringify(
      documentOf(outcome, manner),
      undefined,
      manner.interactive ? undefined : 2,
    );
    return { stdout: `${document}\n`, stderr: '', exit };
  }
  const notice = outcome.notice === undefined ? '' : `ikeadm: ${outcome.notice}\n`;
  const error = outcome.error ? errorLines(outcome.error, manner).map((line) => `${line}\n`) : [];
  return { stdout: outcome.text ?? '', stderr: notice + error.join(''), exit };
}

/** One document per command: what the command gave, or `{"error": ...}`. */
function documentOf({ json, error }: Outcome, { interactive }: Manner): object {
  if (error === undefined || json !== undefined) return json ?? {};
  const { text, door, before, after } = error;
  const usage = interactive ? USAGE_AT_THE_PROMPT : USAGE;
  return {
    error: {
      message: text === '' ? usage.join('\n').trim() : text,
      ...(door ? { door } : {}),
      ...(before || after ? { details: [...(before ?? []), ...(after ?? [])] } : {}),
    },
  };
}

function errorLines(
  { form, text, before = [], after = [] }: CommandError,
  { interactive }: Manner,
): readonly string[] {
  const fatal = interactive ? [] : ['Fatal error - exiting.'];
  switch (form) {
    case 'message':
      return [...before, `ikeadm: ${text}`, ...after];
    case 'bail':
      return [...before, `ikeadm: Error: ${text}`, ...fatal, ...after];
    case 'bail_errno':
      return [...before, `ikeadm: ${text}`, ...fatal, ...after];
    case 'bail_msg':
      return [...before, `ikeadm: ERROR: ${text}`, '', ...fatal, ...after];
    case 'usage':
      return [...(text === '' ? [] : [`ikeadm: ${text}`]), ...(interactive ? USAGE_AT_THE_PROMPT : USAGE)];
  }
}
