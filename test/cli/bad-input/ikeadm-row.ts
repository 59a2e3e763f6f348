/** What is wrong, what `ikeadm` says to it and how it exits. `F` stands for a folder of the test's own. */
export const FATAL = 'Fatal error - exiting.\n';
export const USAGE = /^Usage:\tikeadm \[ -hnp \] cmd obj \[cmd-specific options\]\n {6}\tikeadm help\n/m;
export const PROMPT_USAGE = '\nType help for usage info\n';

export interface BadInput {
  readonly words: readonly string[];
  /** All of stderr, or what stands in it. */
  readonly says: string | RegExp;
  readonly exit: 0 | 1;
  /** Stdin. */
  readonly input?: string;
}

export function bad(line: string, says: string | RegExp, exit: 0 | 1 = 1): BadInput {
  return { words: line.split(' '), says, exit };
}

/** Typed at the prompt, where every error comes back to it and the status is 0. */
export function typed(input: string, says: string | RegExp): BadInput {
  return { words: [], input: `${input}\n`, says, exit: 0 };
}

export const unknownCommand = (command: string): RegExp =>
  new RegExp(`^ikeadm: Unrecognized command '${command}'\nUsage:`);
export const unknownObject = (object: string): RegExp =>
  new RegExp(`^ikeadm: Unrecognized object '${object}'\nUsage:`);
