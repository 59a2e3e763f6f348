/** `dbg rbdump`, which the manual does not name: the daemon writes its rules to its debug output. */
import { CMD } from '../../../services/admin/door/heads.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { doorError, failed, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

export async function dumpRuleBase(session: Session): Promise<Outcome> {
  const reply = await session.call(CMD.encode({ cmd: SERVICE.DBG_RBDUMP }, {}));
  if (!reply.ok) return failed(doorError('error dumping rulebase', reply.error));
  return { notice: 'Successfully dumped rulebase; check iked dbg', json: { dumped: true } };
}
