/**
 * Tokens that `ike.config` and the policy file share. Everything is some token, so the lexer itself never fails;
 * what stands in the wrong place is the grammar's to say.
 */
import { createToken, type IToken, Lexer, type TokenType } from 'chevrotain';
import type { Place } from './diagnostic.js';

export const WhiteSpace = createToken({
  name: 'WhiteSpace',
  pattern: /\s+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
/** Outside strings a backslash at the end of a line is white space. */
export const Continuation = createToken({
  name: 'Continuation',
  pattern: /\\\r?\n/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const HashComment = createToken({ name: 'HashComment', pattern: /#[^\n\r]*/, group: Lexer.SKIPPED });
export const SlashComment = createToken({
  name: 'SlashComment',
  pattern: /\/\/[^\n\r]*/,
  group: Lexer.SKIPPED,
});

/** Whatever is neither a keyword nor a brace. */
export const Argument = createToken({ name: 'Argument', pattern: Lexer.NA });
/** An argument that cannot be taken for a misspelt keyword. */
export const Stray = createToken({ name: 'Stray', pattern: Lexer.NA });
const STRAY = { categories: [Argument, Stray] };

export const QuotedString = createToken({
  name: 'String',
  pattern: /"(?:\\[^\n\r]|[^"\\\n\r])*"/,
  ...STRAY,
});
export const LeftBrace = createToken({ name: 'LeftBrace', pattern: /\{/ });
export const RightBrace = createToken({ name: 'RightBrace', pattern: /\}/ });
export const LeftParenthesis = createToken({ name: 'LeftParenthesis', pattern: /\(/, ...STRAY });
export const RightParenthesis = createToken({ name: 'RightParenthesis', pattern: /\)/, ...STRAY });
export const DotDot = createToken({ name: 'DotDot', pattern: /\.\./, ...STRAY });
export const Slash = createToken({ name: 'Slash', pattern: /\//, ...STRAY });
export const Dash = createToken({ name: 'Dash', pattern: /-/, ...STRAY });
/** Shaped like an address; whether it is one is checked later, so that `10.1.1.300` is one mistake and not two. */
export const AddressLike = createToken({
  name: 'AddressLike',
  pattern: /\d+\.\d+\.(?:\w|\.(?!\.))*|[0-9A-Fa-f]*:[\w:.%]*:[\w:.%]*/,
  ...STRAY,
});
export const Decimal = createToken({
  name: 'Decimal',
  pattern: /\d*\.\d+(?![\w.])|\d+\.(?![\w.])/,
  ...STRAY,
});
export const Integer = createToken({
  name: 'Integer',
  pattern: /(?:0[xX][0-9A-Fa-f]+|\d+)(?!\w|\.\w)/,
  ...STRAY,
});
export const Word = createToken({
  name: 'Word',
  pattern: /\w(?:[\w@:+-]|\.(?!\.))*/,
  categories: [Argument],
});
export const Other = createToken({ name: 'Other', pattern: /[^\s\w{}()"#/\\-]+|\\/, ...STRAY });

/** Words that may follow an unclosed string on its line end it; without that, one missing quote hides a whole rule. */
export function unterminatedString(keywords: readonly string[]): TokenType {
  const body = `"(?:(?!\\s+(?:${keywords.join('|')})\\b)[^"{}\\n\\r])*`;
  return createToken({ name: 'UnterminatedString', pattern: new RegExp(body), line_breaks: false, ...STRAY });
}

/** One token for a list of words, so that the grammar can tell them from any other word. */
export function keywordToken(name: string, words: readonly string[]): TokenType {
  return createToken({ name, pattern: new RegExp(`(?:${words.join('|')})(?![\\w.:-])`), line_breaks: false });
}

export const SKIPPED_TOKENS: readonly TokenType[] = [WhiteSpace, Continuation, HashComment, SlashComment];

/** What can be the value of a keyword, in the order the lexer must try them. */
export const VALUE_TOKENS: readonly TokenType[] = [
  QuotedString,
  AddressLike,
  DotDot,
  Decimal,
  Integer,
  Word,
  LeftParenthesis,
  RightParenthesis,
  Slash,
  Dash,
  Other,
];

export function placeOf(token: IToken): Place {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

/** Just behind a token; where something is missing at the end of a file. */
export function placeAfter(token: IToken | undefined): Place {
  if (token === undefined) return { line: 1, column: 1 };
  return { line: token.endLine ?? 1, column: (token.endColumn ?? 0) + 1 };
}

/** Text of a string token: `\\` and `\"` are unescaped, a backslash before anything else stays (DN commas). */
export function stringText(token: IToken): string {
  const closed = token.tokenType === QuotedString;
  return token.image.slice(1, closed ? -1 : undefined).replace(/\\(["\\])/g, '$1');
}
