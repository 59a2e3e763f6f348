/** Which words are commands and objects, and what runs them. */
import { getDebug, setDebug } from './commands/debug.js';
import { dumpCiphers, dumpGroups, dumpHashes } from './commands/lists.js';
import { deletePhase1, dumpPhase1, flushPhase1, getPhase1 } from './commands/phase1.js';
import { packet } from './commands/packet.js';
import { getPrivilege, setPrivilege } from './commands/privilege.js';
import { getDefaults, getStatistics } from './commands/statistics.js';
import { up } from './commands/up.js';
import { commandHelp, generalHelp } from './help.js';
import { notInThisVersion, usageError, type Outcome } from './outcome.js';
import type { Session } from './session.js';

type Run = (session: Session, args: readonly string[]) => Promise<Outcome>;

/** `alone`: surplus words get the command's help instead. `later`: a command of the original not built yet. */
type ObjectEntry = Run | { readonly alone: Run } | 'later';

const OBJECTS: ReadonlyMap<string, ReadonlyMap<string, ObjectEntry>> = new Map([
  [
    'get',
    objects({
      debug: { alone: getDebug },
      priv: { alone: getPrivilege },
      stats: { alone: getStatistics },
      defaults: { alone: getDefaults },
      p1: getPhase1,
      rule: 'later',
      preshared: 'later',
    }),
  ],
  ['set', objects({ debug: setDebug, priv: setPrivilege })],
  ['add', objects({ rule: 'later', preshared: 'later' })],
  ['del', objects({ p1: deletePhase1, rule: 'later', preshared: 'later' })],
  [
    'dump',
    objects({
      p1: { alone: dumpPhase1 },
      groups: { alone: dumpGroups },
      encralgs: { alone: dumpCiphers },
      authalgs: { alone: dumpHashes },
      rule: 'later',
      preshared: 'later',
      certcache: 'later',
    }),
  ],
  ['flush', objects({ p1: { alone: flushPhase1 }, certcache: 'later' })],
  ['read', objects({ rule: 'later', preshared: 'later' })],
  ['write', objects({ rule: 'later', preshared: 'later' })],
  ['token', objects({ login: 'later', logout: 'later' })],
  ['dbg', objects({ rbdump: 'later' })],
]);

function objects(entries: Readonly<Record<string, ObjectEntry>>): ReadonlyMap<string, ObjectEntry> {
  return new Map(Object.entries(entries));
}

/** Words are matched exactly. */
export async function runCommand(session: Session, words: readonly string[]): Promise<Outcome> {
  const [command, object, ...args] = words;
  switch (command) {
    case undefined:
      return notInThisVersion('The interactive mode');
    case 'help':
      return help(object);
    case 'exit':
    case 'quit':
      return {};
    case 'up':
      return up(session, words.slice(1));
    case 'packet':
      return packet(session, words.slice(1));
    default:
      break;
  }
  const known = OBJECTS.get(command);
  if (known === undefined) return usageError(`Unrecognized command '${command}'`);
  if (object === undefined) return usageError('');
  const entry = known.get(object);
  if (entry === undefined) return usageError(`Unrecognized object '${object}'`);
  if (entry === 'later') return notInThisVersion(`'${command} ${object}'`);
  if (typeof entry === 'function') return entry(session, args);
  return args.length === 0 ? entry.alone(session, args) : help(command);
}

function help(command: string | undefined): Outcome {
  if (command === undefined) return { text: generalHelp(), json: { help: generalHelp() } };
  const text = commandHelp(command);
  return text === undefined
    ? usageError(`Unrecognized command '${command}'`)
    : { text, json: { help: text } };
}
