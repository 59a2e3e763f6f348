/**
 * A message taken apart for people: what stands at which bytes, what it is called, what it says, and where that is
 * written. By the decoders themselves, so that what is shown is what was understood.
 */
import { type Bytes, hex } from '../bytes.js';
import { fieldWords, type Setting, sourceOf } from './field-words.js';
import { FLAG, HEADER_LENGTH, readHeader } from './header.js';
import { readPayloads } from './message.js';
import { Reader, type ReadTrace } from './reader.js';

export interface DissectedField {
  /** `transform`, `exchangeType`. */
  readonly name: string;
  /** Of its first byte, in the bytes of its part. */
  readonly offset: number;
  readonly length: number;
  /** What it says: `AES-CBC (7)`; empty where the parts say it. */
  readonly words: string;
  /** `RFC 2408 3.6`; empty where it is that of what it stands in. */
  readonly source: string;
  readonly fields: readonly DissectedField[];
}

/** Bytes with what stands in them. */
export interface DissectedPart {
  readonly name: 'as sent' | 'decrypted';
  /** In hex. */
  readonly bytes: string;
  readonly fields: readonly DissectedField[];
  /** Why the rest could not be read; undefined when all of it was. */
  readonly fault: string | undefined;
}

interface Open {
  readonly name: string;
  readonly offset: number;
  end: number | undefined;
  readonly fields: Open[];
}

/** `datagram` without a non-ESP marker; `plaintext` of its body, where it is encrypted and known. */
export function dissect(datagram: Bytes, plaintext?: Bytes): readonly DissectedPart[] {
  const trace = new Tree();
  const reader = Reader.traced(datagram, 'header', trace);
  reader.enter('header');
  const { nextPayload, flags } = readHeader(reader);
  reader.leave();
  const encrypted = (flags & FLAG.encryption) !== 0;
  if (encrypted) restIs(reader, 'encrypted');
  else readPayloads(nextPayload, reader);
  const sent: DissectedPart = {
    name: 'as sent',
    bytes: hex(datagram),
    fields: trace.fields(datagram),
    fault: datagram.length < HEADER_LENGTH ? 'it is shorter than a header' : reader.fault?.explanation,
  };
  if (!encrypted || plaintext === undefined) return [sent];
  const inner = new Tree();
  const body = Reader.traced(plaintext, 'payload', inner);
  readPayloads(nextPayload, body);
  if (body.fault === undefined && body.remaining > 0) restIs(body, 'padding');
  return [
    sent,
    {
      name: 'decrypted',
      bytes: hex(plaintext),
      fields: inner.fields(plaintext),
      fault: body.fault?.explanation,
    },
  ];
}

function restIs(reader: Reader, name: string): void {
  reader.enter(name);
  reader.rest();
  reader.leave();
}

class Tree implements ReadTrace {
  readonly #roots: Open[] = [];
  readonly #stack: Open[] = [];

  enter(name: string, offset: number): void {
    const field: Open = { name, offset, end: undefined, fields: [] };
    (this.#stack.at(-1)?.fields ?? this.#roots).push(field);
    this.#stack.push(field);
  }

  leave(offset: number): void {
    const field = this.#stack.pop();
    if (field !== undefined) field.end ??= offset;
  }

  cut(offset: number): void {
    const field = this.#stack.at(-1);
    if (field !== undefined) field.end ??= offset;
  }

  gap(name: string, from: number, to: number): void {
    (this.#stack.at(-2)?.fields ?? this.#roots).push({ name, offset: from, end: to, fields: [] });
  }

  fields(bytes: Bytes): readonly DissectedField[] {
    return this.#roots.map((field) => closed(field, bytes, [], {}));
  }
}

/** `above`: names of what it stands in, outermost first; `setting`: what the words depend on, out there. */
function closed(
  { name, offset, end, fields }: Open,
  bytes: Bytes,
  above: readonly string[],
  setting: Setting,
): DissectedField {
  const length = Math.max(0, (end ?? bytes.length) - offset);
  const inside = [...above, name];
  const content = bytes.subarray(offset, offset + length);
  const siblings = (wanted: string): number | undefined => {
    const found = fields.find((field) => field.name === wanted);
    return found === undefined ? undefined : numberIn(bytes.subarray(found.offset, found.end));
  };
  return {
    name,
    offset,
    length,
    words: fields.length > 0 ? '' : fieldWords(name, content, above, setting),
    source: sourceOf(name, above),
    fields: fields
      .filter((field) => field.end !== field.offset || field.fields.length > 0)
      .map((field) => closed(field, bytes, inside, { ...setting, ...told(name, siblings) })),
  };
}

function told(name: string, siblings: (wanted: string) => number | undefined): Setting {
  const protocol = name === 'proposal' ? siblings('protocol') : undefined;
  const attribute = name === 'attribute' ? siblings('attributeType') : undefined;
  const idType = siblings('idType');
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(attribute === undefined ? {} : { attribute: attribute & 0x7fff }),
    ...(idType === undefined ? {} : { idType }),
  };
}

function numberIn(bytes: Bytes): number {
  return bytes.reduce((value, byte) => Math.min(value * 256 + byte, Number.MAX_SAFE_INTEGER), 0);
}
