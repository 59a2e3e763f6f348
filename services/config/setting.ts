/** Cutting the tokens behind a keyword into its own argument, misspelt keywords that follow, and the rest. */
import type { IToken } from 'chevrotain';
import { keywordNamed, meantKeyword } from './ike-config-keywords.js';
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

export function splitSettings(keyword: IToken, following: readonly IToken[]): readonly Setting[] {
  const settings: Setting[] = [];
  let head = keyword;
  let rest = following;
  for (;;) {
    const misspelt = head.tokenType === Word;
    const name = misspelt ? meantKeyword(head.image) : head.image;
    const length = argumentLength(name, head, rest);
    const behind = rest.slice(length);
    const next = behind.findIndex((token, index) =>
      startsSetting(token, index === 0 ? undefined : behind[0], head),
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

/** Words that resemble a keyword do, and any word on a line of its own. */
function startsSetting(token: IToken, surplusStart: IToken | undefined, head: IToken): boolean {
  if (token.tokenType !== Word) return false;
  if (meantKeyword(token.image) !== undefined) return true;
  return (token.startLine ?? 0) > ((surplusStart ?? head).startLine ?? 0);
}

function argumentLength(name: string | undefined, head: IToken, tokens: readonly IToken[]): number {
  const shape = name === undefined ? undefined : keywordNamed(name)?.shape;
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
