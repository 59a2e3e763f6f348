/** `add rule`, `add preshared`: from a file, or from what is typed. */
import { NEW } from '../../../services/admin/door/heads.js';
import { encodeOwn } from '../../../services/admin/door/own-messages.js';
import type { TextObject, TextRequest } from '../../../services/admin/door/own-texts.js';
import { encodePreshared } from '../../../services/admin/door/preshared.js';
import { OWN_SERVICE, SERVICE } from '../../../services/admin/door/service.js';
import { type Bytes, concat, fromText, toText } from '../../../services/bytes.js';
import type { Result } from '../../../services/result.js';
import type { OperatorFile } from '../files.js';
import {
  bail,
  bailErrno,
  bailMessage,
  failed,
  objectError,
  type DoorTrouble,
  type Outcome,
} from '../outcome.js';
import type { Session } from '../session.js';
import { isPassed, openedFile } from './operator-file.js';
import { ruleTextOf } from './rule-words.js';

const COMMANDS = {
  rule: { service: SERVICE.NEW_RULE, thing: 'policy rule' },
  preshared: { service: SERVICE.NEW_PS, thing: 'preshared key' },
} as const;

export async function addRule(session: Session, words: readonly string[]): Promise<Outcome> {
  const [file, ...more] = words;
  if (file === undefined) return missing('rule');
  if (more.length === 0) return addFile(session, 'rule', file);
  const text = ruleTextOf(words);
  if (text === undefined) return bailMessage('improperly formatted policy rule');
  const passes = await session.passesFiles();
  if (!passes.ok) return failed(objectError('creating new', 'policy rule', passes.error));
  if (!passes.value) return addText(session, { object: 'rule', text, source: 'command line' });
  const temporary = await session.world.files.temporary();
  if (!temporary.ok) return bailErrno(`open temporary file: ${temporary.error}`);
  try {
    const written = await temporary.value.write(fromText(text));
    if (!written.ok) return bailErrno(`write temporary file: ${written.error}`);
    return await addDescriptor(session, 'rule', temporary.value);
  } finally {
    await temporary.value.close();
  }
}

export async function addPreshared(session: Session, words: readonly string[]): Promise<Outcome> {
  const [file, ...more] = words;
  if (file === undefined) return missing('preshared');
  if (more.length === 0) return addFile(session, 'preshared', file);
  // Others can see the words of a command line while it runs.
  if (!session.interactive) return bail('Must be in interactive mode to add key info.');
  const { numeric } = session.options;
  // It brings the grammar of the file with it, which few need.
  const { presharedOf } = await import('./preshared-words.js');
  const entry = await presharedOf(words, (name) =>
    numeric ? Promise.resolve([]) : session.world.names.addressesOf(name),
  );
  if (!entry.ok) {
    return entry.error.kind === 'many-addresses'
      ? bail('preshared key identifier cannot match multiple IP addresses')
      : badDefinition(entry.error.why);
  }
  const body = encodePreshared(entry.value);
  entry.value.key?.fill(0);
  if (!body.ok) return badDefinition(body.error);
  const head = NEW.encode({ cmd: SERVICE.NEW_PS, length: NEW.size + body.value.length, align: 0 }, {});
  const request = concat(head, body.value);
  body.value.fill(0);
  const reply = await session.call(request);
  request.fill(0);
  return added('preshared', reply);
}

async function addFile(session: Session, object: TextObject, path: string): Promise<Outcome> {
  const file = await openedFile(session, object, path);
  if (!file.ok) return file.error;
  try {
    const passes = await isPassed(session, file.value);
    if (!passes.ok) return failed(objectError('creating new', COMMANDS[object].thing, passes.error));
    if (passes.value) return await addDescriptor(session, object, file.value);
    const bytes = await file.value.read();
    if (!bytes.ok) return bailErrno(`read user-specified file: ${bytes.error}`);
    const text = toText(bytes.value);
    bytes.value.fill(0);
    return await addText(session, { object, text, source: path });
  } finally {
    await file.value.close();
  }
}

/** A length of 0 says that a descriptor comes with the call. */
async function addDescriptor(session: Session, object: TextObject, file: OperatorFile): Promise<Outcome> {
  const request = NEW.encode({ cmd: COMMANDS[object].service, length: 0, align: 0 }, {});
  return added(object, await session.call(request, [file]));
}

async function addText(session: Session, request: TextRequest): Promise<Outcome> {
  const bytes = encodeOwn(OWN_SERVICE.ADD_TEXT, request);
  const reply = await session.call(bytes);
  bytes.fill(0);
  return added(request.object, reply);
}

function added(object: TextObject, reply: Result<Bytes, DoorTrouble>): Outcome {
  const { thing } = COMMANDS[object];
  if (!reply.ok) return failed(objectError('creating new', thing, reply.error));
  return { notice: `Successfully created new ${thing}.`, json: { created: true } };
}

function missing(object: TextObject): Outcome {
  return bailMessage(`missing ${COMMANDS[object].thing} description or file name`);
}

function badDefinition(why: string): Outcome {
  return failed({ form: 'bail', text: 'invalid preshared key definition', after: [why], exit: 1 });
}
