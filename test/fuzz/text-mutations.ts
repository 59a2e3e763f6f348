/** Ways to spoil a configuration file: by characters, words and lines. */
import type { Dice } from '../sim/dice.js';

const LONGEST = 16_384;

/** What editors, other systems and mischief leave in files. */
const STRAY = [
  ...Array.from('{}"\'\\#/,-.:;=!()[]<>*&%$@`~^|?+'),
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\u001b[31m',
  '\u00a0',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ud800',
  'ä',
  '😀',
  '..',
  '//',
  '/*',
  '\\\n',
  '""',
  '"unterminated',
];

const WORDS = [
  '0',
  '-1',
  '1.5',
  '1e9',
  '0x10',
  '99999999999999999999',
  '4294967296',
  '0.0.0.0/0',
  '::/0',
  '192.0.2.256',
  '192.0.2.1-192.0.2.0',
  '192.0.2.0/33',
  'fe80::1%lo',
  'aes(0..99999)',
  '3des(56)',
  'DN=C=',
  'undefined',
  '__proto__',
  'constructor',
];

function wordsOf(text: string): readonly string[] {
  return text.match(/[\w.:/@-]+|\s+|[^]/gu) ?? [];
}

type TextMutation = (dice: Dice, text: string, other: string) => string;

function atWords(change: (dice: Dice, words: string[], at: number, other: string) => void): TextMutation {
  return (dice, text, other) => {
    const words = [...wordsOf(text)];
    change(dice, words, dice.below(Math.max(1, words.length)), other);
    return words.join('');
  };
}

const MUTATIONS: readonly TextMutation[] = [
  // a word missing, doubled, exchanged with another, or from elsewhere
  atWords((dice, words, at) => words.splice(at, 1 + dice.below(3))),
  atWords((_dice, words, at) => words.splice(at, 0, words[at] ?? '', ' ')),
  atWords((dice, words, at) => {
    const to = dice.below(Math.max(1, words.length));
    [words[at], words[to]] = [words[to] ?? '', words[at] ?? ''];
  }),
  atWords((dice, words, at, other) => {
    const foreign = wordsOf(other);
    if (foreign.length > 0) words[at] = dice.pick(foreign);
  }),
  atWords((dice, words, at) => (words[at] = dice.pick(WORDS))),
  atWords((dice, words, at) => words.splice(at, 0, dice.pick(STRAY))),
  // a very long word
  atWords((dice, words, at) => (words[at] = dice.pick(['a', '9', '{', '"', '.']).repeat(dice.below(2000)))),
  // a character changed
  (dice, text) => {
    const at = dice.below(text.length + 1);
    return (
      text.slice(0, at) +
      String.fromCharCode(dice.below(dice.chance(0.8) ? 128 : 65_536)) +
      text.slice(at + 1)
    );
  },
  // cut off
  (dice, text) => text.slice(0, dice.below(text.length + 1)),
  // a line many times over
  (dice, text) => {
    const lines = text.split('\n');
    const at = dice.below(lines.length);
    lines.splice(at, 0, ...Array.from({ length: dice.below(40) }, () => lines[at] ?? ''));
    return lines.join('\n');
  },
  // the head of one and the tail of another
  (dice, text, other) =>
    text.slice(0, dice.below(text.length + 1)) + other.slice(dice.below(other.length + 1)),
];

/** One to four mutations; never longer than 16 384 characters. */
export function mutateText(dice: Dice, text: string, other: string): string {
  let spoiled = text;
  for (let n = dice.below(4); n >= 0; n--)
    spoiled = dice.pick(MUTATIONS)(dice, spoiled, other).slice(0, LONGEST);
  return spoiled;
}
