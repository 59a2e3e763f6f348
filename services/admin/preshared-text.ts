/**
 * A key that came as a structure, in the syntax of ike.preshared(5): so it is judged by the same rules as one from a
 * file. The text holds the key; it is made to be read at once and let go.
 */
import { hex } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { IDENTITY_TYPE, type IdentityRecord } from './door/identity.js';
import type { PresharedEnd, PresharedRecord } from './door/preshared.js';
import { PRESHARED_EXCHANGE } from './preshared-record.js';

const TYPE_WORD: ReadonlyMap<number, string> = new Map([
  [IDENTITY_TYPE.reserved, 'ip'],
  [IDENTITY_TYPE.prefix, 'prefix'],
  [IDENTITY_TYPE.fqdn, 'fqdn'],
  [IDENTITY_TYPE.user_fqdn, 'user_fqdn'],
  [IDENTITY_TYPE.dn, 'dn'],
  [IDENTITY_TYPE.gn, 'gn'],
  [IDENTITY_TYPE.keyid, 'keyid'],
]);

/** Values of the door; 0 and 256 say that any exchange is meant, as the missing word does. */
const MODE_WORD: ReadonlyMap<number, string> = new Map([
  [0, ''],
  [PRESHARED_EXCHANGE.base, ''],
  [PRESHARED_EXCHANGE.main, 'ike_mode main'],
  [PRESHARED_EXCHANGE.aggressive, 'ike_mode aggressive'],
  [PRESHARED_EXCHANGE.both, 'ike_mode both'],
  [256, ''],
]);

/** One entry. The error is a sentence, which repeats nothing of the key. */
export function presharedText({
  exchange,
  local,
  remote,
  key,
  bits,
}: PresharedRecord): Result<string, string> {
  const mode = MODE_WORD.get(exchange);
  if (mode === undefined) return err(`${String(exchange)} is no exchange that a pre-shared key can be for.`);
  const left = endText('local', local);
  if (!left.ok) return left;
  const right = endText('remote', remote);
  if (!right.ok) return right;
  if (key === undefined) return err('The key is missing.');
  if (bits <= (key.length - 1) * 8 || bits > key.length * 8)
    return err(`A key of ${String(key.length)} bytes cannot have ${String(bits)} bits.`);
  return ok(`{ ${left.value} ${right.value} ${mode} key ${hex(key)}/${String(bits)} }`);
}

function endText(side: 'local' | 'remote', end: PresharedEnd): Result<string, string> {
  if (!('identity' in end)) {
    const { address, prefixLength } = end;
    if (address === undefined) return err(`The ${side} end has neither an address nor an identity.`);
    const length = prefixLength > 0 ? `/${String(prefixLength)}` : '';
    return ok(`${side}idtype ip ${side}id ${address.address}${length}`);
  }
  const word = typeWord(end.identity);
  if (word === undefined)
    return err(`${String(end.identity.type)} is no identity type of the ${side} end that a key can be for.`);
  // What stands in quotes ends at the next one: a text with a quote of its own would say something else.
  if (!/^[^"\p{Cc}]+$/u.test(end.identity.text))
    return err(`The ${side} identity is empty, or holds a quote or a control character.`);
  return ok(`${side}idtype ${word} ${side}id "${end.identity.text}"`);
}

function typeWord({ type, text }: IdentityRecord): string | undefined {
  if (type === IDENTITY_TYPE.range) return text.includes(':') ? 'ipv6-range' : 'ipv4-range';
  return TYPE_WORD.get(type);
}
