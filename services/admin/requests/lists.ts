/** DUMP_GROUPS, DUMP_ENCRALGS, DUMP_AUTHALGS: what Phase 1 can use here. */
import { CIPHER_NUMBERS, groupName, groupStrength, HASH_NUMBERS } from '../algorithm-numbers.js';
import { ok } from '../../result.js';
import type { Listed } from '../listing.js';
import { encodeCipher, encodeGroup, encodeHash } from '../door/lists.js';
import { SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { dumpHandler, type Handler } from './answer.js';

export const LIST_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    SERVICE.DUMP_GROUPS,
    dumpHandler(
      SERVICE.DUMP_GROUPS,
      PRIVILEGE.base,
      (from, admin) => entryAt(admin.algorithms().groups, from),
      (number) => ok(encodeGroup({ number, bits: groupStrength(number), label: groupName(number) })),
    ),
  ],
  [
    SERVICE.DUMP_ENCRALGS,
    dumpHandler(
      SERVICE.DUMP_ENCRALGS,
      PRIVILEGE.base,
      (from, admin) => entryAt(admin.algorithms().ciphers, from),
      ({ cipher, keyBits }) => {
        const { ike, name } = CIPHER_NUMBERS[cipher];
        return ok(
          encodeCipher({ value: ike, name, shortest: keyBits?.low ?? 0, longest: keyBits?.high ?? 0 }),
        );
      },
    ),
  ],
  [
    SERVICE.DUMP_AUTHALGS,
    dumpHandler(
      SERVICE.DUMP_AUTHALGS,
      PRIVILEGE.base,
      (from, admin) => entryAt(admin.algorithms().hashes, from),
      (hash) => ok(encodeHash({ value: HASH_NUMBERS[hash].ike, name: HASH_NUMBERS[hash].name })),
    ),
  ],
];

function entryAt<T>(entries: readonly T[], from: number): Listed<T> | undefined {
  const entry = entries[from];
  if (entry === undefined) return undefined;
  return { entry, next: from + 1 < entries.length ? from + 1 : undefined };
}
