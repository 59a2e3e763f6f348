/** Keys of Phase 1 as Wireshark keeps them, `ikev1_decryption_table`: the initiator's cookie and the key of the cipher. */
import type { KeyHandle, Keys } from '../ports/keys.js';
import { err, ok, type Result } from '../result.js';
import type { OfferFault } from './offer.js';

/** Keys by cookies, 16 hexadecimal digits. */
export type KeyTable = ReadonlyMap<string, KeyHandle>;

/** Wireshark itself quotes what it writes; `#` begins a comment. No fault holds a key. */
const LINE = /^"?(?:0x)?([0-9a-f]{16})"?,"?(?:0x)?((?:[0-9a-f]{2})+)"?$/i;

/** The last line of a cookie counts. The caller erases the keys of the table; of one that is refused none stays. */
export function readKeyTable(text: string, keys: Keys): Result<KeyTable, OfferFault> {
  const table = new Map<string, KeyHandle>();
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.replace(/\s/g, '');
    if (line === '' || line.startsWith('#')) continue;
    const [, digits, key] = LINE.exec(line) ?? [];
    if (digits === undefined || key === undefined) {
      for (const earlier of table.values()) keys.erase(earlier);
      return err({
        where: `line ${String(index + 1)}`,
        problem:
          'it is not the cookie of an initiator, 16 hexadecimal digits, a comma and a key in hexadecimal, as "ikeadm record export ID keys FILE" writes it',
      });
    }
    const cookie = digits.toLowerCase();
    const replaced = table.get(cookie);
    if (replaced !== undefined) keys.erase(replaced);
    table.set(cookie, kept(key, keys));
  }
  if (table.size === 0) return err({ where: 'the file', problem: 'there is no key in it' });
  return ok(table);
}

/** Wipes the only copy on the way. */
function kept(digits: string, keys: Keys): KeyHandle {
  const bytes = Buffer.from(digits, 'hex');
  const key = keys.put(bytes);
  bytes.fill(0);
  return key;
}
