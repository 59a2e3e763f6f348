/**
 * The grammar of `ike.preshared` (5): blocks of names and values. Whatever is said about this file must not repeat
 * what stands in it: any text may be a key in the wrong place. Only names and positions are told.
 */
import { createToken, EmbeddedActionsParser, EOF, type IToken, Lexer, type ParserMethod } from 'chevrotain';
import type { Place } from './diagnostic.js';
import { LeftBrace, placeAfter, placeOf, RightBrace, WhiteSpace } from './lexicon.js';
import { nearestWord } from './nearest-word.js';

export const PAIR_NAMES = ['localidtype', 'remoteidtype', 'localid', 'remoteid', 'ike_mode', 'key'] as const;
export type PairName = (typeof PAIR_NAMES)[number];

export interface Pair {
  readonly name: PairName;
  readonly place: Place;
  /** Undefined when it is missing, or not worth judging; both are reported. */
  readonly value: IToken | undefined;
}

export interface Entry {
  readonly place: Place;
  readonly pairs: readonly Pair[];
}

export interface PresharedProblem {
  readonly place: Place;
  readonly problem: string;
  readonly expected: string;
}

/** How many tokens to look ahead for a brace. */
const FARTHEST = 1000;

const EXPECTED_NAMES = `expected ${PAIR_NAMES.join(', ')}`;

/** A comment begins in the first column; white space before it does no harm. */
const Comment = createToken({
  name: 'Comment',
  pattern: (text, offset) => {
    if (text[offset] !== '#' || !/(?:^|[\n\r])[ \t]*$/.test(text.slice(Math.max(0, offset - 200), offset)))
      return null;
    const rest = /#[^\n\r]*/y;
    rest.lastIndex = offset;
    return rest.exec(text);
  },
  start_chars_hint: ['#'],
  line_breaks: false,
  group: Lexer.SKIPPED,
});
const Value = createToken({ name: 'Value', pattern: Lexer.NA });
/** Without a brace at the end of its line: that is told apart from the comment, and would be missed. */
const LateComment = createToken({
  name: 'LateComment',
  pattern: /#[^\n\r]*?(?=[ \t]*\}?[ \t]*(?![^\n\r]))/,
  line_breaks: false,
  categories: [Value],
});
export const Quoted = createToken({ name: 'Quoted', pattern: /"[^"\n\r]*"/, categories: [Value] });
const Name = createToken({
  name: 'Name',
  pattern: new RegExp(`(?:${PAIR_NAMES.join('|')})(?![^\\s{}])`, 'i'),
});
const Text = createToken({ name: 'Text', pattern: /[^\s{}]+/, categories: [Value] });

const LEXED = [Comment, WhiteSpace, LeftBrace, RightBrace, LateComment, Quoted, Name, Text];

export function presharedLexer(options: { readonly skipValidations: boolean }): Lexer {
  return new Lexer(LEXED, { ...options, positionTracking: 'full' });
}

export class PresharedParser extends EmbeddedActionsParser {
  #problems: PresharedProblem[] = [];

  /** `skipValidations` is for run time; a test validates the grammar. */
  constructor(options: { readonly skipValidations: boolean }) {
    super([...LEXED, Value], { recoveryEnabled: true, maxLookahead: 1, ...options });
    this.performSelfAnalysis();
  }

  parse(tokens: IToken[]): {
    readonly entries: readonly Entry[];
    readonly problems: readonly PresharedProblem[];
  } {
    this.#problems = [];
    this.input = tokens;
    const entries = this.file();
    const problems = [...this.#problems];
    for (const { token } of this.errors) {
      const place = token.tokenType === EOF ? placeAfter(tokens.at(-1)) : placeOf(token);
      problems.push({ place, problem: 'unexpected text', expected: '' });
    }
    for (const token of tokens) {
      if (token.tokenType !== LateComment) continue;
      problems.push({
        place: placeOf(token),
        problem: 'a comment behind something else',
        expected: 'expected `#` at the beginning of a line',
      });
    }
    return { entries, problems };
  }

  readonly file: ParserMethod<[], Entry[]> = this.RULE(
    'file',
    (): Entry[] => {
      const entries: Entry[] = [];
      this.MANY(() => {
        this.OR([
          {
            ALT: () => {
              const start = this.CONSUME(LeftBrace);
              const pairs = this.SUBRULE(this.body, { ARGS: [start] });
              entries.push({ place: placeOf(start), pairs });
            },
          },
          {
            ALT: () => {
              const start = this.LA(1);
              this.#complain(placeOf(start), 'this stands outside an entry', 'expected `{` before it');
              const pairs = this.SUBRULE(this.pair);
              // With a closing brace to come only the opening one is missing.
              const closes = this.#closes();
              this.OPTION({
                GATE: () => closes,
                DEF: () => {
                  const rest = this.SUBRULE2(this.body, { ARGS: [start] });
                  this.ACTION(() => entries.push({ place: placeOf(start), pairs: [...pairs, ...rest] }));
                },
              });
              this.OPTION2({
                GATE: () => !closes,
                DEF: () => {
                  this.SUBRULE(this.outside);
                },
              });
            },
          },
          {
            ALT: () => {
              this.SUBRULE(this.stray);
            },
          },
          {
            ALT: () => {
              this.#complain(placeOf(this.CONSUME(RightBrace)), 'this `}` closes nothing', '');
            },
          },
        ]);
      });
      return entries;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly body: ParserMethod<[IToken], Pair[]> = this.RULE('body', (start: IToken): Pair[] => {
    const pairs: Pair[] = [];
    this.MANY({
      GATE: () => this.LA(1).tokenType !== RightBrace || this.#goesOn(pairs),
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              const more = this.SUBRULE(this.pair);
              this.ACTION(() => pairs.push(...more));
            },
          },
          {
            ALT: () => {
              const more = this.SUBRULE(this.misspelt);
              this.ACTION(() => pairs.push(...more));
            },
          },
          {
            ALT: () => {
              const brace = this.CONSUME(RightBrace);
              this.#complain(placeOf(brace), 'this `}` ends the entry, but the entry goes on behind it', '');
            },
          },
        ]);
      },
    });
    let closed = false;
    this.OPTION(() => {
      this.CONSUME2(RightBrace);
      closed = true;
    });
    this.ACTION(() => {
      if (closed) return;
      const next = this.LA(1);
      const atEnd = next.tokenType === EOF;
      const found = atEnd ? 'the end of the file' : '`{`';
      const entry = `the entry that begins at line ${String(placeOf(start).line)}`;
      this.#complain(
        atEnd ? placeAfter(this.LA(0)) : placeOf(next),
        `${entry} is not closed before ${found}`,
        'expected `}`',
      );
    });
    return pairs;
  });

  readonly pair: ParserMethod<[], Pair[]> = this.RULE('pair', (): Pair[] => {
    const name = this.CONSUME(Name);
    const values: IToken[] = [];
    this.MANY(() => {
      values.push(this.CONSUME(Value));
    });
    return this.ACTION(() => this.#pairsOf(name, values));
  });

  /** Values without a name before them: the first is a name that does not exist. */
  readonly misspelt: ParserMethod<[], Pair[]> = this.RULE('misspelt', (): Pair[] => {
    const values: IToken[] = [];
    this.AT_LEAST_ONE(() => {
      values.push(this.CONSUME(Value));
    });
    return this.ACTION(() => this.#misspeltPairs(values));
  });

  /** What else stands outside with a name that was complained of. */
  readonly outside: ParserMethod<[], void> = this.RULE('outside', (): void => {
    this.AT_LEAST_ONE(() => {
      this.SUBRULE(this.pair);
    });
  });

  readonly stray: ParserMethod<[], void> = this.RULE('stray', (): void => {
    const first = this.CONSUME(Value);
    this.MANY(() => {
      this.CONSUME2(Value);
    });
    this.ACTION(() => {
      if (first.tokenType !== LateComment)
        this.#complain(placeOf(first), 'text outside an entry', 'expected `{`');
    });
  });

  #pairsOf(token: IToken, values: readonly IToken[]): Pair[] {
    const name = nameOf(token);
    const place = placeOf(token);
    const [value, ...rest] = values.filter((other) => other.tokenType !== LateComment);
    if (name === undefined) return [];
    if (value === undefined) this.#complain(place, `\`${name}\` has no value`, '');
    return [{ name, place, value }, ...this.#misspeltPairs(rest)];
  }

  /** One complaint a line, and one for each word that resembles a name. */
  #misspeltPairs(values: readonly IToken[]): Pair[] {
    const pairs: Pair[] = [];
    let line = 0;
    for (const token of values.filter((other) => other.tokenType !== LateComment)) {
      const place = placeOf(token);
      const meant = PAIR_NAMES.find((name) => name === nearestWord(token.image, PAIR_NAMES));
      if (meant !== undefined) {
        this.#complain(place, 'unknown name', `did you mean \`${meant}\`?`);
        pairs.push({ name: meant, place, value: undefined });
      } else if (place.line !== line) {
        this.#complain(place, 'unknown name, or more text than one value', EXPECTED_NAMES);
      }
      line = place.line;
    }
    return pairs;
  }

  /** Whether a closing brace comes before an opening one. */
  #closes(from = 1): boolean {
    for (let at = from; at < from + FARTHEST; at++) {
      const type = this.LA(at).tokenType;
      if (type === RightBrace) return true;
      if (type === LeftBrace || type === EOF) return false;
    }
    return false;
  }

  /** Whether the `}` that comes next is one too many: names that the entry lacks follow, and then its end. */
  #goesOn(pairs: readonly Pair[]): boolean {
    const next = this.LA(2);
    const name = next.tokenType === Name ? nameOf(next) : undefined;
    return name !== undefined && !pairs.some((pair) => pair.name === name) && this.#closes(2);
  }

  #complain(place: Place, problem: string, expected: string): void {
    this.ACTION(() => {
      this.#problems.push({ place, problem, expected });
    });
  }
}

function nameOf(token: IToken): PairName | undefined {
  const text = token.image.toLowerCase();
  return PAIR_NAMES.find((name) => name === text);
}
