/** Our own RECORD_LIST, RECORD_READ and RECORD_SET: the flight recorder. */
import { err, ok } from '../../result.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { readRecordingState, readRecordRequest } from '../recorder.js';
import { type Handler, refuse } from './answer.js';

export const RECORDER_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.RECORD_LIST,
    {
      needs: PRIVILEGE.base,
      async answer(_request, admin) {
        if (admin.recorder === undefined) return refuse('CMD_NOTSUP');
        return ok(encodeOwn(OWN_SERVICE.RECORD_LIST, await admin.recorder.status()));
      },
    },
  ],
  [
    OWN_SERVICE.RECORD_READ,
    {
      needs: PRIVILEGE.base,
      answer(request, admin) {
        const wanted = readRecordRequest(decodeOwn(request));
        if (wanted === undefined) return refuse('REQ_INVALID');
        if (wanted.secrets && admin.privilege() < PRIVILEGE.keymat) return refuse('NO_PRIV');
        if (admin.recorder === undefined) return refuse('CMD_NOTSUP');
        const text = admin.recorder.text(wanted.id, wanted.secrets);
        if (text.ok) return ok(encodeOwn(OWN_SERVICE.RECORD_READ, { text: text.value }));
        if (text.error === 'unknown') return refuse('NO_OBJ');
        return err({
          name: 'DATA_INVALID',
          details: [
            `${wanted.id} was recorded without secrets. "ikeadm record on --with-secrets" records them from then on; or leave --with-secrets out.`,
          ],
        });
      },
    },
  ],
  [
    OWN_SERVICE.RECORD_SET,
    {
      needs: PRIVILEGE.base,
      answer(request, admin) {
        const state = readRecordingState(decodeOwn(request));
        if (state === undefined) return refuse('REQ_INVALID');
        if (state === 'with secrets' && admin.privilege() < PRIVILEGE.keymat) return refuse('NO_PRIV');
        if (admin.recorder === undefined) return refuse('CMD_NOTSUP');
        admin.recorder.set(state);
        return ok(encodeOwn(OWN_SERVICE.RECORD_SET, { state }));
      },
    },
  ],
];
