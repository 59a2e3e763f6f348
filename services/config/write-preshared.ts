/** Pre-shared keys as the text of an `ike.preshared` (5), as bytes: text cannot be wiped. */
import type { Bytes } from '../bytes.js';
import { familyOf } from '../net/address.js';
import type { PresharedIdentity, PresharedKey } from '../policy/preshared-key.js';
import type { KeyHandle } from '../ports/keys.js';

const HEX = new TextEncoder().encode('0123456789abcdef');

/** Reads back to the same keys in the same order. The caller wipes the result; `bytesOf` gives stored bytes, no copies. */
export function writePreshared(keys: readonly PresharedKey[], bytesOf: (key: KeyHandle) => Bytes): Bytes {
  const text = new TextEncoder();
  const entries = keys.map((key) => ({
    before: text.encode(beforeKey(key)),
    key: bytesOf(key.key),
    after: text.encode(afterKey(key)),
  }));
  const length = entries.reduce(
    (sum, { before, key, after }) => sum + before.length + 2 * key.length + after.length,
    0,
  );
  // Made at its length: a buffer that grew would leave copies of keys behind.
  const written = new Uint8Array(length);
  let offset = 0;
  for (const { before, key, after } of entries) {
    written.set(before, offset);
    offset += before.length;
    for (const byte of key) {
      written[offset++] = HEX[byte >>> 4] ?? 0;
      written[offset++] = HEX[byte & 0xf] ?? 0;
    }
    written.set(after, offset);
    offset += after.length;
  }
  return written;
}

function beforeKey({ local, remote, mode }: PresharedKey): string {
  return [
    '{',
    ...identityLines('local', local),
    ...identityLines('remote', remote),
    ...(mode === 'base' ? [] : [`    ike_mode ${mode}`]),
    '    key ',
  ].join('\n');
}

/** Behind whole bytes no number of bits is needed. */
function afterKey({ bits }: PresharedKey): string {
  return `${bits % 8 === 0 ? '' : `/${String(bits)}`}\n}\n\n`;
}

function identityLines(side: 'local' | 'remote', identity: PresharedIdentity): readonly string[] {
  const { type, value } = identityWords(identity);
  return [`    ${side}idtype ${type}`, `    ${side}id ${value}`];
}

function identityWords(identity: PresharedIdentity): { readonly type: string; readonly value: string } {
  if (!('range' in identity)) return { type: identity.type, value: quoted(identity.text) };
  const { type, range, prefixLength } = identity;
  if (type === 'range')
    return { type: `ipv${String(familyOf(range.begin))}-range`, value: `${range.begin}-${range.end}` };
  const length = prefixLength === undefined ? '' : `/${String(prefixLength)}`;
  return { type: type === 'address' ? 'ip' : 'prefix', value: `${range.begin}${length}` };
}

/** There are no escapes: a text with a quote in it was written without. */
function quoted(text: string): string {
  return text.includes('"') ? text : `"${text}"`;
}
