/**
 * A pre-shared key typed at the prompt: `{ localid 192.0.2.1 remoteid 192.0.2.2 key 00ff }`. Nothing that is said of it
 * repeats what stands in it: any word may be a key in the wrong place.
 */
import type { PresharedEnd, PresharedRecord } from '../../../services/admin/door/preshared.js';
import { PAIR_NAMES, type PairName } from '../../../services/config/ike-preshared-grammar.js';
import {
  DEFAULT_ID_TYPE,
  keyBytes,
  readIdentity,
  readIdTypeName,
  readKey,
  readMode,
  type Reading,
} from '../../../services/config/preshared-value.js';
import { parseAddress, type Address } from '../../../services/net/address.js';
import { err, ok, type Result } from '../../../services/result.js';
import { namedIdentity } from './identity-words.js';

/** All addresses of a host name; none when names are not to be looked up. */
export type Lookup = (name: string) => Promise<readonly Address[]>;

export type WordsFault =
  /** One sentence: what is wrong and what was expected. */
  { readonly kind: 'invalid'; readonly why: string } | { readonly kind: 'many-addresses' };

const EXCHANGES = { base: 1, main: 2, aggressive: 4, both: 240 } as const;

/** `key` of the record is the caller's to wipe. */
export async function presharedOf(
  words: readonly string[],
  lookup: Lookup,
): Promise<Result<PresharedRecord, WordsFault>> {
  const pairs = pairsOf(words);
  if (!pairs.ok) return invalid(pairs.error);
  const mode = valueOf(pairs.value, 'ike_mode', readMode) ?? ok('base' as const);
  if (!mode.ok) return mode;
  const local = await endOf(pairs.value, 'localidtype', 'localid', lookup);
  if (!local.ok) return local;
  const remote = await endOf(pairs.value, 'remoteidtype', 'remoteid', lookup);
  if (!remote.ok) return remote;
  const key = valueOf(pairs.value, 'key', readKey) ?? invalid('`key` is missing.');
  if (!key.ok) return key;
  return ok({
    exchange: EXCHANGES[mode.value],
    local: local.value,
    remote: remote.value,
    key: keyBytes(key.value),
    bits: key.value.bits,
  });
}

type Pairs = ReadonlyMap<PairName, string>;

/** A repeated name: the last one counts. Braces may touch the words beside them. */
function pairsOf(words: readonly string[]): Result<Pairs, string> {
  const first = words[0] ?? '';
  const last = words.at(-1) ?? '';
  if (!first.startsWith('{')) return err('It does not begin with `{`.');
  if (!last.endsWith('}') || (words.length === 1 && first === '{')) return err('It does not end with `}`.');
  const text =
    words.length === 1 ? [first.slice(1, -1)] : [first.slice(1), ...words.slice(1, -1), last.slice(0, -1)];
  const inside = text.filter((word) => word !== '');
  const pairs = new Map<PairName, string>();
  for (let at = 0; at < inside.length; at += 2) {
    const word = inside[at]?.toLowerCase();
    const name = PAIR_NAMES.find((known) => known === word);
    const value = inside[at + 1];
    if (name === undefined) {
      return err(`Word ${String(at + 1)} inside the braces is not one of ${PAIR_NAMES.join(', ')}.`);
    }
    if (value === undefined) return err(`\`${name}\` has no value.`);
    pairs.set(name, value);
  }
  return ok(pairs);
}

/** Undefined when the name was not given. */
function valueOf<T>(
  pairs: Pairs,
  name: PairName,
  reader: (text: string) => Reading<T>,
): Result<T, WordsFault> | undefined {
  const text = pairs.get(name);
  if (text === undefined) return undefined;
  const read = reader(text);
  return 'value' in read
    ? ok(read.value)
    : invalid(`The value of \`${name}\` ${read.problem}: ${read.expected}.`);
}

async function endOf(
  pairs: Pairs,
  typeName: 'localidtype' | 'remoteidtype',
  name: 'localid' | 'remoteid',
  lookup: Lookup,
): Promise<Result<PresharedEnd, WordsFault>> {
  const type = valueOf(pairs, typeName, readIdTypeName) ?? ok(DEFAULT_ID_TYPE);
  if (!type.ok) return type;
  const text = pairs.get(name);
  if (text === undefined) return invalid(`\`${name}\` is missing.`);
  const numeric = type.value.type === 'address' ? await numericAddress(text, lookup) : ok(text);
  if (!numeric.ok) return numeric;
  const identity = valueOf(new Map([[name, numeric.value]]), name, (value) =>
    readIdentity(value, type.value),
  );
  if (identity === undefined) return invalid(`\`${name}\` is missing.`);
  if (!identity.ok) return identity;
  if (identity.value.type !== 'address') return ok({ identity: namedIdentity(identity.value.type, text) });
  const [address = ''] = numeric.value.split('/');
  return ok({
    address: { address: parseAddress(address) ?? address, port: 0 },
    prefixLength: identity.value.prefixLength ?? 0,
  });
}

/** A host name in place of an address, with its `/length` if it has one, must have exactly one address. */
async function numericAddress(text: string, lookup: Lookup): Promise<Result<string, WordsFault>> {
  const [, name = '', length = ''] = /^([^/]*)(\/.*)?$/s.exec(text) ?? [];
  if (parseAddress(name) !== undefined) return ok(text);
  const [address, ...more] = await lookup(name);
  if (more.length > 0) return err({ kind: 'many-addresses' });
  return ok(address === undefined ? text : `${address}${length}`);
}

function invalid(why: string): { readonly ok: false; readonly error: WordsFault } {
  return err({ kind: 'invalid', why });
}
