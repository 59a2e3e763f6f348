/** `get debug`, `set debug level [file]`. */
import { resolve } from 'node:path';
import { categoriesIn, parseDebugLevel } from '../../../services/admin/debug-levels.js';
import { DBG } from '../../../services/admin/door/heads.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE, SERVICE } from '../../../services/admin/door/service.js';
import type { OperatorFile } from '../files.js';
import { bail, bailErrno, bailMessage, doorError, failed, unreadable, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

const SETTING = 'error setting debug level';

export async function getDebug(session: Session): Promise<Outcome> {
  const reply = await session.call(DBG.encode({ cmd: SERVICE.GET_DBG, level: 0 }, {}));
  const head = reply.ok ? DBG.read(reply.value) : undefined;
  if (!head) {
    return failed(doorError('error getting debug level', reply.ok ? unreadable() : reply.error));
  }
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
  return file === undefined ? setLevel(session, level.value, []) : setFile(session, level.value, file);
}

/** The daemon goes on with the file where this end leaves it. */
async function setFile(session: Session, level: number, path: string): Promise<Outcome> {
  const passes = await session.passesFiles();
  if (!passes.ok) return failed(doorError(SETTING, passes.error));
  const file = await session.world.files.forAppending(path);
  if (!file.ok) return bailErrno(`open user-specified file: ${file.error}`);
  try {
    if (passes.value) return await setLevel(session, level, [file.value]);
    const reply = await session.call(encodeOwn(OWN_SERVICE.SET_DEBUG_FILE, { level, file: resolve(path) }));
    const answer = reply.ok ? decodeOwn(reply.value) : undefined;
    if (typeof answer !== 'object' || answer === null || !('level' in answer)) {
      return failed(doorError(SETTING, reply.ok ? unreadable('it holds no level') : reply.error));
    }
    return changed(Number(answer.level), level);
  } finally {
    await file.value.close();
  }
}

async function setLevel(session: Session, level: number, files: readonly OperatorFile[]): Promise<Outcome> {
  const reply = await session.call(DBG.encode({ cmd: SERVICE.SET_DBG, level }, {}), files);
  const head = reply.ok ? DBG.read(reply.value) : undefined;
  if (head === undefined) return failed(doorError(SETTING, reply.ok ? unreadable() : reply.error));
  return changed(head.number('level'), level);
}

function changed(old: number, level: number): Outcome {
  return {
    text: `Successfully changed debug level from 0x${old.toString(16)} to 0x${level.toString(16)}\n${categoriesText(level)}`,
    json: { old, new: level, categories: categoryNames(level) },
  };
}

function categoriesText(level: number): string {
  const categories = categoriesIn(level);
  if (categories.length === 0) return 'No debug categories enabled.\n';
  return `Debug categories enabled:\n${categories.map(({ text }) => `\t${text}\n`).join('')}`;
}

function categoryNames(level: number): readonly string[] {
  return categoriesIn(level).map(({ category }) => category);
}
