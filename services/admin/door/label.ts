/** The label of a rule as the identification of GET_RULE and DEL_RULE: `char[256]`, ended by a NUL. */
import type { Bytes } from '../../bytes.js';
import { textOf } from '../../c-structure.js';

export const LABEL_LENGTH = 256;

/** Undefined when the label with its NUL takes more than 256 bytes, is empty or has a NUL inside. */
export function encodeLabel(label: string): Bytes | undefined {
  const text = Buffer.from(label, 'utf8');
  if (text.length === 0 || text.length >= LABEL_LENGTH || text.includes(0)) return undefined;
  const area = new Uint8Array(LABEL_LENGTH);
  area.set(text);
  return area;
}

/** Undefined unless exactly 256 bytes with a NUL among them and something before it. */
export function decodeLabel(area: Bytes): string | undefined {
  if (area.length !== LABEL_LENGTH || !area.includes(0)) return undefined;
  const label = textOf(area);
  return label === '' ? undefined : label;
}
