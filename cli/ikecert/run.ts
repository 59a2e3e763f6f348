/** One run of `ikecert`: which program, which of its commands, and what is printed. */
import type { Bytes } from '../../services/bytes.js';
import { type ProgramName, PROGRAMS } from './command-table.js';
import { generalHelp, programHelp, USAGE } from './help.js';
import { given, type Letter, readOptions } from './options.js';
import type { ProgramCommand } from './program.js';
import type { World } from './world.js';

export interface Printed {
  readonly stdout: string | Bytes;
  readonly stderr: string;
  readonly exit: 0 | 1;
}

const isProgram = (word: string): word is ProgramName => Object.hasOwn(PROGRAMS, word);

export async function runIkecert(argv: readonly string[], world: World): Promise<Printed> {
  let args = argv;
  let root: string | undefined;
  while (args[0]?.startsWith('-R') === true) {
    const joined = args[0].length > 2;
    root = joined ? args[0].slice(2) : args[1];
    args = args.slice(joined ? 1 : 2);
  }
  const [word = '', ...rest] = args;
  if (word === '-h') return printed(generalHelp());
  // The wrapper of the original drops what follows `tokens`.
  const [program, words] = word === 'tokens' ? (['certlocal', ['-X']] as const) : [word, rest];
  if (!isProgram(program)) return { stdout: USAGE, stderr: '', exit: 1 };
  return runProgram(program, words, root, world);
}

async function runProgram(
  program: ProgramName,
  words: readonly string[],
  outerRoot: string | undefined,
  world: World,
): Promise<Printed> {
  const refuse = (message: string): Printed => ({
    stdout: '',
    stderr: `${program}: ${message}.\n`,
    exit: 1,
  });
  const line = readOptions(words);
  if (!line.ok) return refuse(`${line.error}; ikecert ${program} -h lists the options`);
  if (line.value === 'help') return printed(programHelp(program));
  const { options, operands } = line.value;
  const letters: readonly Letter[] = given(options).filter((letter) => letter !== 'R');
  const commands = PROGRAMS[program];
  const [command, ...more] = commands.filter(({ letter }) => letters.includes(letter));
  if (command === undefined || more.length > 0) {
    const list = commands
      .filter(({ letter }) => letter !== 'X')
      .map(({ letter }) => `-${letter}`)
      .join(', ');
    const what = command === undefined ? 'say what to do' : 'only one thing can be done at a time';
    return refuse(`${what}: one of ${list}; ikecert ${program} -h explains them`);
  }
  const fault = misuse(command, letters, operands);
  if (fault !== undefined) return refuse(`${fault}; usage: ikecert ${program} ${usageOf(command)}`);
  const paths = world.pathsUnder(options.R ?? outerRoot ?? '/');
  const library = (): ReturnType<World['pkcs11Library']> =>
    world.pkcs11Library(options.R ?? outerRoot ?? '/');
  const answer = await command.run({ options, operands, paths, world, library });
  if (!answer.ok) return refuse(answer.error);
  const { stdout, notes } = answer.value;
  return { stdout, stderr: notes.map((note) => `${program}: ${note}\n`).join(''), exit: 0 };
}

function misuse(
  command: ProgramCommand,
  letters: readonly Letter[],
  operands: readonly string[],
): string | undefined {
  const strange = letters.find((letter) => letter !== command.letter && !command.takes.includes(letter));
  if (strange !== undefined) return `-${strange} does not go with -${command.letter}`;
  const missing = (command.needs ?? []).find((letter) => !letters.includes(letter));
  if (missing !== undefined) return `-${command.letter} needs -${missing}`;
  if (letters.includes('p') && !letters.includes('T')) return '-p needs -T';
  const [least, most] = command.operands;
  if (operands.length < least) return `-${command.letter} needs an operand`;
  if (operands.length > most)
    return most === 0
      ? `-${command.letter} takes no operand, but there is "${operands[0] ?? ''}"`
      : `-${command.letter} takes only one operand, but there is "${operands[most] ?? ''}" too`;
  return undefined;
}

function usageOf({ letter, usage }: ProgramCommand): string {
  return `-${letter}${letter === 'k' ? '' : ' '}${usage}`.trimEnd();
}

function printed(stdout: string): Printed {
  return { stdout, stderr: '', exit: 0 };
}
