/** Our own EXPLAIN: what would come of an offer. */
import { ok } from '../../result.js';
import { readDryRunRequest } from '../door/own-dry-run.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

export const DRY_RUN_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.EXPLAIN,
    {
      needs: PRIVILEGE.base,
      answer(request, admin) {
        const offer = readDryRunRequest(decodeOwn(request));
        return offer === undefined
          ? refuse('REQ_INVALID')
          : ok(encodeOwn(OWN_SERVICE.EXPLAIN, admin.dryRun(offer)));
      },
    },
  ],
];
