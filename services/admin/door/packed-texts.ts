/** Texts packed one after the other, each ended by a NUL: identity selectors of a rule, the included ones first. */
import { concat, NO_BYTES, type Bytes } from '../../bytes.js';

export interface Selection {
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
}

/** A NUL inside a text would end it early; it is left out. */
export function encodeTexts({ includes, excludes }: Selection): Bytes {
  return concat(
    ...[...includes, ...excludes].map((text) =>
      concat(new Uint8Array(Buffer.from(text.replaceAll('\0', ''), 'utf8')), Uint8Array.of(0)),
    ),
  );
}

/** Undefined when the bytes from `at` on have too few texts. */
export function decodeTexts(
  bytes: Bytes,
  at: number,
  included: number,
  excluded: number,
): Selection | undefined {
  let rest = at > bytes.length ? NO_BYTES : bytes.subarray(at);
  const texts: string[] = [];
  while (texts.length < included + excluded) {
    const end = rest.indexOf(0);
    if (end < 0) return undefined;
    texts.push(Buffer.from(rest.subarray(0, end)).toString('utf8'));
    rest = rest.subarray(end + 1);
  }
  return { includes: texts.slice(0, included), excludes: texts.slice(included) };
}
