/**
 * Our own INSPECT_SET: the inspector's page, on and off. It needs `base` only: the page shows no keys, and what is
 * encrypted at `keymat` only.
 */
import { err, ok } from '../../result.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { readInspectorWish } from '../inspector.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

export const INSPECTOR_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.INSPECT_SET,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const wish = readInspectorWish(decodeOwn(request));
        if (wish === undefined) return refuse('REQ_INVALID');
        if (admin.inspector === undefined) return refuse('CMD_NOTSUP');
        if (wish.state === 'off')
          return ok(encodeOwn(OWN_SERVICE.INSPECT_SET, await admin.inspector.close()));
        const opened = await admin.inspector.open(wish.place);
        return opened.ok
          ? ok(encodeOwn(OWN_SERVICE.INSPECT_SET, opened.value))
          : err({ name: 'DATA_INVALID', details: [opened.error] });
      },
    },
  ],
];
