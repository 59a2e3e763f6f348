/** One side of traffic as it is typed: `10.1.0.0/16`, `192.0.2.1`, `10.1.0.1-10.1.0.9`, perhaps with `[tcp/80]` behind it. */
import {
  type AddressRange,
  compareAddresses,
  familyOf,
  parseAddress,
  prefixRange,
  single,
} from '../net/address.js';
import { err, ok, type Result } from '../result.js';

export interface TypedSide {
  readonly addresses: AddressRange;
  /** IP protocol; 0 for any. */
  readonly protocol: number;
  /** 0 for any. */
  readonly port: number;
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['any', 0],
  ['ip', 0],
  ['icmp', 1],
  ['ipip', 4],
  ['tcp', 6],
  ['udp', 17],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['icmp6', 58],
  ['ipv6-icmp', 58],
  ['sctp', 132],
]);

/** A name that everybody knows, or a number. */
export function ipProtocolNamed(word: string): number | undefined {
  const number = /^\d{1,3}$/.test(word) ? Number(word) : PROTOCOLS.get(word.toLowerCase());
  return number !== undefined && number <= 255 ? number : undefined;
}

/** The error is what is wrong with it, as a clause. */
export function readTrafficSide(text: string): Result<TypedSide, string> {
  const [, body = '', what] = /^([^[\]]+)(?:\[([^\]]*)\])?$/.exec(text.trim()) ?? [];
  const addresses = rangeOf(body.trim());
  if (typeof addresses === 'string') return err(addresses);
  if (what === undefined) return ok({ addresses, protocol: 0, port: 0 });
  const [name = '', service, ...more] = what.split('/');
  const protocol = ipProtocolNamed(name);
  if (protocol === undefined || more.length > 0)
    return err(`"[${what}]" names no IP protocol; write [tcp], [17] or [tcp/80]`);
  const port =
    service === undefined || service === 'any' ? 0 : /^\d{1,5}$/.test(service) ? Number(service) : -1;
  return port < 0 || port > 65_535
    ? err(`"${String(service)}" is no port`)
    : ok({ addresses, protocol, port });
}

const FORMS = 'write an address, a prefix such as 10.1.0.0/16, or first-last';

function rangeOf(text: string): AddressRange | string {
  const [, first = '', joint, last = ''] = /^([^\s/-]+)\s*(?:([/-])\s*(\S+))?$/.exec(text) ?? [];
  const begin = parseAddress(first);
  if (begin === undefined) return `"${text}" is no address; ${FORMS}`;
  if (joint === undefined) return single(begin);
  if (joint === '/') {
    const most = familyOf(begin) === 4 ? 32 : 128;
    return /^\d{1,3}$/.test(last) && Number(last) <= most
      ? prefixRange(begin, Number(last))
      : `"${last}" is no prefix length; ${FORMS}`;
  }
  const end = parseAddress(last);
  if (end === undefined || familyOf(end) !== familyOf(begin)) return `"${last}" ends no range; ${FORMS}`;
  return compareAddresses(begin, end) > 0 ? `the range ${text} ends before it begins` : { begin, end };
}
