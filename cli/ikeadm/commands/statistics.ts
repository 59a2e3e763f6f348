/** `get stats`, `get defaults`. */
import { decodeDefaults, DEFAULTS } from '../../../services/admin/door/defaults.js';
import { DEFREQ, STATREQ } from '../../../services/admin/door/heads.js';
import { DOOR_VERSION, SERVICE } from '../../../services/admin/door/service.js';
import { decodeStatistics } from '../../../services/admin/door/statistics.js';
import { doorError, failed, type Outcome } from '../outcome.js';
import { defaultsJson, defaultsText } from '../print/defaults.js';
import { statisticsJson, statisticsText } from '../print/statistics.js';
import type { Session } from '../session.js';

export async function getStatistics(session: Session): Promise<Outcome> {
  const reply = await session.call(STATREQ.encode({ cmd: SERVICE.GET_STATS, length: 0 }, {}));
  if (!reply.ok) return failed(doorError('error getting stats', reply.error));
  const statistics = decodeStatistics(reply.value, STATREQ.size);
  if (!statistics)
    return failed(doorError('error getting stats', { kind: 'unreadable', why: 'it is too short' }));
  return { text: statisticsText(statistics), json: statisticsJson(statistics) };
}

/** DEVIATION: a reply of another version is an error here; the original prints nothing at all. */
export async function getDefaults(session: Session): Promise<Outcome> {
  const doing = 'error getting defaults';
  const request = DEFREQ.encode({ cmd: SERVICE.GET_DEFS, length: 0, version: DOOR_VERSION, reserved: 0 }, {});
  const reply = await session.call(request);
  if (!reply.ok) return failed(doorError(doing, reply.error));
  const version = DEFREQ.read(reply.value)?.number('version');
  const builtIn = decodeDefaults(reply.value, DEFREQ.size);
  const inUse = decodeDefaults(reply.value, DEFREQ.size + DEFAULTS.size);
  if (version !== DOOR_VERSION || !builtIn || !inUse) {
    const why = version === DOOR_VERSION ? 'it is too short' : 'its version is another one';
    return failed(doorError(doing, { kind: 'unreadable', why }));
  }
  return { text: defaultsText(builtIn, inUse), json: defaultsJson(builtIn, inUse) };
}
