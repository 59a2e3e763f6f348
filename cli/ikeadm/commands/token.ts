/** `token login LABEL`, `token logout LABEL`. The PIN comes from the terminal without echo, or from a pipe. */
import { PIN, TOKEN_LABEL_LENGTH } from '../../../services/admin/door/heads.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { NO_BYTES, type Bytes } from '../../../services/bytes.js';
import { err, ok, type Result } from '../../../services/result.js';
import { LONGEST_PIN } from '../console/console.js';
import { bail, bailMessage, doorError, failed, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

export async function loginToken(session: Session, [label]: readonly string[]): Promise<Outcome> {
  const token = tokenLabel('login', label);
  if (!token.ok) return token.error;
  const pin = await session.world.console.secret(`Enter PIN for PKCS#11 token '${label ?? ''}': `);
  // An empty PIN would be counted by the token as a wrong one, and wrong ones lock it.
  if (pin === undefined || pin.length === 0) return bailMessage('No PIN was given.');
  try {
    if (pin.length > LONGEST_PIN) return bailMessage(`A PIN has at most ${String(LONGEST_PIN)} bytes.`);
    if (pin.includes(0)) return bailMessage('A PIN cannot hold a NUL byte.');
    return await operation(session, SERVICE.SET_PIN, token.value, pin);
  } finally {
    pin.fill(0);
  }
}

export async function logoutToken(session: Session, [label]: readonly string[]): Promise<Outcome> {
  const token = tokenLabel('logout', label);
  return token.ok ? operation(session, SERVICE.DEL_PIN, token.value, NO_BYTES) : token.error;
}

async function operation(session: Session, cmd: number, token: Bytes, pin: Bytes): Promise<Outcome> {
  const request = PIN.encode({ cmd, reserved: 0 }, { token, pin });
  const reply = await session.call(request);
  request.fill(0);
  if (!reply.ok) return failed(doorError('PKCS#11 operation', reply.error, { form: 'bail_msg' }));
  return { notice: 'PKCS#11 operation successful', json: { successful: true } };
}

/** At most 31 bytes: the field ends with a NUL. The daemon pads it with blanks, as tokens do. */
function tokenLabel(verb: 'login' | 'logout', label = ''): Result<Bytes, Outcome> {
  if (label === '') return err(bail('Must specify PKCS#11 token object.'));
  const bytes = new Uint8Array(Buffer.from(label, 'utf8'));
  return bytes.length < TOKEN_LABEL_LENGTH ? ok(bytes) : err(bail(`Invalid syntax for "token ${verb}"`));
}
