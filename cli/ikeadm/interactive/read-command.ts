/** One command of the interactive mode: a line, or several of which all but the last end with `\`. */
import { LONGEST_LINE, type Console } from '../console/console.js';
import { splitWords } from './words.js';

export const PROMPT = 'ikeadm> ';
const CONTINUATION_PROMPT = '> ';

export type CommandRead =
  /** No words: an empty line, a comment, or one that was abandoned. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Dropped; the session goes on, or ends where `ends` says so. */
  | { readonly kind: 'refused'; readonly text: string; readonly ends: boolean }
  | { readonly kind: 'end' };

export async function readCommand(console: Console): Promise<CommandRead> {
  let command = '';
  for (let prompt = PROMPT; ; prompt = CONTINUATION_PROMPT) {
    const entered = await console.line(prompt);
    switch (entered.kind) {
      case 'end':
        // A command that was going on when the input ended is not run: its rest may be what matters.
        return command.trim() === ''
          ? { kind: 'end' }
          : refused('The last line ends with \\, but no line follows.');
      case 'interrupted':
        return { kind: 'words', words: [] };
      case 'too-long':
        return refused(`Line too long (max=${String(LONGEST_LINE)} chars)`);
      case 'line':
        break;
    }
    if (prompt === PROMPT && entered.text.trimStart().startsWith('#')) return { kind: 'words', words: [] };
    const goesOn = entered.text.endsWith('\\');
    command += goesOn ? `${entered.text.slice(0, -1)} ` : entered.text;
    if (Buffer.byteLength(command) > LONGEST_LINE) return refused('Command buffer overrun.');
    if (!goesOn) return wordsOf(command);
  }
}

function wordsOf(command: string): CommandRead {
  const words = splitWords(command);
  if (words.ok) return { kind: 'words', words: words.value };
  return words.error === 'too-many-words'
    ? { kind: 'refused', text: 'Too many input tokens.', ends: true }
    : refused('A quoted part has no closing ".');
}

function refused(text: string): CommandRead {
  return { kind: 'refused', text, ends: false };
}
