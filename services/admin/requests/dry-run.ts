/** Our own EXPLAIN: what would come of an offer. */
import { err, ok } from '../../result.js';
import { readDryRunRequest } from '../door/own-dry-run.js';
import { isPhase2Request, readPhase2DryRunRequest } from '../door/own-dry-run-phase2.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

export const DRY_RUN_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.EXPLAIN,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const asked = decodeOwn(request);
        if (!isPhase2Request(asked)) {
          const offer = readDryRunRequest(asked);
          return offer === undefined
            ? refuse('REQ_INVALID')
            : ok(encodeOwn(OWN_SERVICE.EXPLAIN, admin.dryRun(offer)));
        }
        const offer = readPhase2DryRunRequest(asked);
        if (offer === undefined) return refuse('REQ_INVALID');
        const verdict = await admin.dryRunPhase2(offer);
        return verdict.ok
          ? ok(encodeOwn(OWN_SERVICE.EXPLAIN, verdict.value))
          : err({ name: 'DATA_INVALID', details: [`${verdict.error}.`] });
      },
    },
  ],
];
