/** `dump p1`, `get p1`, `del p1`, `flush p1`. */
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { FLUSH, GET } from '../../../services/admin/door/heads.js';
import { decodePhase1Sa, type Phase1SaRecord } from '../../../services/admin/door/phase1-sa.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { doorError, failed, type CommandError, type DoorTrouble, type Outcome } from '../outcome.js';
import { hostNames } from '../print/address.js';
import { phase1Json } from '../print/phase1-json.js';
import { phase1Text } from '../print/phase1.js';
import type { Session } from '../session.js';
import { parsePhase1Id, phase1Request } from './phase1-id.js';

const NAME = 'phase 1 SA info';

export async function dumpPhase1(session: Session): Promise<Outcome> {
  const { entries, trouble } = await session.dump(SERVICE.DUMP_P1S, (body) => decodePhase1Sa(body));
  const text = await phase1Blocks(session, entries);
  if (trouble) return { text, error: doorError(`error getting ${NAME}`, trouble) };
  return { text: `${text}\nCompleted dump of ${NAME}\n`, json: phase1List(session, entries) };
}

export async function getPhase1(session: Session, args: readonly string[]): Promise<Outcome> {
  const matches = await parsePhase1Id(session, args);
  if (!matches.ok) return matches.error;
  const found: Phase1SaRecord[] = [];
  let error: CommandError | undefined;
  for (const match of matches.value) {
    const reply = await session.call(phase1Request(SERVICE.GET_P1, match));
    const sa = reply.ok ? decodePhase1Sa(reply.value, GET.size) : undefined;
    if (sa?.ok === true) found.push(sa.value);
    else error = objectError('getting', reply.ok ? unreadable(sa?.error) : reply.error);
  }
  if (found.length === 0 && error) return failed(error);
  return { text: await phase1Blocks(session, found), json: phase1List(session, found) };
}

export async function deletePhase1(session: Session, args: readonly string[]): Promise<Outcome> {
  const matches = await parsePhase1Id(session, args);
  if (!matches.ok) return matches.error;
  let deleted = 0;
  let error: CommandError | undefined;
  for (const match of matches.value) {
    const reply = await session.call(phase1Request(SERVICE.DEL_P1, match));
    if (reply.ok) deleted++;
    else error = objectError('deleting', reply.error);
  }
  if (deleted === 0 && error) return failed(error);
  return { notice: 'Successfully deleted selected phase 1 SA.', json: { deleted: true } };
}

export async function flushPhase1(session: Session): Promise<Outcome> {
  const reply = await session.call(FLUSH.encode({ cmd: SERVICE.FLUSH_P1S }, {}));
  if (!reply.ok) return failed(doorError('error doing flush', reply.error));
  return { notice: 'Successfully flushed P1 SAs.', json: { flushed: true } };
}

async function phase1Blocks(session: Session, sas: readonly Phase1SaRecord[]): Promise<string> {
  if (session.options.json) return '';
  const addresses = sas.flatMap(({ addresses: { local, remote } }) => [local?.address, remote?.address]);
  const printing = {
    names: await hostNames(session, addresses),
    paranoid: session.options.paranoid,
    now: session.world.now(),
  };
  return sas.map((sa) => phase1Text(sa, printing)).join('');
}

function phase1List(session: Session, sas: readonly Phase1SaRecord[]): readonly object[] {
  return sas.map((sa) => phase1Json(sa, session.options.paranoid));
}

/** The exit code after a refusal about one object is 0, as the original's. */
function objectError(doing: 'getting' | 'deleting', trouble: DoorTrouble): CommandError {
  const error = doorError(`error ${doing} phase 1 SA`, trouble, 0);
  const missing = trouble.kind === 'refused' && trouble.code === DOOR_ERROR.NO_OBJ;
  return missing ? { ...error, text: 'Could not find requested phase 1 SA.' } : error;
}

function unreadable(why = 'it is too short'): DoorTrouble {
  return { kind: 'unreadable', why };
}
