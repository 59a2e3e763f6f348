/** Our own EVENTS: what happened after what the client has. */
import { ok } from '../../result.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { readEventsRequest } from '../event-batch.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

export const EVENT_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.EVENTS,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        if (admin.eventDesk === undefined) return refuse('CMD_NOTSUP');
        const wanted = readEventsRequest(decodeOwn(request));
        if (wanted === undefined) return refuse('REQ_INVALID');
        return ok(encodeOwn(OWN_SERVICE.EVENTS, await admin.eventDesk.after(wanted.after)));
      },
    },
  ],
];
