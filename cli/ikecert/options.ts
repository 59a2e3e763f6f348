/** Options as they stand on the command line of `certlocal`, `certdb` and `certrldb`. */
import { Command, CommanderError } from 'commander';
import { err, ok, type Result } from '../../services/result.js';

export interface Options {
  readonly a?: boolean;
  readonly e?: boolean;
  readonly k?: string;
  readonly l?: boolean;
  readonly r?: boolean;
  readonly U?: boolean;
  readonly C?: boolean;
  readonly L?: boolean;
  readonly X?: boolean;
  readonly v?: boolean;
  readonly f?: string;
  readonly m?: string;
  readonly t?: string;
  readonly D?: string;
  readonly A?: readonly string[];
  readonly S?: string;
  readonly F?: string;
  readonly T?: string;
  readonly p?: boolean;
  readonly R?: string;
}

export type Letter = keyof Options;

/** All letters, with the name of their value where they take one. */
const LETTERS: Readonly<Record<Letter, string | undefined>> = {
  a: undefined,
  e: undefined,
  k: 'kind',
  l: undefined,
  r: undefined,
  U: undefined,
  C: undefined,
  L: undefined,
  X: undefined,
  v: undefined,
  f: 'format',
  m: 'size',
  t: 'type',
  D: 'dname',
  A: 'altname',
  S: 'start',
  F: 'end',
  T: 'token',
  p: undefined,
  R: 'root',
};

export interface CommandLine {
  readonly options: Options;
  readonly operands: readonly string[];
}

/** As getopt(3C) reads them: `-kc` is `-k c`, `-lv` is `-l -v`, `--` ends them. `help` for `-h`. The error is a clause. */
export function readOptions(argv: readonly string[]): Result<CommandLine | 'help', string> {
  const command = new Command('ikecert')
    .helpOption('-h')
    .allowExcessArguments(true)
    .argument('[operands...]')
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .exitOverride();
  for (const [letter, value] of Object.entries(LETTERS)) {
    if (letter === 'A') command.option('-A <altname>', '', collect, []);
    else command.option(value === undefined ? `-${letter}` : `-${letter} <${value}>`);
  }
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0
      ? ok('help')
      : err(error.message.replace(/^error: /, '').split('\n')[0] ?? '');
  }
  return ok({ options: command.opts<Options>(), operands: command.args });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The letters that were given. */
export function given(options: Options): readonly Letter[] {
  const letters = Object.keys(LETTERS).filter((letter): letter is Letter => letter in LETTERS);
  return letters.filter((letter) =>
    letter === 'A' ? (options.A ?? []).length > 0 : options[letter] !== undefined,
  );
}
