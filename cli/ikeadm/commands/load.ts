/** `get load`, ours: how much is asked of in.iked, what it refuses for it, and how its workers share it. */
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { readLoad } from '../../../services/admin/load.js';
import { doorError, failed, type Outcome } from '../outcome.js';
import { loadText } from '../print/load.js';
import type { Session } from '../session.js';

export async function getLoad(session: Session): Promise<Outcome> {
  const doing = 'error getting load';
  const reply = await session.call(encodeOwn(OWN_SERVICE.LOAD, {}));
  if (!reply.ok) return failed(doorError(doing, reply.error));
  const workers = readLoad(decodeOwn(reply.value));
  if (workers === undefined)
    return failed(doorError(doing, { kind: 'unreadable', why: 'it holds no counters' }));
  return { text: loadText(workers), json: { workers } };
}
