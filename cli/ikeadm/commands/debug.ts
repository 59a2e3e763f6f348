/** `get debug`, `set debug level [file]`. */
import { categoriesIn, parseDebugLevel } from '../../../services/admin/debug-levels.js';
import { DBG } from '../../../services/admin/door/heads.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import type { OperatorFile } from '../files.js';
import { bail, bailErrno, bailMessage, doorError, failed, unreadable, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

const SETTING = 'error setting debug level';

/** The daemon opens nothing by a name that it is given. */
const NOT_PASSED = [
  'This door cannot pass open files, so the daemon cannot be given one while it runs.',
  'Start in.iked with --log FILE (config/debug_logfile of the service), then set the level alone; or install a C compiler and the package again, which builds the addon that passes files.',
];

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
  if (!passes.value)
    return failed({
      form: 'message',
      text: `${SETTING}: No destination provided`,
      after: NOT_PASSED,
      exit: 1,
    });
  const file = await session.world.files.forAppending(path);
  if (!file.ok) return bailErrno(`open user-specified file: ${file.error}`);
  try {
    if (!(await file.value.isRegular())) {
      return failed({
        form: 'message',
        text: `${SETTING}: Destination invalid`,
        after: [`${path} is no regular file: the daemon would wait for whoever reads it. Name a file.`],
        exit: 1,
      });
    }
    return await setLevel(session, level, [file.value]);
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
