/**
 * Our own READ_TEXT, WRITE_TEXT and ADD_TEXT: the contents of the files that READ, WRITE and NEW name by a descriptor,
 * for where none can be passed. The client opens, reads and writes the files, with its own rights.
 *
 *   READ_TEXT, ADD_TEXT   { object, text, source }   answered by {}
 *   WRITE_TEXT            { object }                 answered by { text }
 *
 * In READ_TEXT and ADD_TEXT `source` is the name of the file as the operator gave it, for messages; nothing is opened by it.
 */

export type TextObject = 'rule' | 'preshared';

export interface TextRequest {
  readonly object: TextObject;
  readonly text: string;
  readonly source: string;
}

/** Far beyond any name of a file. */
const LONGEST_SOURCE = 4096;

export function readTextRequest(value: unknown): TextRequest | undefined {
  const object = readTextObject(value);
  if (object === undefined || !isRecord(value)) return undefined;
  const { text, source } = value;
  if (typeof text !== 'string' || typeof source !== 'string') return undefined;
  return source.length > LONGEST_SOURCE ? undefined : { object, text, source };
}

/** Of any of the three. */
export function readTextObject(value: unknown): TextObject | undefined {
  if (!isRecord(value)) return undefined;
  const { object } = value;
  return object === 'rule' || object === 'preshared' ? object : undefined;
}

/** The text in a reply to WRITE_TEXT. */
export function readWrittenText(value: unknown): string | undefined {
  return isRecord(value) && typeof value.text === 'string' ? value.text : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
