/** The options before the command, as `getopt` reads them: `-np`, `-R ROOT` or `-RROOT`, `--` ends them. */

export interface Options {
  /** `-h`: print the general help and nothing else. */
  readonly help: boolean;
  /** `-n`: no names, only numbers. */
  readonly numeric: boolean;
  /** `-p`: print key bytes as `XX`. */
  readonly paranoid: boolean;
  /** `-j`: JSON (ours). */
  readonly json: boolean;
  /** `-R`: default paths are below it (ours). */
  readonly root: string;
}

export interface CommandLine {
  readonly options: Options;
  /** The command and its words. */
  readonly words: readonly string[];
}

/** The fault is what is wrong with the options. */
export function parseCommandLine(args: readonly string[]): CommandLine | { readonly fault: string } {
  const seen = new Set<string>();
  let root = '/';
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    for (let i = 1; i < word.length; i++) {
      const letter = word.charAt(i);
      if (letter === 'R') {
        const attached = word.slice(i + 1);
        const value = attached === '' ? args[++at] : attached;
        if (value === undefined || value === '') return { fault: 'option -R requires a directory' };
        root = value;
        break;
      }
      if (!'hnpj'.includes(letter)) return { fault: `illegal option -- ${letter}` };
      seen.add(letter);
    }
  }
  const options: Options = {
    help: seen.has('h'),
    numeric: seen.has('n'),
    paranoid: seen.has('p'),
    json: seen.has('j'),
    root,
  };
  return { options, words: args.slice(at) };
}
