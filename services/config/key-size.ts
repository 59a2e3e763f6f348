/** Key sizes of AES behind its name: `(256)`, `(128..256)`, and open ranges as ipsecconf(8) has them. */
import type { IToken } from 'chevrotain';
import { type DiagnosticLog, quote } from './diagnostic.js';
import { DotDot, placeAfter, placeOf, RightParenthesis } from './lexicon.js';
import { parseUnsigned } from './number-text.js';

export interface KeyBits {
  readonly low: number;
  readonly high: number;
}

/** What AES without a size accepts. */
export const AES_KEY_BITS: KeyBits = { low: 128, high: 256 };

/** What Blowfish accepts; neither file has a way to say another range. */
export const BLOWFISH_KEY_BITS: KeyBits = { low: 40, high: 448 };

const FORM = 'expected a key size such as (256) or a range such as (128..256)';

/** `tokens` begin with the parenthesis. Undefined when an error was logged. */
export function readAesKeyBits(tokens: readonly IToken[], log: DiagnosticLog): KeyBits | undefined {
  const last = tokens.at(-1);
  if (last?.tokenType !== RightParenthesis) {
    log.error(placeAfter(last), 'the key size has no `)`', FORM);
    return undefined;
  }
  const inside = tokens.slice(1, -1);
  const dots = inside.findIndex((token) => token.tokenType === DotDot);
  const before = dots === -1 ? inside : inside.slice(0, dots);
  const after = dots === -1 ? [] : inside.slice(dots + 1);
  const wrong = before[1] ?? after[1] ?? (before.length + after.length === 0 ? last : undefined);
  if (wrong !== undefined) {
    log.error(placeOf(wrong), `unexpected ${quote(wrong.image)} in a key size`, FORM);
    return undefined;
  }
  const [lowToken] = before;
  const [highToken] = dots === -1 ? before : after;
  const low = sizeOf(lowToken, AES_KEY_BITS.low, log);
  const high = sizeOf(highToken, AES_KEY_BITS.high, log);
  if (low === undefined || high === undefined) return undefined;
  if (low > high) {
    const expected = `expected (${String(high)}..${String(low)})`;
    log.error(placeOf(lowToken ?? last), 'the range of key sizes ends below its beginning', expected);
    return undefined;
  }
  return { low, high };
}

function sizeOf(token: IToken | undefined, otherwise: number, log: DiagnosticLog): number | undefined {
  if (token === undefined) return otherwise;
  const size = parseUnsigned(token.image);
  if (typeof size === 'number' && size >= 128 && size <= 256 && size % 64 === 0) return size;
  log.error(placeOf(token), `${quote(token.image)} is no key size of AES`, 'expected 128, 192 or 256');
  return undefined;
}
