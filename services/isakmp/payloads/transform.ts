/**
 * Transform, inside a proposal (RFC 2408 3.6); the generic header stands before it.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+-------------------------------+
 *    !  Transform #  !  Transform-Id !           RESERVED2           !
 *    +---------------+---------------+-------------------------------+
 *    !                        SA Attributes                          !
 *    +---------------------------------------------------------------+
 */
import { fieldList, followedBy, reserved, u8, type ValueOf } from '../fields.js';
import { PAYLOAD } from '../registries/payload-types.js';
import { substructures } from '../substructures.js';
import { attributeFault, attributes } from './attribute.js';

const FIELDS = fieldList({
  number: u8,
  id: followedBy(u8, reserved(2)),
  attributes,
});

export type Transform = ValueOf<typeof FIELDS>;

/** Its count is one byte of the proposal. */
const MOST_TRANSFORMS = 255;

export const transforms = substructures(FIELDS, () => ({ number: 0, id: 0, attributes: [] }), {
  type: PAYLOAD.transform,
  structure: 'transform',
  most: MOST_TRANSFORMS,
  count: 'transforms',
});

/** Why the transforms of one proposal are not acceptable, as a clause; or undefined. */
export function transformsFault(list: readonly Transform[]): string | undefined {
  if (list.length === 0) return 'it has no transform';
  if (list.length > MOST_TRANSFORMS) return `it has more than ${String(MOST_TRANSFORMS)} transforms`;
  // RFC 2408 3.6: the number tells the transforms of a proposal apart.
  if (hasTwins(list)) return 'two of its transforms have the same number';
  for (const transform of list) {
    for (const attribute of transform.attributes) {
      const fault = attributeFault(attribute);
      if (fault !== undefined) return `in transform ${String(transform.number)}, ${fault}`;
    }
  }
  return undefined;
}

function hasTwins(list: readonly Transform[]): boolean {
  let before = -1;
  for (const { number } of list) {
    // Usually they rise, which shows it without a Set.
    if (number <= before) return new Set(list.map((transform) => transform.number)).size < list.length;
    before = number;
  }
  return false;
}
