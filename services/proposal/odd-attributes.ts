/** Attributes for which a transform must not be chosen: those nobody here knows, and those that contradict each other. */
import { type Attribute, attributeNumber } from '../isakmp/payloads/attribute.js';

export interface AttributeRules {
  readonly known: ReadonlySet<number>;
  readonly lifeType: number;
  readonly lifeDuration: number;
}

/**
 * Types of the unknown and of the contradictory attributes of one transform. RFC 2407 4.5.2: an attribute may come more
 * than once as long as its values do not conflict; lifetimes do so only where they are in the same unit.
 */
export function oddAttributes(
  attributes: readonly Attribute[],
  { known, lifeType, lifeDuration }: AttributeRules,
): readonly number[] {
  const odd: number[] = [];
  // They are few: a list is gone through sooner than a Map is made.
  const [subjects, values]: readonly [number[], number[]] = [[], []];
  let unit = 0;
  for (const attribute of attributes) {
    const { type } = attribute;
    const value = attributeNumber(attribute);
    if (type === lifeType) {
      unit = value;
      continue;
    }
    // Types are not negative, so that each unit can be.
    const subject = type === lifeDuration ? -1 - unit : type;
    const place = subjects.lastIndexOf(subject);
    const before = place < 0 ? value : values[place];
    subjects.push(subject);
    values.push(value);
    if (!known.has(type) || before !== value) odd.push(type);
  }
  return odd;
}
