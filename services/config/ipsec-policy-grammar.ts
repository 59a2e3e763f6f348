/**
 * The grammar of the policy file, a form of ipsecconf(8): `{ pattern } action { properties } [or action {...}]`.
 * Braces that are missing are inserted by chevrotain's own recovery.
 */
import {
  defaultParserErrorProvider,
  EmbeddedActionsParser,
  EOF,
  createToken,
  type IParserErrorMessageProvider,
  type IToken,
  Lexer,
  type ParserMethod,
  type TokenType,
} from 'chevrotain';
import { type Place, quote } from './diagnostic.js';
import {
  Argument,
  keywordToken,
  LeftBrace,
  placeAfter,
  placeOf,
  RightBrace,
  SKIPPED_TOKENS,
  Stray,
  unterminatedString,
  VALUE_TOKENS,
  Word,
} from './lexicon.js';
import { nearestWord } from './nearest-word.js';
import { type Setting, type Shape, splitSettings, type Vocabulary } from './setting.js';

export interface PolicyAction {
  readonly start: IToken;
  readonly properties: readonly Setting[];
}

export interface PolicyEntry {
  readonly start: IToken;
  readonly pattern: readonly Setting[];
  readonly actions: readonly PolicyAction[];
}

export interface PolicyProblem {
  readonly place: Place;
  readonly problem: string;
  readonly expected: string;
}

const PATTERN: Readonly<Record<string, Shape>> = {
  laddr: 'address',
  raddr: 'address',
  ulp: 'one',
  proto: 'one',
  lport: 'one',
  rport: 'one',
  dir: 'one',
  tunnel: 'address',
  negotiate: 'one',
  ike_rule: 'one',
};
const PROPERTIES: Readonly<Record<string, Shape>> = {
  encr_algs: 'cipher',
  encr_auth_algs: 'cipher',
  auth_algs: 'cipher',
  sa: 'one',
};
const SHAPES: Readonly<Record<string, Shape>> = { ...PATTERN, ...PROPERTIES };
export const PATTERN_NAMES = Object.keys(PATTERN);
export const PROPERTY_NAMES = Object.keys(PROPERTIES);
const NAMES = Object.keys(SHAPES);

const POLICY: Vocabulary = {
  shapeOf: (name) => (Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined),
  meant: (word) => nearestWord(word, NAMES),
};

/** `tunnel` is a keyword and also the value of `negotiate`; behind that it is no keyword. */
const NegotiatedMode = createToken({
  name: 'NegotiatedMode',
  pattern: (text, offset) => {
    if (!/\bnegotiate\s+$/.test(text.slice(Math.max(0, offset - 40), offset))) return null;
    const mode = /(?:tunnel|transport)(?![\w.:-])/y;
    mode.lastIndex = offset;
    return mode.exec(text);
  },
  start_chars_hint: ['t'],
  line_breaks: false,
  categories: [Argument],
});
const Action = keywordToken('Action', ['ipsec', 'apply', 'permit', 'bypass', 'pass', 'drop']);
const Or = keywordToken('Or', ['or']);
const Keyword = keywordToken('Keyword', NAMES);
const UnterminatedString = unterminatedString(NAMES);

const LEXED: TokenType[] = [
  ...SKIPPED_TOKENS,
  LeftBrace,
  RightBrace,
  NegotiatedMode,
  Keyword,
  Action,
  Or,
  ...VALUE_TOKENS,
  UnterminatedString,
];

/** How many tokens to look ahead for a brace. */
const FARTHEST = 1000;

const NAME_OF_TOKEN: ReadonlyMap<TokenType, string> = new Map([
  [LeftBrace, '`{`'],
  [RightBrace, '`}`'],
  [EOF, '`{` or the end of the file'],
]);

/** What was expected; what was found is told from the token. */
const MESSAGES: IParserErrorMessageProvider = {
  ...defaultParserErrorProvider,
  buildMismatchTokenMessage: ({ expected }) => `expected ${NAME_OF_TOKEN.get(expected) ?? expected.name}`,
  buildNotAllInputParsedMessage: () => 'expected `{` or the end of the file',
  buildNoViableAltMessage: ({ ruleName }) =>
    ruleName === 'action' ? 'expected `ipsec` and `{`' : 'expected `{` or a keyword',
  buildEarlyExitMessage: () => 'expected `ipsec` and `{`',
};

export function ipsecPolicyLexer(options: { readonly skipValidations: boolean }): Lexer {
  return new Lexer(LEXED, { ...options, positionTracking: 'full' });
}

export class IpsecPolicyParser extends EmbeddedActionsParser {
  #problems: PolicyProblem[] = [];

  /** `skipValidations` is for run time; a test validates the grammar. */
  constructor(options: { readonly skipValidations: boolean }) {
    super([...LEXED, Argument, Stray], {
      recoveryEnabled: true,
      maxLookahead: 1,
      errorMessageProvider: MESSAGES,
      ...options,
    });
    this.performSelfAnalysis();
  }

  parse(tokens: IToken[]): {
    readonly entries: readonly PolicyEntry[];
    readonly problems: readonly PolicyProblem[];
  } {
    this.#problems = [];
    this.input = tokens;
    const entries = this.file();
    const problems = [...this.#problems];
    for (const { token, message } of this.errors) {
      const atEnd = token.tokenType === EOF;
      problems.push({
        place: atEnd ? placeAfter(tokens.at(-1)) : placeOf(token),
        problem: atEnd ? 'the file ends too early' : `unexpected ${quote(token.image)}`,
        expected: message,
      });
    }
    for (const token of tokens) {
      if (token.tokenType !== UnterminatedString) continue;
      const expected = 'expected `"` before the end of the line';
      problems.push({ place: placeOf(token), problem: 'the string has no end', expected });
    }
    return { entries, problems };
  }

  readonly file: ParserMethod<[], PolicyEntry[]> = this.RULE(
    'file',
    (): PolicyEntry[] => {
      const entries: PolicyEntry[] = [];
      // What recovery abandons has reported its mistake, has no result, and is left out.
      const keep = (entry: PolicyEntry | undefined): void => {
        this.ACTION(() => {
          if (entry !== undefined) entries.push(entry);
        });
      };
      this.MANY(() => {
        this.OR({
          // An empty pattern begins like a brace too many, and a misspelt action like a misspelt keyword.
          IGNORE_AMBIGUITIES: true,
          DEF: [
            {
              ALT: () => {
                keep(this.SUBRULE(this.entry));
              },
            },
            {
              ALT: () => {
                this.#complain(this.CONSUME(RightBrace), 'expected `{` or the end of the file');
              },
            },
            {
              GATE: () => this.LA(1).tokenType === Action || this.#misspeltAction(),
              ALT: () => {
                this.#complain(this.LA(1), 'expected `{` and the pattern of a policy before it');
                this.SUBRULE(this.actions);
              },
            },
            {
              GATE: () => this.#closes(),
              ALT: () => {
                const start = this.LA(1);
                this.#complain(start, 'expected `{` before it');
                keep(this.SUBRULE(this.entryBody, { ARGS: [start] }));
              },
            },
            {
              ALT: () => {
                this.#complain(this.LA(1), 'expected `{` or the end of the file');
                this.SUBRULE(this.outside);
              },
            },
          ],
        });
      });
      return entries;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly entry: ParserMethod<[], PolicyEntry> = this.RULE('entry', (): PolicyEntry => {
    const start = this.CONSUME(LeftBrace);
    return this.SUBRULE(this.entryBody, { ARGS: [start] });
  });

  readonly entryBody: ParserMethod<[IToken], PolicyEntry> = this.RULE(
    'entryBody',
    (start: IToken): PolicyEntry => {
      const pattern = this.SUBRULE(this.items);
      this.CONSUME(RightBrace);
      this.OPTION(() => {
        this.#complain(this.LA(1), 'expected `ipsec` and `{`');
        this.SUBRULE(this.strays);
      });
      const actions = this.SUBRULE(this.actions);
      return { start, pattern, actions };
    },
  );

  readonly actions: ParserMethod<[], PolicyAction[]> = this.RULE('actions', (): PolicyAction[] => {
    const actions: PolicyAction[] = [];
    const keep = (action: PolicyAction | undefined): void => {
      this.ACTION(() => {
        if (action !== undefined) actions.push(action);
      });
    };
    keep(this.SUBRULE(this.action));
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Or);
            keep(this.SUBRULE2(this.action));
          },
        },
        {
          GATE: () => this.LA(1).tokenType === Action,
          ALT: () => {
            this.#complain(this.LA(1), 'expected `or` between alternatives');
            keep(this.SUBRULE3(this.action));
          },
        },
      ]);
    });
    return actions;
  });

  readonly action: ParserMethod<[], PolicyAction> = this.RULE('action', (): PolicyAction => {
    const start = this.OR([{ ALT: () => this.CONSUME(Action) }, { ALT: () => this.CONSUME(Word) }]);
    this.CONSUME(LeftBrace);
    const properties = this.SUBRULE(this.items);
    this.CONSUME(RightBrace);
    return { start, properties };
  });

  readonly items: ParserMethod<[], Setting[]> = this.RULE('items', (): Setting[] => {
    const items: Setting[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const keyword = this.OR2([
              { ALT: () => this.CONSUME(Keyword) },
              { ALT: () => this.CONSUME(Word) },
            ]);
            const following: IToken[] = [];
            this.MANY2(() => {
              following.push(this.CONSUME(Argument));
            });
            this.ACTION(() => items.push(...splitSettings(keyword, following, POLICY)));
          },
        },
        {
          ALT: () => {
            this.#complain(this.LA(1), 'expected a keyword');
            this.SUBRULE(this.strays);
          },
        },
      ]);
    });
    return items;
  });

  readonly strays: ParserMethod<[], void> = this.RULE('strays', (): void => {
    this.AT_LEAST_ONE(() => {
      this.CONSUME(Stray);
    });
  });

  /** What belongs to no policy, up to the next brace or action. */
  readonly outside: ParserMethod<[], void> = this.RULE('outside', (): void => {
    this.AT_LEAST_ONE(() => {
      this.OR([
        { ALT: () => this.CONSUME(Keyword) },
        { ALT: () => this.CONSUME(Or) },
        { ALT: () => this.CONSUME(Argument) },
      ]);
    });
  });

  /** A word before a block that is no pattern. */
  #misspeltAction(): boolean {
    const inside = this.LA(3);
    return (
      this.LA(1).tokenType === Word &&
      this.LA(2).tokenType === LeftBrace &&
      !(inside.tokenType === Keyword && PATTERN_NAMES.includes(inside.image))
    );
  }

  /** Whether a closing brace comes before an opening one. */
  #closes(): boolean {
    for (let at = 1; at < FARTHEST; at++) {
      const type = this.LA(at).tokenType;
      if (type === RightBrace) return true;
      if (type === LeftBrace || type === EOF) return false;
    }
    return false;
  }

  #complain(token: IToken, expected: string): void {
    this.ACTION(() => {
      // The missing end of a string is told once, in `parse`.
      if (token.tokenType === UnterminatedString) return;
      this.#problems.push({ place: placeOf(token), problem: `unexpected ${quote(token.image)}`, expected });
    });
  }
}
