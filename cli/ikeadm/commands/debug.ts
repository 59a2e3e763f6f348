/** `get debug`, `set debug level [file]`. */
import { categoriesIn, parseDebugLevel } from '../../../services/admin/debug-levels.js';
import { DBG } from '../../../services/admin/door/heads.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE, SERVICE } from '../../../services/admin/door/service.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bail, bailMessage, doorError, failed, type DoorTrouble, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

export async function getDebug(session: Session): Promise<Outcome> {
  const reply = await session.call(DBG.encode({ cmd: SERVICE.GET_DBG, level: 0 }, {}));
  const head = reply.ok ? DBG.read(reply.value) : undefined;
  if (!head) return failed(doorError('error getting debug level', troubleOf(reply)));
  const level = head.number('level');
  return {
    text: `Current debug level is 0x${level.toString(16)}\n${categoriesText(level)}`,
    json: { level, categories: categoryNames(level) },
  };
}

export async function setDebug(
  session: Session,
  [levelText, file, ...more]: readonly string[],
): Promise<Outcome> {
  if (levelText === undefined) return bail('unspecified level');
  if (more.length > 0) return bail('Too many arguments to "set debug"');
  const level = parseDebugLevel(levelText);
  if (!level.ok) return bailMessage(`Bad debug flag: ${level.error}`);
  const done = await changed(session, level.value, file);
  if (!done.ok) {
    return typeof done.error === 'string'
      ? failed({ form: 'bail_errno', text: done.error, exit: 1 })
      : failed(doorError('error setting debug level', done.error));
  }
  const change = `from 0x${done.value.toString(16)} to 0x${level.value.toString(16)}`;
  return {
    text: `Successfully changed debug level ${change}\n${categoriesText(level.value)}`,
    json: { old: done.value, new: level.value, categories: categoryNames(level.value) },
  };
}

/** The old level. */
async function changed(
  session: Session,
  level: number,
  file: string | undefined,
): Promise<Result<number, DoorTrouble | string>> {
  if (file === undefined) {
    const reply = await session.call(DBG.encode({ cmd: SERVICE.SET_DBG, level }, {}));
    const head = reply.ok ? DBG.read(reply.value) : undefined;
    return head ? ok(head.number('level')) : err(troubleOf(reply));
  }
  const path = await session.world.createDebugFile(file);
  if (!path.ok) return path;
  const reply = await session.call(encodeOwn(OWN_SERVICE.SET_DEBUG_FILE, { level, file: path.value }));
  if (!reply.ok) return reply;
  const answer = decodeOwn(reply.value);
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'level' in answer &&
    typeof answer.level === 'number'
  ) {
    return ok(answer.level);
  }
  return err({ kind: 'unreadable', why: 'it holds no level' });
}

function troubleOf(reply: Result<unknown, DoorTrouble>): DoorTrouble {
  return reply.ok ? { kind: 'unreadable', why: 'it is too short' } : reply.error;
}

function categoriesText(level: number): string {
  const categories = categoriesIn(level);
  if (categories.length === 0) return 'No debug categories enabled.\n';
  return `Debug categories enabled:\n${categories.map(({ text }) => `\t${text}\n`).join('')}`;
}

function categoryNames(level: number): readonly string[] {
  return categoriesIn(level).map(({ category }) => category);
}
