/** Keys of Phase 1 as Wireshark keeps them, `ikev1_decryption_table`: the initiator's cookie and the key of the cipher. */
import type { Bytes } from '../bytes.js';
import { fromHex } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import type { OfferFault } from './offer.js';

/** Keys by cookies, 16 hexadecimal digits. */
export type KeyTable = ReadonlyMap<string, Bytes>;

/** Wireshark itself quotes what it writes; `#` begins a comment. No fault holds a key. */
const LINE = /^"?(?:0x)?([0-9a-f]{16})"?,"?(?:0x)?((?:[0-9a-f]{2})+)"?$/i;

export function readKeyTable(text: string): Result<KeyTable, OfferFault> {
  const table = new Map<string, Bytes>();
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.replace(/\s/g, '');
    if (line === '' || line.startsWith('#')) continue;
    const [, cookie, key] = LINE.exec(line) ?? [];
    if (cookie === undefined || key === undefined)
      return err({
        where: `line ${String(index + 1)}`,
        problem:
          'it is not the cookie of an initiator, 16 hexadecimal digits, a comma and a key in hexadecimal, as "ikeadm record export ID keys FILE" writes it',
      });
    table.set(cookie.toLowerCase(), fromHex(key));
  }
  if (table.size === 0) return err({ where: 'the file', problem: 'there is no key in it' });
  return ok(table);
}
