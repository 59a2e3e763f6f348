/** Our own DOCTOR: what is stale, and its repair. */
import { err, ok } from '../../result.js';
import { readDoctorRequest } from '../door/own-doctor.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

export const DOCTOR_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.DOCTOR,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const wanted = readDoctorRequest(decodeOwn(request));
        if (wanted === undefined) return refuse('REQ_INVALID');
        if (wanted.fix && admin.privilege() < PRIVILEGE.modkeys) return refuse('NO_PRIV');
        const found = await admin.examine(wanted.fix);
        return found.ok
          ? ok(encodeOwn(OWN_SERVICE.DOCTOR, found.value))
          : err({ name: 'SYS_ERR', details: [found.error] });
      },
    },
  ],
];
