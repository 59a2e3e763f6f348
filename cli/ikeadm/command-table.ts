/** Which words are commands and objects, and what runs them. Tab completion is made from this table. */
import { DEBUG_CATEGORIES } from '../../services/admin/debug-levels.js';
import { PRIVILEGE } from '../../services/admin/privilege-levels.js';
import { addPreshared, addRule } from './commands/add.js';
import { dumpCertificates } from './commands/certcache.js';
import { dumpRuleBase } from './commands/dbg.js';
import { getDebug, setDebug } from './commands/debug.js';
import { doctor } from './commands/doctor.js';
import { flushCertificates, flushPhase1 } from './commands/flush.js';
import { dumpCiphers, dumpGroups, dumpHashes } from './commands/lists.js';
import { getLoad } from './commands/load.js';
import { deleteObject, dumpObjects, getObject, type ObjectKind } from './commands/objects.js';
import { packet } from './commands/packet.js';
import { inspectOff, inspectOn } from './commands/inspect.js';
import { PHASE1 } from './commands/phase1.js';
import { PRESHARED } from './commands/preshared.js';
import { getPrivilege, setPrivilege } from './commands/privilege.js';
import { readPreshared, readRules, writePreshared, writeRules } from './commands/read-write.js';
import { diffRecordings } from './commands/diff.js';
import { EXPORT_FORMATS } from './commands/export-formats.js';
import { listRecordings, recordOff, recordOn, saveRecording, WITH_SECRETS } from './commands/record.js';
import { RULE } from './commands/rule.js';
import { getDefaults, getStatistics } from './commands/statistics.js';
import { loginToken, logoutToken } from './commands/token.js';
import { up } from './commands/up.js';
import { why } from './commands/why.js';
import { commandHelp, generalHelp } from './help.js';
import { usageError, type Outcome } from './outcome.js';
import type { Session } from './session.js';

type Run = (session: Session, args: readonly string[]) => Promise<Outcome>;

interface ObjectEntry {
  readonly run: Run;
  /** Surplus words get the command's help instead. */
  readonly alone?: true;
  /** What may stand behind it, word by word: the name of a file, or one of some words; nothing else is known here. */
  readonly then?: readonly ('file' | readonly string[])[];
}

const DEBUG_WORDS = [...DEBUG_CATEGORIES.flatMap(({ nicknames }) => nicknames), 'all'];

/** By command and object, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Readonly<Record<string, ObjectEntry>>>> = {
  get: {
    debug: { run: getDebug, alone: true },
    priv: { run: getPrivilege, alone: true },
    stats: { run: getStatistics, alone: true },
    load: { run: getLoad, alone: true },
    p1: { run: get(PHASE1) },
    rule: { run: get(RULE) },
    preshared: { run: get(PRESHARED) },
    defaults: { run: getDefaults, alone: true },
  },
  set: {
    priv: { run: setPrivilege, then: [Object.keys(PRIVILEGE)] },
    debug: { run: setDebug, then: [DEBUG_WORDS, 'file'] },
  },
  add: {
    rule: { run: addRule, then: ['file'] },
    preshared: { run: addPreshared, then: ['file'] },
  },
  del: {
    p1: { run: del(PHASE1) },
    rule: { run: del(RULE) },
    preshared: { run: del(PRESHARED) },
  },
  dump: {
    p1: { run: dump(PHASE1), alone: true },
    rule: { run: dump(RULE), alone: true },
    preshared: { run: dump(PRESHARED), alone: true },
    certcache: { run: dumpCertificates, alone: true },
    groups: { run: dumpGroups, alone: true },
    encralgs: { run: dumpCiphers, alone: true },
    authalgs: { run: dumpHashes, alone: true },
  },
  flush: {
    p1: { run: flushPhase1, alone: true },
    certcache: { run: flushCertificates, alone: true },
  },
  read: {
    rule: { run: readRules, then: ['file'] },
    preshared: { run: readPreshared, then: ['file'] },
  },
  write: {
    rule: { run: writeRules, then: ['file'] },
    preshared: { run: writePreshared, then: ['file'] },
  },
  token: {
    login: { run: loginToken },
    logout: { run: logoutToken },
  },
  record: {
    list: { run: listRecordings, alone: true },
    save: { run: saveRecording, then: [[], 'file', [WITH_SECRETS]] },
    export: {
      // It may replay the recording, and brings the whole engine with it.
      run: async (session, args) =>
        (await import('./commands/record-export.js')).exportRecording(session, args),
      then: ['file', EXPORT_FORMATS, 'file'],
    },
    on: { run: recordOn, then: [[WITH_SECRETS]] },
    off: { run: recordOff, alone: true },
  },
  inspect: {
    on: { run: inspectOn },
    off: { run: inspectOff, alone: true },
  },
  dbg: {
    rbdump: { run: dumpRuleBase },
  },
};

/** Commands that have no objects of the table's kind. */
export const OTHER_COMMANDS = [
  ...(['help', 'exit', 'quit', 'up', 'packet', 'why', 'explain', 'doctor'] as const),
  ...(['replay', 'diff', 'monitor'] as const),
] as const;

function get<T>(kind: ObjectKind<T>): Run {
  return (session, args) => getObject(kind, session, args);
}

function del<T>(kind: ObjectKind<T>): Run {
  return (session, args) => deleteObject(kind, session, args);
}

function dump<T>(kind: ObjectKind<T>): Run {
  return (session) => dumpObjects(kind, session);
}

/** Words are matched exactly. */
export async function runCommand(session: Session, words: readonly string[]): Promise<Outcome> {
  const [command = '', object, ...args] = words;
  switch (command) {
    case 'help':
      return help(object);
    case 'exit':
    case 'quit':
      return {};
    case 'up':
      return up(session, words.slice(1));
    case 'packet':
      return packet(session, words.slice(1));
    case 'why':
      return why(session, words.slice(1));
    case 'doctor':
      return doctor(session, words.slice(1));
    case 'explain':
      // It reads identities, and brings ASN.1 with it.
      return (await import('./commands/explain.js')).explain(session, words.slice(1));
    case 'replay':
      if (words.includes('--page'))
        return usageError('replay --page has no end: run it as "ikeadm replay", not from the prompt');
      // It brings the whole engine with it, which no other command needs.
      return (await import('./commands/replay.js')).replayRecording(session, words.slice(1));
    case 'diff':
      return diffRecordings(session, words.slice(1));
    case 'monitor':
      return usageError('monitor has no end: run it as "ikeadm monitor", not from the prompt');
    default:
      break;
  }
  const objects = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (objects === undefined) return usageError(`Unrecognized command '${command}'`);
  if (object === undefined) return usageError('');
  const entry = Object.hasOwn(objects, object) ? objects[object] : undefined;
  if (entry === undefined) return usageError(`Unrecognized object '${object}'`);
  return entry.alone && args.length > 0 ? help(command) : entry.run(session, args);
}

function help(command: string | undefined): Outcome {
  if (command === undefined) return { text: generalHelp(), json: { help: generalHelp() } };
  const text = commandHelp(command);
  return text === undefined
    ? usageError(`Unrecognized command '${command}'`)
    : { text, json: { help: text } };
}
