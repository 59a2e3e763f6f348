/** Reading the argument of one setting; each mistake is logged once, at the token that makes it. */
import type { IToken, TokenType } from 'chevrotain';
import { type DiagnosticLog, quote } from './diagnostic.js';
import { placeOf, QuotedString, stringText } from './lexicon.js';
import { LARGEST_NUMBER, parseUnsigned } from './number-text.js';
import type { Setting } from './setting.js';

/** What is wrong with a value: the end of a sentence that begins with the value. */
export interface Complaint {
  readonly complaint: string;
}

export function complain(complaint: string): Complaint {
  return { complaint };
}

/** The first token of the argument; undefined, and an error, when there is none. */
export function firstToken(setting: Setting, log: DiagnosticLog, expected: string): IToken | undefined {
  const token = setting.argument[0];
  if (token === undefined) {
    log.error(placeOf(setting.keyword), `${keywordText(setting)} has no value`, `expected ${expected}`);
  }
  return token;
}

export function keywordText(setting: Setting): string {
  return quote(setting.name ?? setting.keyword.image);
}

/** Complains of tokens behind a good argument; behind a bad one they are most probably part of the same mistake. */
export function checkSurplus(setting: Setting, log: DiagnosticLog): void {
  const token = setting.surplus[0];
  if (token === undefined) return;
  const value = setting.argument.map((part) => part.image).join('');
  const after = value === '' ? keywordText(setting) : `${keywordText(setting)} ${quote(value)}`;
  log.error(placeOf(token), `unexpected ${quote(token.image)} after ${after}`, 'expected the next keyword');
}

/** A flag has no argument. */
export function readFlag(setting: Setting, log: DiagnosticLog): true {
  checkSurplus(setting, log);
  return true;
}

/** One token, judged by `accept`. */
export function readToken<T>(
  setting: Setting,
  log: DiagnosticLog,
  expected: string,
  accept: (text: string, token: IToken) => T | Complaint,
): T | undefined {
  const token = firstToken(setting, log, expected);
  if (token === undefined) return undefined;
  const text = setting.argument.map((part) => part.image).join('');
  const value = accept(text, token);
  if (isComplaint(value)) {
    log.error(placeOf(token), `${quote(text)} ${value.complaint}`, `expected ${expected}`);
    return undefined;
  }
  checkSurplus(setting, log);
  return value;
}

function isComplaint(value: unknown): value is Complaint {
  return typeof value === 'object' && value !== null && 'complaint' in value;
}

export interface NumberRange {
  readonly low?: number;
  readonly high?: number;
  /** What the number counts, e.g. `seconds`. */
  readonly unit?: string;
}

export function readNumber(
  setting: Setting,
  log: DiagnosticLog,
  range: NumberRange = {},
): number | undefined {
  const { low = 0, high = LARGEST_NUMBER, unit } = range;
  const limits =
    high === LARGEST_NUMBER
      ? low === 0
        ? ''
        : ` of at least ${String(low)}`
      : ` from ${String(low)} to ${String(high)}`;
  const expected = `an unsigned integer${limits}${unit === undefined ? '' : ` (${unit})`}`;
  return readToken(setting, log, expected, (text) => {
    const value = parseUnsigned(text);
    if (typeof value === 'string') {
      const unitWritten = /^\d+[A-Za-z]+$/.test(text) && unit !== undefined;
      return complain(`is ${value}${unitWritten ? ' (the unit is part of the keyword)' : ''}`);
    }
    return value >= low && value <= high ? value : complain('is out of range');
  });
}

/** A number of seconds above zero that may have a fraction. */
export function readSeconds(setting: Setting, log: DiagnosticLog): number | undefined {
  return readToken(setting, log, 'a number of seconds above 0, such as 0.5', (text) => {
    const value = /^(?:\d+\.\d*|\.\d+)$/.test(text) ? Number.parseFloat(text) : parseUnsigned(text);
    if (typeof value === 'string') return complain(`is ${value}`);
    return value > 0 && value <= LARGEST_NUMBER ? value : complain('is out of range');
  });
}

/** The text between the quotes. `accept` may find fault with it. */
export function readString<T>(
  setting: Setting,
  log: DiagnosticLog,
  expected: string,
  accept: (text: string) => T | Complaint,
): T | undefined {
  const token = firstToken(setting, log, `${expected} in double quotes`);
  if (token === undefined) return undefined;
  // Its missing end is reported already, and so are doubts about what it holds.
  if (isUnterminated(token.tokenType)) return undefined;
  return readToken(setting, log, `${expected} in double quotes`, (_, first) =>
    first.tokenType === QuotedString ? accept(stringText(first)) : complain('is not a quoted string'),
  );
}

function isUnterminated(type: TokenType): boolean {
  return type.name === 'UnterminatedString';
}

/** One of the words that are keys of `values`. */
export function readWord<T>(
  setting: Setting,
  log: DiagnosticLog,
  what: string,
  values: ReadonlyMap<string, T>,
): T | undefined {
  return readToken(setting, log, `one of ${[...values.keys()].join(', ')}`, (text) => {
    const value = values.get(text);
    return value ?? complain(`is no ${what}`);
  });
}
