/** Our own UP: negotiate as if a packet had asked, and say how it went. */
import { familyOf } from '../../net/address.js';
import { ok } from '../../result.js';
import { decodeOwn, encodeOwn, readUpRequest } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { refuse, type Handler } from './answer.js';

export const UP_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.UP,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const wanted = readUpRequest(decodeOwn(request));
        if (wanted === undefined) return refuse('REQ_INVALID');
        if (familyOf(wanted.source) !== familyOf(wanted.destination)) return refuse('ID_INVALID');
        return ok(encodeOwn(OWN_SERVICE.UP, await admin.up(wanted)));
      },
    },
  ],
];
