/** `dump p1`, `get p1`, `del p1`. */
import { decodePhase1Sa, type Phase1SaRecord } from '../../../services/admin/door/phase1-sa.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { hostNames } from '../print/address.js';
import { phase1Json } from '../print/phase1-json.js';
import { phase1Text } from '../print/phase1.js';
import { readPhase1Id } from './object-id.js';
import type { ObjectKind } from './objects.js';

export const PHASE1: ObjectKind<Phase1SaRecord> = {
  thing: 'phase 1 SA',
  table: 'phase 1 SA info',
  commands: { get: SERVICE.GET_P1, del: SERVICE.DEL_P1, dump: SERVICE.DUMP_P1S },
  readId: readPhase1Id,
  decode: (body) => decodePhase1Sa(body),
  async text(session, sas) {
    const addresses = sas.flatMap(({ addresses: { local, remote } }) => [local?.address, remote?.address]);
    const printing = {
      names: await hostNames(session, addresses),
      paranoid: session.options.paranoid,
      now: session.world.now(),
    };
    return sas.map((sa) => phase1Text(sa, printing)).join('');
  },
  json: (session, sa) => phase1Json(sa, session.options.paranoid),
};
