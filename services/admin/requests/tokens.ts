/** SET_PIN, DEL_PIN: a PKCS#11 token is unlocked and locked again. Open to callers that may do nothing else. */
import type { Bytes } from '../../bytes.js';
import { ok } from '../../result.js';
import { PIN } from '../door/heads.js';
import { SERVICE } from '../door/service.js';
import { textOf } from '../../c-structure.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { refuse, type Handler } from './answer.js';

export const TOKEN_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    SERVICE.SET_PIN,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const asked = readPin(request);
        if (asked === undefined) return refuse('REQ_INVALID');
        try {
          if (asked.label === '') return refuse('DATA_INVALID');
          const done = await admin.loginToken(asked.label, asked.pin);
          return done.ok ? ok(reply(SERVICE.SET_PIN)) : done;
        } finally {
          asked.pin.fill(0);
        }
      },
    },
  ],
  [
    SERVICE.DEL_PIN,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const asked = readPin(request);
        if (asked === undefined) return refuse('REQ_INVALID');
        asked.pin.fill(0);
        if (asked.label === '') return refuse('DATA_INVALID');
        const done = await admin.logoutToken(asked.label);
        return done.ok ? ok(reply(SERVICE.DEL_PIN)) : done;
      },
    },
  ],
];

/**
 * The label ends at a NUL or with its field, which PKCS#11 fills up with blanks; the PIN likewise ends at a NUL. It is a
 * copy, and the request is wiped of it.
 */
function readPin(request: Bytes): { readonly label: string; readonly pin: Bytes } | undefined {
  const head = request.length === PIN.size ? PIN.read(request) : undefined;
  if (head === undefined) return undefined;
  const area = head.area('pin');
  const end = area.indexOf(0);
  const pin = Uint8Array.from(end < 0 ? area : area.subarray(0, end));
  area.fill(0);
  return { label: textOf(head.area('token')).trimEnd(), pin };
}

/** Without label and PIN. */
function reply(cmd: number): Bytes {
  return PIN.encode({ cmd, reserved: 0 }, { token: new Uint8Array(0), pin: new Uint8Array(0) });
}
