/** Reading `ike.preshared` (5). No text of this module's making repeats anything of a key. */
import { familyOf, formatRange } from '../net/address.js';
import type { PresharedIdentity, PresharedKey, PresharedMode } from '../policy/preshared-key.js';
import type { KeyHandle } from '../ports/keys.js';
import { type Diagnostic, DiagnosticLog } from './diagnostic.js';
import {
  type Entry,
  type Pair,
  type PairName,
  PresharedParser,
  presharedLexer,
  Quoted,
} from './ike-preshared-grammar.js';
import { listKeywords } from './keyword-check.js';
import { placeOf } from './lexicon.js';
import {
  DEFAULT_ID_TYPE,
  keyBytes,
  type KeyText,
  readIdentity,
  readIdTypeName,
  type Reading,
  readKey,
  readMode,
} from './preshared-value.js';

export interface PresharedReading {
  /** Undefined when there is any error; then no key was kept. */
  readonly keys: readonly PresharedKey[] | undefined;
  /** Entries that were left out because an earlier one is for the same two ends; a warning names each. */
  readonly duplicates: number;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

interface CheckedEntry extends Omit<PresharedKey, 'key' | 'bits'> {
  readonly text: KeyText;
}

/** Built at the first use: a process that reads no such file does not pay for the grammar. */
let tools:
  { readonly lexer: ReturnType<typeof presharedLexer>; readonly parser: PresharedParser } | undefined;

/** `keep` puts a key into the key store; it is called once per entry of a file without errors, and the bytes are wiped. */
export function parsePreshared(
  text: string,
  file: string,
  keep: (bytes: Uint8Array) => KeyHandle,
): PresharedReading {
  tools ??= {
    lexer: presharedLexer({ skipValidations: true }),
    parser: new PresharedParser({ skipValidations: true }),
  };
  const { entries, problems } = tools.parser.parse(tools.lexer.tokenize(text).tokens);
  // The parser must not hold the file's text for the life of the process.
  tools.parser.input = [];
  const log = new DiagnosticLog(file);
  for (const { place, problem, expected } of problems) log.error(place, problem, expected);
  const checked: CheckedEntry[] = [];
  /** By the two ends: of one pair there are few, however many entries there are. */
  const ofEnds = new Map<string, CheckedEntry[]>();
  let duplicates = 0;
  for (const entry of entries) {
    const good = checkEntry(entry, log);
    if (good === undefined) continue;
    const ends = `${identityText(good.local)} / ${identityText(good.remote)}`;
    const candidates = ofEnds.get(ends) ?? [];
    const twin = candidates.find((other) => samePair(other, good));
    if (twin === undefined) {
      checked.push(good);
      ofEnds.set(ends, [...candidates, good]);
    } else {
      duplicates += 1;
      log.warning(
        entry.place,
        `this entry is ignored: the one of line ${String(twin.position.line)} is for the same two ends`,
        'expected one entry for each pair',
      );
    }
  }
  return {
    keys: log.hasErrors ? undefined : checked.map((entry) => keepKey(entry, keep)),
    duplicates,
    diagnostics: log.entries(),
  };
}

function keepKey({ text, ...entry }: CheckedEntry, keep: (bytes: Uint8Array) => KeyHandle): PresharedKey {
  const bytes = keyBytes(text);
  const key = keep(bytes);
  bytes.fill(0);
  return { ...entry, key, bits: text.bits };
}

/** Undefined when something is wrong with it, which is logged. */
function checkEntry(entry: Entry, log: DiagnosticLog): CheckedEntry | undefined {
  const pairs = new Map<PairName, Pair>();
  for (const pair of entry.pairs) {
    if (pairs.has(pair.name)) {
      log.warning(
        pair.place,
        `\`${pair.name}\` is given twice in one entry; the last one counts`,
        'expected it once',
      );
    }
    pairs.set(pair.name, pair);
  }
  const missing = (['localid', 'remoteid', 'key'] as const).filter((name) => !pairs.has(name));
  if (missing.length > 0) {
    log.error(
      entry.place,
      `the entry has no ${listKeywords(missing)}`,
      'expected `localid`, `remoteid` and `key`',
    );
  }
  const read = <T>(name: PairName, reader: (text: string) => Reading<T>): T | undefined => {
    const token = pairs.get(name)?.value;
    if (token === undefined) return undefined;
    const quoted = token.tokenType === Quoted && name !== 'key';
    const result = reader(quoted ? token.image.slice(1, -1) : token.image);
    if ('value' in result) return result.value;
    log.error(placeOf(token), `the value of \`${name}\` ${result.problem}`, result.expected);
    return undefined;
  };
  const identity = (typeName: PairName, name: PairName): PresharedIdentity | undefined => {
    const type = pairs.has(typeName) ? read(typeName, readIdTypeName) : DEFAULT_ID_TYPE;
    return type === undefined ? undefined : read(name, (text) => readIdentity(text, type));
  };
  const local = identity('localidtype', 'localid');
  const remote = identity('remoteidtype', 'remoteid');
  const mode: PresharedMode | undefined = pairs.has('ike_mode') ? read('ike_mode', readMode) : 'base';
  const text = read('key', readKey);
  if (local === undefined || remote === undefined || mode === undefined || text === undefined)
    return undefined;
  warnOfFamilies(local, remote, entry, log);
  return { local, remote, mode, text, position: log.position(entry.place) };
}

function warnOfFamilies(
  local: PresharedIdentity,
  remote: PresharedIdentity,
  entry: Entry,
  log: DiagnosticLog,
): void {
  if (!('range' in local) || !('range' in remote)) return;
  if (familyOf(local.range.begin) === familyOf(remote.range.begin)) return;
  log.warning(
    entry.place,
    '`localid` and `remoteid` are of different families, so the key can never be used',
    'expected IPv4 or IPv6 on both sides',
  );
}

export type PresharedEnds = Pick<PresharedKey, 'local' | 'remote' | 'mode'>;

/** Whether two entries compete for the same negotiations. */
export function samePair(a: PresharedEnds, b: PresharedEnds): boolean {
  const overlap = a.mode === b.mode || [a.mode, b.mode].some((mode) => mode === 'base' || mode === 'both');
  return (
    overlap &&
    identityText(a.local) === identityText(b.local) &&
    identityText(a.remote) === identityText(b.remote)
  );
}

export function identityText(identity: PresharedIdentity): string {
  return 'range' in identity ? formatRange(identity.range) : `${identity.type} ${identity.text}`;
}
