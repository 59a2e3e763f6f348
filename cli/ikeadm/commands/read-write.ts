/** `read rule|preshared [FILE]`, `write rule|preshared FILE`. */
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { LOCATION, RW } from '../../../services/admin/door/heads.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { readWrittenText, type TextObject } from '../../../services/admin/door/own-texts.js';
import { OWN_SERVICE, SERVICE } from '../../../services/admin/door/service.js';
import { fromText, toText } from '../../../services/bytes.js';
import { ok, type Result } from '../../../services/result.js';
import type { OperatorFile } from '../files.js';
import {
  bail,
  bailErrno,
  doorError,
  failed,
  unreadable,
  type DoorTrouble,
  type Outcome,
} from '../outcome.js';
import type { Session } from '../session.js';
import { isPassed, openedFile } from './operator-file.js';

const KINDS = {
  rule: {
    read: SERVICE.READ_RULES,
    write: SERVICE.WRITE_RULES,
    name: 'policy rule',
    plural: 'policy rules',
  },
  preshared: {
    read: SERVICE.READ_PS,
    write: SERVICE.WRITE_PS,
    name: 'preshared key',
    plural: 'preshared keys',
  },
} as const;

export function readRules(session: Session, words: readonly string[]): Promise<Outcome> {
  return read(session, 'rule', words[0]);
}

export function readPreshared(session: Session, words: readonly string[]): Promise<Outcome> {
  return read(session, 'preshared', words[0]);
}

export function writeRules(session: Session, words: readonly string[]): Promise<Outcome> {
  return write(session, 'rule', words[0]);
}

export function writePreshared(session: Session, words: readonly string[]): Promise<Outcome> {
  return write(session, 'preshared', words[0]);
}

/** Without a file the daemon reads its own. */
async function read(session: Session, object: TextObject, path: string | undefined): Promise<Outcome> {
  if (path === undefined) {
    const request = RW.encode({ cmd: KINDS[object].read, location: LOCATION.DEFAULT }, {});
    return readDone(object, await session.call(request));
  }
  const file = await openedFile(session, object, path);
  if (!file.ok) return file.error;
  try {
    const passes = await isPassed(session, file.value);
    if (!passes.ok) return failed(doorError('error doing read', passes.error));
    if (passes.value) {
      const request = RW.encode({ cmd: KINDS[object].read, location: LOCATION.DESCRIPTOR }, {});
      return readDone(object, await session.call(request, [file.value]));
    }
    const bytes = await file.value.read();
    if (!bytes.ok) return bailErrno(`read user-specified file: ${bytes.error}`);
    const text = toText(bytes.value);
    bytes.value.fill(0);
    const request = encodeOwn(OWN_SERVICE.READ_TEXT, { object, text, source: path });
    const reply = await session.call(request);
    request.fill(0);
    return readDone(object, reply);
  } finally {
    await file.value.close();
  }
}

function readDone(object: TextObject, reply: Result<unknown, DoorTrouble>): Outcome {
  if (reply.ok) {
    return {
      notice: `Completed read of ${KINDS[object].name} configuration information.`,
      json: { read: true },
    };
  }
  const { error } = reply;
  // All but the repeated entries has been read.
  const ignored = error.kind === 'refused' && error.code === DOOR_ERROR.DUP_IGNORED;
  return failed(doorError('error doing read', error, { refusedExit: ignored ? 0 : 1 }));
}

/** The file must not exist before, and does not exist after a refusal. */
async function write(session: Session, object: TextObject, path: string | undefined): Promise<Outcome> {
  const { name, plural } = KINDS[object];
  if (path === undefined) return bail(`destination location required to write ${plural}`);
  const file = await session.world.files.forWriting(path);
  if (!file.ok) return bailErrno(`open user-specified file: ${file.error}`);
  const written = await content(session, object, file.value);
  if (written.ok) {
    await file.value.close();
    return { notice: `Completed write of ${name} configuration information.`, json: { written: true } };
  }
  await file.value.remove();
  const { error } = written;
  if (typeof error === 'string') return bailErrno(`write user-specified file: ${error}`);
  if (error.kind === 'refused' && error.code === DOOR_ERROR.NO_OBJ) {
    return { notice: `No ${name} information to write.`, json: { written: false } };
  }
  return failed(doorError('error doing write', error));
}

async function content(
  session: Session,
  object: TextObject,
  file: OperatorFile,
): Promise<Result<void, DoorTrouble | string>> {
  const passes = await session.passesFiles();
  if (!passes.ok) return passes;
  if (passes.value) {
    const request = RW.encode({ cmd: KINDS[object].write, location: LOCATION.DESCRIPTOR }, {});
    const reply = await session.call(request, [file]);
    return reply.ok ? ok(undefined) : reply;
  }
  const reply = await session.call(encodeOwn(OWN_SERVICE.WRITE_TEXT, { object }));
  if (!reply.ok) return reply;
  const text = readWrittenText(decodeOwn(reply.value));
  reply.value.fill(0);
  if (text === undefined) return { ok: false, error: unreadable('it holds no text') };
  const bytes = fromText(text);
  const done = await file.write(bytes);
  bytes.fill(0);
  return done;
}
