/** Rules and pre-shared keys as text: from and to a file that came with the call, or beside it as JSON. */
import { type Bytes, toText } from '../../bytes.js';
import type { DoorFile } from '../../ports/door-file.js';
import { err, ok, type Result } from '../../result.js';
import type { Administration } from '../administration.js';
import type { DoorError } from '../door/door-error.js';
import { LOCATION, NEW, RW } from '../door/heads.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { readTextObject, readTextRequest, type TextObject } from '../door/own-texts.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { refuse, type Answer, type Handler } from './answer.js';

/** The longest file that is read, bytes. */
const LONGEST_FILE = 1024 * 1024;

/** How messages name a file whose name the host does not tell. */
const NAMELESS = 'the file';

/** From a descriptor, its text; a file with keys must be for its owner only. */
export async function textOfFile(
  object: TextObject,
  files: readonly DoorFile[],
): Promise<Result<{ readonly text: string; readonly source: string }, DoorError>> {
  const [file] = files;
  if (file === undefined) return err({ name: 'NO_DESC' });
  const text = await (object === 'rule' ? file.readText(LONGEST_FILE) : file.readSecretText(LONGEST_FILE));
  return text.ok
    ? ok({ text: text.value, source: file.name ?? NAMELESS })
    : err({ name: 'SYS_ERR', errno: text.error });
}

/** READ_RULES, READ_PS. With rules a second file may come: the map of their labels is written to it (ikedoor.h). */
export async function readFile(
  object: TextObject,
  request: Bytes,
  admin: Administration,
  files: readonly DoorFile[],
): Promise<Answer> {
  const head = RW.read(request);
  if (head === undefined) return refuse('REQ_INVALID');
  const location = head.number('location');
  if (location !== LOCATION.DEFAULT && location !== LOCATION.DESCRIPTOR) return refuse('LOC_INVALID');
  const from = location === LOCATION.DEFAULT ? ok(undefined) : await textOfFile(object, files);
  if (!from.ok) return from;
  const read = await replaced(object, admin, from.value);
  const map = object === 'rule' && location === LOCATION.DESCRIPTOR ? files[1] : undefined;
  if (read.ok && map !== undefined) {
    const written = await map.replaceText(admin.labelCookies());
    if (!written.ok) {
      const details = ['The rules are in use, but the map of their labels could not be written to its file.'];
      return err({ name: 'SYS_ERR', errno: written.error, details });
    }
  }
  return read.ok ? ok(RW.encode({ cmd: head.number('cmd'), location }, {})) : read;
}

/** WRITE_RULES, WRITE_PS. */
export async function writeFile(
  object: TextObject,
  request: Bytes,
  admin: Administration,
  files: readonly DoorFile[],
): Promise<Answer> {
  const head = RW.read(request);
  if (head === undefined) return refuse('REQ_INVALID');
  const location = head.number('location');
  if (location !== LOCATION.DESCRIPTOR) return refuse('LOC_INVALID');
  const [file] = files;
  if (file === undefined) return refuse('NO_DESC');
  const text = written(object, admin);
  if (text === undefined) return refuse('NO_OBJ');
  const done = await file.replaceText(text);
  return done.ok
    ? ok(RW.encode({ cmd: head.number('cmd'), location }, {}))
    : err({ name: 'SYS_ERR', errno: done.error });
}

/** NEW_RULE, NEW_PS with a descriptor. */
export async function addFile(
  object: TextObject,
  cmd: number,
  admin: Administration,
  files: readonly DoorFile[],
): Promise<Answer> {
  const from = await textOfFile(object, files);
  if (!from.ok) return from;
  const done = added(object, admin, from.value);
  return done.ok ? ok(NEW.encode({ cmd, length: 0, align: 0 }, {})) : done;
}

function added(
  object: TextObject,
  admin: Administration,
  { text, source }: { readonly text: string; readonly source: string },
): Result<void, DoorError> {
  return object === 'rule' ? admin.addRule(text, source) : admin.addPreshared(text, source);
}

function replaced(
  object: TextObject,
  admin: Administration,
  from: { readonly text: string; readonly source: string } | undefined,
): Promise<Result<void, DoorError>> {
  return object === 'rule' ? admin.readRules(from) : admin.readPreshared(from);
}

/** Text with keys lives as long as the reply; the bytes it is made of are wiped. */
function written(object: TextObject, admin: Administration): string | undefined {
  if (object === 'rule') return admin.writeRules();
  const bytes = admin.writePreshared();
  if (bytes === undefined) return undefined;
  const text = toText(bytes);
  bytes.fill(0);
  return text;
}

/** Our own three. Keys as text leave the daemon at keymat only; a descriptor is written by the daemon itself. */
export const TEXT_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.READ_TEXT,
    own(OWN_SERVICE.READ_TEXT, PRIVILEGE.modkeys, async (value, admin) => {
      const request = readTextRequest(value);
      return request === undefined ? err({ name: 'REQ_INVALID' }) : replaced(request.object, admin, request);
    }),
  ],
  [
    OWN_SERVICE.ADD_TEXT,
    own(OWN_SERVICE.ADD_TEXT, PRIVILEGE.modkeys, (value, admin) => {
      const request = readTextRequest(value);
      return request === undefined ? err({ name: 'REQ_INVALID' }) : added(request.object, admin, request);
    }),
  ],
  [
    OWN_SERVICE.WRITE_TEXT,
    own(OWN_SERVICE.WRITE_TEXT, PRIVILEGE.keymat, (value, admin) => {
      const object = readTextObject(value);
      const text = object && written(object, admin);
      return text === undefined ? err({ name: 'NO_OBJ' }) : ok({ text });
    }),
  ],
];

type OwnAnswer = Result<object | undefined, DoorError> | Result<void, DoorError>;

/** `forKeys` is what the command needs when it is about pre-shared keys. */
function own(
  cmd: number,
  forKeys: Handler['needs'],
  answer: (value: unknown, admin: Administration) => OwnAnswer | Promise<OwnAnswer>,
): Handler {
  return {
    needs: PRIVILEGE.base,
    async answer(request, admin) {
      const value = decodeOwn(request);
      const object = readTextObject(value);
      if (object === undefined) return refuse('REQ_INVALID');
      if (object === 'preshared' && admin.privilege() < forKeys) return refuse('NO_PRIV');
      const done = await answer(value, admin);
      return done.ok ? ok(encodeOwn(cmd, done.value ?? {})) : done;
    },
  };
}
