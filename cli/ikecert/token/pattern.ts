/** `-L pattern`: which object of a token is meant. */
import type { FoundObject } from '../../../adapters/pkcs11/objects.js';
import { err, ok, type Result } from '../../../services/result.js';

/** Objects that a message lists. */
const MOST_SHOWN = 8;

/**
 * `ID=` and hex is the CKA_ID; anything else the CKA_LABEL, in which `*` stands for any text and `?` for a character. The
 * error is a clause.
 */
export function matcher(pattern: string): Result<(found: FoundObject) => boolean, string> {
  const [, id] = /^ID=(.*)$/i.exec(pattern) ?? [];
  if (id !== undefined) {
    if (!/^(?:[0-9a-f]{2})+$/i.test(id)) return err(`the pattern "${pattern}" has no hex of whole bytes`);
    return ok(({ object }) => object.id === id.toLowerCase());
  }
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const label = new RegExp(`^${parts}$`, 'su');
  return ok((found) => label.test(found.label));
}

/** The one object that is meant; else what there is to choose from. The error is a clause. */
export function onlyMatch(
  objects: readonly FoundObject[],
  fits: (found: FoundObject) => boolean,
  { pattern, token, what }: { readonly pattern: string; readonly token: string; readonly what: string },
): Result<FoundObject, string> {
  const matches = objects.filter(fits);
  const [first, second] = matches;
  if (first !== undefined && second === undefined) return ok(first);
  const there = first === undefined ? objects : matches;
  const shown = there.map(described).toSorted().slice(0, MOST_SHOWN);
  const more = there.length > shown.length ? `, and ${String(there.length - shown.length)} more` : '';
  const list = shown.length === 0 ? 'there is none at all' : `there is ${shown.join(', ')}${more}`;
  return err(
    first === undefined
      ? `token "${token}" has no ${what} that "${pattern}" fits: ${list}`
      : `"${pattern}" fits several of token "${token}": ${list}; write ID= and the CKA_ID of one`,
  );
}

export function described({ object, label }: FoundObject): string {
  return [
    ...(label === '' ? [] : [`"${label}"`]),
    ...(object.id === undefined ? [] : [`ID=${object.id}`]),
  ].join(' ');
}
