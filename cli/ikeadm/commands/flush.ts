/** `flush p1`, `flush certcache`. */
import { FLUSH } from '../../../services/admin/door/heads.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { doorError, failed, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

export function flushPhase1(session: Session): Promise<Outcome> {
  return flush(session, SERVICE.FLUSH_P1S, 'P1 SAs');
}

/** The daemon also reads again which certificates, revocation lists and private keys there are. */
export function flushCertificates(session: Session): Promise<Outcome> {
  return flush(session, SERVICE.FLUSH_CERTCACHE, 'cert cache');
}

async function flush(session: Session, cmd: number, what: string): Promise<Outcome> {
  const reply = await session.call(FLUSH.encode({ cmd }, {}));
  if (!reply.ok) return failed(doorError('error doing flush', reply.error));
  return { notice: `Successfully flushed ${what}.`, json: { flushed: true } };
}
