/** `doctor [--fix]`, ours: where in.iked, its kernel and its peers disagree about SAs. Status 1 when something stale is left. */
import { readDiagnosis } from '../../../services/admin/door/own-doctor.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { doorError, failed, type Outcome, usageError } from '../outcome.js';
import { diagnosisText } from '../print/diagnosis.js';
import type { Session } from '../session.js';

export const FIX = '--fix';

export async function doctor(session: Session, args: readonly string[]): Promise<Outcome> {
  const [word, ...more] = args;
  if ((word !== undefined && word !== FIX) || more.length > 0)
    return usageError(`doctor takes ${FIX} or nothing`);
  const doing = 'error looking for stale SAs';
  const reply = await session.call(encodeOwn(OWN_SERVICE.DOCTOR, { fix: word === FIX }));
  if (!reply.ok) return failed(doorError(doing, reply.error));
  const diagnosis = readDiagnosis(decodeOwn(reply.value));
  if (diagnosis === undefined)
    return failed(doorError(doing, { kind: 'unreadable', why: 'it holds no diagnosis' }));
  const text = diagnosisText(diagnosis);
  if (diagnosis.healthy) return { text, json: diagnosis };
  const left = diagnosis.findings.filter(({ repair }) => repair !== 'done').length;
  const error = { form: 'message', text: `${String(left)} stale`, exit: 1 } as const;
  return { text, json: diagnosis, error };
}
