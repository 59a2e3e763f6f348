/** GET_P1, DEL_P1, DUMP_P1S, FLUSH_P1S. */
import { concat, type Bytes } from '../../bytes.js';
import { err, ok, type Result } from '../../result.js';
import type { Administration, Phase1Match, Phase1SaView } from '../administration.js';
import { ADDRESS_PAIR_LENGTH, decodeAddressPair } from '../door/address-pair.js';
import { COOKIE_PAIR_LENGTH, decodeRequestCookies } from '../door/cookie-pair.js';
import type { DoorError } from '../door/door-error.js';
import { DEL, FLUSH, GET, ID_TYPE } from '../door/heads.js';
import { encodePhase1Sa } from '../door/phase1-sa.js';
import { SERVICE } from '../door/service.js';
import { phase1Record } from '../phase1-record.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { dumpHandler, refuse, type Handler } from './answer.js';

export const PHASE1_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    SERVICE.DUMP_P1S,
    dumpHandler(
      SERVICE.DUMP_P1S,
      PRIVILEGE.base,
      (from, admin) => admin.phase1From(from, mayShowKeys(admin)),
      (view) => ok(encodedView(view)),
    ),
  ],
  [
    SERVICE.GET_P1,
    {
      needs: PRIVILEGE.base,
      answer(request, admin) {
        const match = requestedMatch(request);
        if (!match.ok) return match;
        const view = admin.findPhase1(match.value, mayShowKeys(admin));
        if (view === undefined) return refuse('NO_OBJ');
        const body = encodedView(view);
        const head = GET.encode(
          { cmd: SERVICE.GET_P1, length: GET.size + body.length, idType: 0, reserved: 0 },
          {},
        );
        return ok(concat(head, body));
      },
    },
  ],
  [
    SERVICE.DEL_P1,
    {
      needs: PRIVILEGE.base,
      answer(request, admin) {
        const match = requestedMatch(request);
        if (!match.ok) return match;
        if (admin.deletePhase1(match.value) === 0) return refuse('NO_OBJ');
        return ok(DEL.encode({ cmd: SERVICE.DEL_P1, length: DEL.size, idType: 0, reserved: 0 }, {}));
      },
    },
  ],
  [
    SERVICE.FLUSH_P1S,
    {
      needs: PRIVILEGE.base,
      answer(_request, admin) {
        admin.flushPhase1();
        return ok(FLUSH.encode({ cmd: SERVICE.FLUSH_P1S }, {}));
      },
    },
  ],
];

function mayShowKeys(admin: Administration): boolean {
  return admin.privilege() >= PRIVILEGE.keymat;
}

/** Encodes and wipes: after this the view's copies of the keys are zero. */
function encodedView(view: Phase1SaView): Bytes {
  const body = encodePhase1Sa(phase1Record(view), view.local, view.remote);
  for (const key of view.keys ?? []) key.bytes.fill(0);
  return body;
}

/** GET and DEL have one shape. */
function requestedMatch(request: Bytes): Result<Phase1Match, DoorError> {
  const head = GET.read(request);
  if (head?.number('length') !== request.length) return err({ name: 'REQ_INVALID' });
  const id = request.subarray(GET.size);
  switch (head.number('idType')) {
    case ID_TYPE.ADDR_PAIR: {
      const pair = id.length === ADDRESS_PAIR_LENGTH ? decodeAddressPair(id) : undefined;
      return pair?.local && pair.remote
        ? ok({ local: pair.local.address, remote: pair.remote.address })
        : err({ name: 'ID_INVALID' });
    }
    case ID_TYPE.CKY_PAIR: {
      const pair = id.length === COOKIE_PAIR_LENGTH ? decodeRequestCookies(id) : undefined;
      return pair ? ok(pair) : err({ name: 'ID_INVALID' });
    }
    default:
      return err({ name: 'ID_INVALID' });
  }
}
