/** A line of the interactive mode as words: `"` begins and ends a part that may hold blanks, nothing escapes. */
import { err, ok, type Result } from '../../../services/result.js';

/** How many words one command may have. */
export const MOST_WORDS = 4096;

export type WordsFault = 'too-many-words' | 'open-quote';

export function splitWords(line: string): Result<readonly string[], WordsFault> {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const character of line) {
    if (character === '"') {
      quoted = !quoted;
      // `""` is a word, though an empty one.
      word ??= '';
    } else if (!quoted && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quoted) return err('open-quote');
  if (word !== undefined) words.push(word);
  return words.length > MOST_WORDS ? err('too-many-words') : ok(words);
}
