/** Our own LOAD: how much is asked of the daemon. */
import { ok } from '../../result.js';
import { encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import type { Handler } from './answer.js';

export const LOAD_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.LOAD,
    {
      needs: PRIVILEGE.base,
      answer: (_request, admin) => ok(encodeOwn(OWN_SERVICE.LOAD, [admin.load()])),
    },
  ],
];
