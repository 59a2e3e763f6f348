/** `get` and `del` of one object, `dump` of all: alike for Phase 1 SAs, rules and pre-shared keys. */
import { GET } from '../../../services/admin/door/heads.js';
import type { Bytes } from '../../../services/bytes.js';
import type { Result } from '../../../services/result.js';
import { doorError, failed, objectError, unreadable, type CommandError, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { objectRequest, type ReadObjectId } from './object-id.js';

export interface ObjectKind<T> {
  /** As in `Could not find requested policy rule.` */
  readonly thing: string;
  /** As in `Completed dump of policy rules`. */
  readonly table: string;
  readonly commands: { readonly get: number; readonly del: number; readonly dump: number };
  readonly readId: ReadObjectId;
  /** The error says what cannot be read. */
  decode(body: Bytes): Result<T, string>;
  /** Blocks of whole lines, each of which begins with an empty one. */
  text(session: Session, entries: readonly T[]): Promise<string>;
  json(session: Session, entry: T): object;
}

export async function getObject<T>(
  kind: ObjectKind<T>,
  session: Session,
  words: readonly string[],
): Promise<Outcome> {
  const ids = await kind.readId(session, words);
  if (!ids.ok) return ids.error;
  const found: T[] = [];
  let error: CommandError | undefined;
  for (const id of ids.value) {
    const reply = await session.call(objectRequest(kind.commands.get, id));
    const entry = reply.ok ? kind.decode(reply.value.subarray(GET.size)) : undefined;
    if (entry?.ok === true) found.push(entry.value);
    else error = objectError('getting', kind.thing, reply.ok ? unreadable(entry?.error) : reply.error);
  }
  if (found.length === 0 && error) return failed(error);
  return shown(kind, session, found);
}

export async function deleteObject<T>(
  kind: ObjectKind<T>,
  session: Session,
  words: readonly string[],
): Promise<Outcome> {
  const ids = await kind.readId(session, words);
  if (!ids.ok) return ids.error;
  let deleted = 0;
  let error: CommandError | undefined;
  for (const id of ids.value) {
    const reply = await session.call(objectRequest(kind.commands.del, id));
    if (reply.ok) deleted++;
    else error = objectError('deleting', kind.thing, reply.error);
  }
  if (deleted === 0 && error) return failed(error);
  return { notice: `Successfully deleted selected ${kind.thing}.`, json: { deleted: true } };
}

export async function dumpObjects<T>(kind: ObjectKind<T>, session: Session): Promise<Outcome> {
  return dumpTable({ ...kind, command: kind.commands.dump }, session);
}

/** A table whose entries cannot be named one by one is one of this only. */
export async function dumpTable<T>(
  kind: Pick<ObjectKind<T>, 'table' | 'decode' | 'text' | 'json'> & { readonly command: number },
  session: Session,
): Promise<Outcome> {
  const { entries, trouble } = await session.dump(kind.command, (body) => kind.decode(body));
  const { text, json } = await shown(kind, session, entries);
  if (trouble) return { text, error: doorError(`error getting ${kind.table}`, trouble) };
  return { text: `${text}\nCompleted dump of ${kind.table}\n`, json };
}

async function shown<T>(
  kind: Pick<ObjectKind<T>, 'text' | 'json'>,
  session: Session,
  entries: readonly T[],
): Promise<{ readonly text: string; readonly json: readonly object[] }> {
  return {
    // Names are looked up for the text only, and that may take its time.
    text: session.options.json ? '' : await kind.text(session, entries),
    json: entries.map((entry) => kind.json(session, entry)),
  };
}
