/**
 * The grammar of `ike.config` (5): from text to settings and blocks.
 *
 * Chevrotain recovers by skipping to a token that may follow; that keeps going, but it invents mistakes when a brace
 * is missing. So the usual slips with braces are productions of the grammar, chosen by what comes next, and each is
 * one problem at one place. What keywords and values mean is not decided here.
 */
import { EOF, type IToken, type ParserMethod } from 'chevrotain';
import { type Place, quote } from './diagnostic.js';
import { IKE_CONFIG, type Level } from './ike-config-keywords.js';
import { type Body, IkeConfigLookahead } from './ike-config-lookahead.js';
import { Keyword, LEXED, TransformKeyword, UnterminatedString } from './ike-config-tokens.js';
import type { FileItem, RuleBlock, TransformBlock } from './ike-config-tree.js';
import { Argument, LeftBrace, placeAfter, placeOf, RightBrace, Stray, Word } from './lexicon.js';
import { type Setting, splitSettings } from './setting.js';

/** A mistake of structure. */
export interface Problem {
  readonly place: Place;
  readonly problem: string;
  readonly expected: string;
}

export class IkeConfigParser extends IkeConfigLookahead {
  #problems: Problem[] = [];

  /** `skipValidations` is for run time: the grammar does not change, and a test validates it. */
  constructor(options: { readonly skipValidations: boolean }) {
    super([...LEXED, Argument, Stray], { recoveryEnabled: true, maxLookahead: 1, ...options });
    this.performSelfAnalysis();
  }

  /** Accepts any tokens; problems include those chevrotain found and recovered from. */
  parse(tokens: IToken[]): { readonly items: readonly FileItem[]; readonly problems: readonly Problem[] } {
    this.#problems = [];
    this.input = tokens;
    const items = this.file();
    const problems = [...this.#problems];
    for (const { token } of this.errors) {
      const place = token.tokenType === EOF ? placeAfter(tokens.at(-1)) : placeOf(token);
      problems.push({ place, problem: `unexpected ${quote(token.image)}`, expected: '' });
    }
    for (const token of tokens) {
      if (token.tokenType !== UnterminatedString) continue;
      problems.push({
        place: placeOf(token),
        problem: 'the string has no end',
        expected: 'expected `"` before the end of the line',
      });
    }
    return { items, problems };
  }

  readonly file: ParserMethod<[], FileItem[]> = this.RULE(
    'file',
    (): FileItem[] => {
      const items: FileItem[] = [];
      this.MANY(() => {
        this.OR({
          // Alternatives that begin alike are told apart by their gates.
          IGNORE_AMBIGUITIES: true,
          DEF: [
            {
              GATE: () => this.transformStartsAt(1),
              ALT: () => {
                this.#keep(items, this.SUBRULE(this.bareTransform, { ARGS: ['file'] }));
              },
            },
            {
              ALT: () => {
                this.#keep(items, this.SUBRULE(this.rule));
              },
            },
            {
              GATE: () => this.ruleLacksBrace(),
              ALT: () => {
                this.#keep(items, this.SUBRULE(this.openRule));
              },
            },
            {
              ALT: () => {
                this.#keep(items, this.SUBRULE(this.transform, { ARGS: ['file'] }));
              },
            },
            {
              GATE: () => this.misspeltTransformNext(),
              ALT: () => {
                this.#keep(items, this.SUBRULE(this.misspeltTransform, { ARGS: ['file'] }));
              },
            },
            {
              ALT: () => {
                this.#keepAll(items, this.SUBRULE(this.settings));
              },
            },
            {
              ALT: () => {
                this.SUBRULE(this.stray);
              },
            },
            {
              ALT: () => {
                const brace = this.CONSUME(RightBrace);
                this.#complain(brace, 'this `}` closes nothing');
              },
            },
          ],
        });
      });
      return items;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly rule: ParserMethod<[], RuleBlock> = this.RULE('rule', (): RuleBlock => {
    const start = this.CONSUME(LeftBrace);
    const items: Body = [];
    this.SUBRULE(this.ruleBody, { ARGS: [start, items] });
    return { kind: 'rule', start, items };
  });

  /** A rule whose `{` was forgotten. */
  readonly openRule: ParserMethod<[], RuleBlock> = this.RULE('openRule', (): RuleBlock => {
    const start = this.LA(1);
    const items: Body = [];
    this.#complain(
      start,
      `the rule that begins with ${quote(start.image)} has no brace`,
      'expected `{` before it',
    );
    this.#keepAll(items, this.SUBRULE(this.settings));
    this.SUBRULE(this.ruleBody, { ARGS: [start, items] });
    return { kind: 'rule', start, items };
  });

  readonly ruleBody: ParserMethod<[IToken, Body], void> = this.RULE(
    'ruleBody',
    (start: IToken, items: Body): void => {
      this.MANY({
        GATE: () => !this.ruleEnds(items),
        DEF: () => {
          this.OR({
            IGNORE_AMBIGUITIES: true,
            DEF: [
              {
                ALT: () => {
                  this.#keep(items, this.SUBRULE(this.transform, { ARGS: ['rule'] }));
                },
              },
              {
                GATE: () => this.misspeltTransformNext(),
                ALT: () => {
                  this.#keep(items, this.SUBRULE(this.misspeltTransform, { ARGS: ['rule'] }));
                },
              },
              {
                GATE: () => this.transformKeywordAt(1),
                ALT: () => {
                  this.#keep(items, this.SUBRULE(this.looseTransform));
                },
              },
              {
                ALT: () => {
                  this.#keepAll(items, this.SUBRULE(this.settings));
                },
              },
              {
                GATE: () => this.transformStartsAt(1),
                ALT: () => {
                  this.#keep(items, this.SUBRULE(this.bareTransform, { ARGS: ['rule'] }));
                },
              },
              {
                ALT: () => {
                  const brace = this.CONSUME(LeftBrace);
                  this.#complain(brace, 'this `{` opens nothing');
                },
              },
              {
                ALT: () => {
                  this.#keepAll(items, this.SUBRULE(this.stray));
                },
              },
              {
                ALT: () => {
                  const brace = this.CONSUME(RightBrace);
                  this.#complain(brace, 'this `}` ends the rule, but the rule goes on behind it');
                },
              },
            ],
          });
        },
      });
      let closed = false;
      this.OPTION(() => {
        this.CONSUME2(RightBrace);
        closed = true;
      });
      this.ACTION(() => {
        if (!closed) this.#missingBrace(`the rule that begins at line ${String(placeOf(start).line)}`);
      });
    },
  );

  readonly transform: ParserMethod<[Level], TransformBlock> = this.RULE(
    'transform',
    (level: Level): TransformBlock => {
      const start = this.CONSUME(TransformKeyword);
      return this.SUBRULE(this.transformBlock, { ARGS: [level, start] });
    },
  );

  readonly misspeltTransform: ParserMethod<[Level], TransformBlock> = this.RULE(
    'misspeltTransform',
    (level: Level): TransformBlock => {
      const start = this.CONSUME(Word);
      this.#complain(start, `unknown keyword ${quote(start.image)}`, 'did you mean `p1_xform`?');
      return this.SUBRULE(this.transformBlock, { ARGS: [level, start] });
    },
  );

  readonly transformBlock: ParserMethod<[Level, IToken], TransformBlock> = this.RULE(
    'transformBlock',
    (level: Level, start: IToken): TransformBlock => {
      this.OPTION1(() => {
        this.SUBRULE(this.stray);
      });
      let opened = false;
      this.OPTION2(() => {
        this.CONSUME(LeftBrace);
        opened = true;
      });
      let items: Setting[] = [];
      this.OPTION3({
        GATE: () => opened || this.transformKeywordAt(1),
        DEF: () => {
          items = this.SUBRULE(this.transformBody, { ARGS: [level, start] });
        },
      });
      this.ACTION(() => {
        if (!opened) this.#complain(start, '`p1_xform` has no block', 'expected `{` behind it');
      });
      return { kind: 'transform', start, items, loose: !opened };
    },
  );

  /** A block whose contents tell that `p1_xform` was forgotten before it. */
  readonly bareTransform: ParserMethod<[Level], TransformBlock> = this.RULE(
    'bareTransform',
    (level: Level): TransformBlock => {
      const start = this.CONSUME(LeftBrace);
      this.#complain(start, 'this block has no keyword', 'expected `p1_xform` before it');
      const items = this.SUBRULE(this.transformBody, { ARGS: [level, start] });
      return { kind: 'transform', start, items, loose: false };
    },
  );

  /** Parameters of a transform that stand in the rule itself. */
  readonly looseTransform: ParserMethod<[], TransformBlock> = this.RULE(
    'looseTransform',
    (): TransformBlock => {
      const start = this.LA(1);
      this.#complain(
        start,
        `${quote(start.image)} stands outside a transform`,
        'expected it inside `p1_xform { ... }`',
      );
      const items: Setting[] = [];
      this.AT_LEAST_ONE({
        GATE: () => this.transformKeywordAt(1),
        DEF: () => {
          this.#keepAll(items, this.SUBRULE(this.settings));
        },
      });
      return { kind: 'transform', start, items, loose: true };
    },
  );

  readonly transformBody: ParserMethod<[Level, IToken], Setting[]> = this.RULE(
    'transformBody',
    (level: Level, start: IToken): Setting[] => {
      const items: Setting[] = [];
      this.MANY({
        GATE: () => !this.transformEnds(level),
        DEF: () => {
          this.OR([
            {
              ALT: () => {
                this.#keepAll(items, this.SUBRULE(this.settings));
              },
            },
            {
              ALT: () => {
                this.#keepAll(items, this.SUBRULE(this.stray));
              },
            },
            {
              ALT: () => {
                const brace = this.CONSUME(LeftBrace);
                this.#complain(brace, 'this `{` opens nothing');
              },
            },
            {
              ALT: () => {
                const brace = this.CONSUME(RightBrace);
                this.#complain(brace, 'this `}` ends `p1_xform`, but the transform goes on behind it');
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
        if (!closed) this.#missingBrace(`the \`p1_xform\` of line ${String(placeOf(start).line)}`);
      });
      return items;
    },
  );

  readonly settings: ParserMethod<[], readonly Setting[]> = this.RULE('settings', (): readonly Setting[] => {
    const keyword = this.OR([{ ALT: () => this.CONSUME(Keyword) }, { ALT: () => this.CONSUME(Word) }]);
    const following: IToken[] = [];
    this.MANY({
      GATE: () => following.length === 0 || !this.misspeltTransformNext(),
      DEF: () => {
        following.push(this.CONSUME(Argument));
      },
    });
    return this.ACTION(() => splitSettings(keyword, following, IKE_CONFIG));
  });

  /** Values without a keyword. The first stands for all, as a setting that says nothing. */
  readonly stray: ParserMethod<[], readonly Setting[]> = this.RULE('stray', (): readonly Setting[] => {
    const first = this.CONSUME(Stray);
    this.MANY(() => {
      this.CONSUME2(Stray);
    });
    return this.ACTION(() => {
      if (first.tokenType !== UnterminatedString) {
        this.#complain(first, `unexpected ${quote(first.image)}`, 'expected a keyword');
      }
      return [{ kind: 'setting', keyword: first, name: undefined, argument: [], surplus: [] }];
    });
  });

  // Results; nothing of this happens while chevrotain records the grammar.

  #keep<T>(items: T[], item: T): void {
    this.ACTION(() => {
      items.push(item);
    });
  }

  #keepAll<T>(items: T[], more: readonly T[]): void {
    this.ACTION(() => {
      items.push(...more);
    });
  }

  #complain(token: IToken, problem: string, expected = ''): void {
    this.ACTION(() => {
      this.#problems.push({ place: placeOf(token), problem, expected });
    });
  }

  #missingBrace(block: string): void {
    const next = this.LA(1);
    const place = next.tokenType === EOF ? placeAfter(this.LA(0)) : placeOf(next);
    // Where two blocks end too late at once, one message says it.
    if (
      this.#problems.some((other) => other.place.line === place.line && other.place.column === place.column)
    )
      return;
    const found = next.tokenType === EOF ? 'the end of the file' : quote(next.image);
    this.#problems.push({
      place,
      problem: `${block} is not closed before ${found}`,
      expected: 'expected `}`',
    });
  }
}
