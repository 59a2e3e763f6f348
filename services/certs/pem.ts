/** DER out of a file that is DER or PEM (RFC 7468), and PEM out of DER. */
import type { Bytes } from '../bytes.js';
import { err, ok, type Result } from '../result.js';

const SEQUENCE = 0x30;

/** Every block is looked at, so a file is not searched without end. */
const MOST_BLOCKS = 64;

export interface Unwrapped {
  readonly der: Bytes;
  /** Blocks with the right label behind the first. */
  readonly more: number;
}

/** The first block with one of these labels; a file that begins as DER does is DER. The error is a sentence part. */
export function unwrapPem(file: Bytes, labels: readonly string[]): Result<Unwrapped, string> {
  if (file[0] === SEQUENCE) return ok({ der: file, more: 0 });
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  // What stands before may be a PIN, and no text can be wiped.
  const begin = bytes.indexOf('-----BEGIN ');
  const text = begin < 0 ? '' : bytes.toString('latin1', begin);
  const blocks = [...blocksOf(text)];
  const wanted = blocks.filter(({ label }) => labels.includes(label));
  const [first] = wanted;
  if (first !== undefined) {
    return first.base64 === undefined
      ? err(`its ${first.label} block is no base64`)
      : ok({ der: Buffer.from(first.base64, 'base64'), more: wanted.length - 1 });
  }
  const [other] = blocks;
  return err(
    other === undefined
      ? 'it is neither DER nor PEM'
      : `it holds a PEM block ${other.label}, not ${labels.map((label) => `\`${label}\``).join(' or ')}`,
  );
}

function* blocksOf(text: string): Generator<{ readonly label: string; readonly base64: string | undefined }> {
  let from = 0;
  for (let count = 0; count < MOST_BLOCKS; count++) {
    const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;
    begin.lastIndex = from;
    const match = begin.exec(text);
    const label = match?.[1];
    if (match === null || label === undefined) return;
    const start = begin.lastIndex;
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end < 0) return;
    const base64 = text.slice(start, end).replace(/\s+/g, '');
    yield { label, base64: /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? base64 : undefined };
    from = end;
  }
}

/** With the final newline; lines of 64 characters. */
export function wrapPem(label: string, der: Bytes): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}
