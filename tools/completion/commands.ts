/** Completion of the commands, from what the commands themselves know. */
import { COMMANDS, OTHER_COMMANDS } from '../../cli/ikeadm/command-table.js';
import { FIX } from '../../cli/ikeadm/commands/doctor.js';
import { PROGRAMS, type ProgramName } from '../../cli/ikecert/command-table.js';
import { programHelp } from '../../cli/ikecert/help.js';
import { readArguments } from '../../cli/in.iked/arguments.js';
import type { Completion, CompletionOption, CompletionPlace, Offer } from './completion.js';

function ikeadm(): Completion {
  const commands = Object.keys(COMMANDS);
  const objects = Object.entries(COMMANDS).flatMap(([command, entries]): CompletionPlace[] => [
    { before: [command], offer: Object.keys(entries) },
    ...Object.entries(entries).flatMap(([object, { then = [] }]) =>
      then.map((offer, at) => ({ before: [command, object, ...Array<string>(at).fill('*')], offer })),
    ),
  ]);
  return {
    command: 'ikeadm',
    options: [
      ...['-h', '-n', '-p', '-j'].map((name) => ({ name, value: undefined })),
      { name: '-R', value: 'folder' },
    ],
    places: [
      { before: [], offer: [...commands, ...OTHER_COMMANDS] },
      { before: ['help'], offer: commands.filter((command) => command !== 'dbg') },
      { before: ['packet'], offer: ['send', 'list', 'stats'] },
      { before: ['why'], offer: ['last'] },
      { before: ['doctor'], offer: [FIX] },
      { before: ['explain'], offer: 'file' },
      {
        before: ['explain', '*'],
        offer: ['peer', 'local', 'mode', 'main', 'aggressive', 'quick', 'ours', 'theirs'],
      },
      ...objects,
    ],
  };
}

/** What the words for a value in a help text stand for. */
const VALUES = new Map<string, Offer>([
  ['file', 'file'],
  ['root', 'folder'],
  ['level', ['0', '1', '2']],
]);

/** From its help: one line per option, with the choices of its value where there are some. */
function inIked(): Completion {
  const help = readArguments(['--help']);
  const text = help.ok ? '' : help.error.text.replace(/\n {4,}/g, ' ');
  const options = [
    ...text.matchAll(/^ {2}(-\S+?)(?:, (-\S+))?(?: <([\w-]+)>| \[\w+\])? {2,}(.*)$/gm),
  ].flatMap(([, first = '', second, value, words = '']): CompletionOption[] => {
    const choices = [...(/choices: ((?:"[^"]+"(?:, )?)+)/.exec(words)?.[1] ?? '').matchAll(/"([^"]+)"/g)];
    const named = choices.length > 0 ? choices.map(([, choice = '']) => choice) : VALUES.get(value ?? '');
    // A value that may be left out is not waited for.
    return [first, ...(second === undefined ? [] : [second])].map((name) => ({
      name,
      value: value === undefined ? undefined : (named ?? []),
    }));
  });
  return { command: 'in.iked', options, places: [] };
}

/** From the help of its programs: letters, the words of those that have a list of them, folders for the root. */
function ikecert(): Completion {
  const programs = Object.keys(PROGRAMS).filter((name): name is ProgramName => name in PROGRAMS);
  const help = programs.map(programHelp).join('\n');
  const listed = (letter: string): readonly string[] =>
    (new RegExp(`^  -${letter} [A-Z]+ +(?:bits: )?(.+)$`, 'm').exec(help)?.[1] ?? '').split(', ');
  const values: ReadonlyMap<string, Offer> = new Map<string, Offer>([
    ['-m', listed('m')],
    ['-t', listed('t')],
    ['-f', ['pem', 'ber', 'pkcs8']],
    ['-R', 'folder'],
    ...['-D', '-A', '-S', '-F', '-T'].map((name): [string, Offer] => [name, []]),
  ]);
  const letters = [...help.matchAll(/(?<=^ {2}|[ [])-([a-zA-Z])(\{c\|s\})?(?![\w-])/gm)].flatMap(
    ([, letter = '', kinds]) => (kinds === undefined ? [`-${letter}`] : [`-${letter}c`, `-${letter}s`]),
  );
  return {
    command: 'ikecert',
    options: [...new Set(letters)].map((name) => ({ name, value: values.get(name) })),
    places: [{ before: [], offer: [...programs, 'tokens'] }],
  };
}

export const COMPLETIONS: readonly Completion[] = [ikeadm(), ikecert(), inIked()];
