/** Tokens of `ike.config` (5). */
import { Lexer, type TokenType } from 'chevrotain';
import { KEYWORD_NAMES } from './ike-config-keywords.js';
import {
  keywordToken,
  LeftBrace,
  RightBrace,
  SKIPPED_TOKENS,
  unterminatedString,
  VALUE_TOKENS,
} from './lexicon.js';

export const TransformKeyword = keywordToken('TransformKeyword', ['p1_xform']);
export const Keyword = keywordToken(
  'Keyword',
  KEYWORD_NAMES.filter((name) => name !== 'p1_xform'),
);
export const UnterminatedString = unterminatedString(KEYWORD_NAMES);

export const LEXED: TokenType[] = [
  ...SKIPPED_TOKENS,
  LeftBrace,
  RightBrace,
  TransformKeyword,
  Keyword,
  ...VALUE_TOKENS,
  UnterminatedString,
];

export function ikeConfigLexer(options: { readonly skipValidations: boolean }): Lexer {
  return new Lexer(LEXED, { ...options, positionTracking: 'full' });
}
