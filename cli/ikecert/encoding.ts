/** `-f`: how certificates and lists leave. The manual writes the words in either case. */
import type { Bytes } from '../../services/bytes.js';
import { wrapPem } from '../../services/certs/pem.js';
import { err, ok, type Result } from '../../services/result.js';

export type Format = 'pem' | 'ber';

export function parseFormat(text: string | undefined): Result<Format, string> {
  const format = (text ?? 'pem').toLowerCase();
  return format === 'pem' || format === 'ber' ? ok(format) : err(`-f is pem or ber, not "${text ?? ''}"`);
}

export function encoded(format: Format, label: string, der: Bytes): string | Bytes {
  return format === 'pem' ? wrapPem(label, der) : der;
}
