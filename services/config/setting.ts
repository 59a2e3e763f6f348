/** Cutting the tokens behind a keyword into its own argument, misspelt keywords that follow, and the rest. */
import type { IToken } from 'chevrotain';
import { Dash, Integer, LeftParenthesis, RightParenthesis, Slash, Word } from './lexicon.js';

/** A keyword, or a word that stands where one should, with the tokens of its argument. */
export interface Setting {
  readonly kind: 'setting';
  readonly keyword: IToken;
  /** Canonical keyword; of a misspelt one the keyword that was meant, undefined when no one can tell. */
  readonly name: string | undefined;
  readonly argument: readonly IToken[];
  /** Tokens behind the argument that belong to nothing. */
  readonly surplus: readonly IToken[];
}

/** How many tokens belong to an argument. */
export type Shape = 'flag' | 'one' | 'address' | 'cipher' | 'block';

/** The keywords of one file format. */
export interface Vocabulary {
  shapeOf(name: string): Shape | undefined;
  /** The keyword that a misspelt one was most probably meant to be. */
  meant(word: string): string | undefined;
}

export function splitSettings(
  keyword: IToken,
  following: readonly IToken[],
  vocabulary: Vocabulary,
): readonly Setting[] {
  const settings: Setting[] = [];
  let head = keyword;
  let rest = following;
  for (;;) {
    const misspelt = head.tokenType === Word;
    const name = misspelt ? vocabulary.meant(head.image) : head.image;
    const length = argumentLength(name === undefined ? undefined : vocabulary.shapeOf(name), head, rest);
    const behind = rest.slice(length);
    const next = behind.findIndex((token, index) =>
      startsSetting(token, index === 0 ? head : (behind[0] ?? head), vocabulary),
    );
    settings.push({
      kind: 'setting',
      keyword: head,
      name,
      argument: rest.slice(0, length),
      surplus: next === -1 ? behind : behind.slice(0, next),
    });
    const nextHead = next === -1 ? undefined : behind[next];
    if (nextHead === undefined) return settings;
    head = nextHead;
    rest = behind.slice(next + 1);
  }
}

/** Words that resemble a keyword do, and any word on a later line than what stands before it. */
function startsSetting(token: IToken, before: IToken, vocabulary: Vocabulary): boolean {
  if (token.tokenType !== Word) return false;
  return vocabulary.meant(token.image) !== undefined || (token.startLine ?? 0) > (before.startLine ?? 0);
}

function argumentLength(shape: Shape | undefined, head: IToken, tokens: readonly IToken[]): number {
  switch (shape) {
    case 'flag':
    case 'block':
      return 0;
    case 'one':
      // A sign is no number's in these files, but it belongs to the number that is complained of.
      return tokens[0]?.tokenType === Dash && tokens[1]?.tokenType === Integer
        ? 2
        : Math.min(1, tokens.length);
    case 'address': {
      const joint = tokens[1]?.tokenType;
      return Math.min(joint === Slash || joint === Dash ? 3 : 1, tokens.length);
    }
    case 'cipher': {
      if (tokens[1]?.tokenType !== LeftParenthesis) return Math.min(1, tokens.length);
      const end = tokens.findIndex((token) => token.tokenType === RightParenthesis);
      return end === -1 ? tokens.length : end + 1;
    }
    case undefined: {
      const line = head.startLine ?? 0;
      const end = tokens.findIndex(
        (token, index) => token.tokenType === Word && (index > 0 || (token.startLine ?? 0) > line),
      );
      return end === -1 ? tokens.length : end;
    }
  }
}
