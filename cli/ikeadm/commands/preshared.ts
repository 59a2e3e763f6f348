/** `dump preshared`, `get preshared`, `del preshared`. */
import {
  decodePreshared,
  type PresharedEnd,
  type PresharedRecord,
} from '../../../services/admin/door/preshared.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import type { Address } from '../../../services/net/address.js';
import { hostNames } from '../print/address.js';
import { presharedJson, presharedText } from '../print/preshared.js';
import { readPresharedId } from './object-id.js';
import type { ObjectKind } from './objects.js';

export const PRESHARED: ObjectKind<PresharedRecord> = {
  thing: 'preshared key',
  table: 'preshared keys',
  commands: { get: SERVICE.GET_PS, del: SERVICE.DEL_PS, dump: SERVICE.DUMP_PS },
  readId: readPresharedId,
  decode: (body) => decodePreshared(body),
  async text(session, entries) {
    const names = await hostNames(
      session,
      entries.flatMap(({ local, remote }) => [addressOf(local), addressOf(remote)]),
    );
    const { paranoid } = session.options;
    return entries.map((entry) => presharedText(entry, { names, paranoid })).join('');
  },
  json: (session, entry) => presharedJson(entry, session.options.paranoid),
};

/** Only a single address may have a name. */
function addressOf(end: PresharedEnd): Address | undefined {
  return 'identity' in end || end.prefixLength > 0 ? undefined : end.address?.address;
}
