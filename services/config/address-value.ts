/** Addresses, prefixes, masks and ranges as the files write them. */
import type { IToken } from 'chevrotain';
import {
  type Address,
  addressBytes,
  type AddressRange,
  compareAddresses,
  familyOf,
  parseAddress,
  prefixRange,
  single,
} from '../net/address.js';
import { type DiagnosticLog, quote } from './diagnostic.js';
import { placeOf, Slash } from './lexicon.js';
import { parseUnsigned } from './number-text.js';
import type { Setting } from './setting.js';
import { checkSurplus, firstToken } from './setting-value.js';

const ADDRESS_FORMS = 'an IPv4 or IPv6 address, `address/length`, `address/mask` or `address-address`';

/** `local_addr` and `remote_addr`. */
export function readAddress(setting: Setting, log: DiagnosticLog): AddressRange | undefined {
  if (firstToken(setting, log, ADDRESS_FORMS) === undefined) return undefined;
  const range = readAddressTokens(setting.argument, log, ADDRESS_FORMS);
  if (range !== undefined) checkSurplus(setting, log);
  return range;
}

/** One to three tokens: an address, and `/` or `-` with what follows. Undefined when an error was logged. */
export function readAddressTokens(
  tokens: readonly IToken[],
  log: DiagnosticLog,
  forms: string,
): AddressRange | undefined {
  const [first, joint, last] = tokens;
  if (first === undefined) return undefined;
  const address = addressOf(first, log, forms);
  if (address === undefined) return undefined;
  if (joint === undefined) return single(address);
  if (last === undefined) {
    const expected =
      joint.tokenType === Slash ? 'a prefix length or a mask' : 'the last address of the range';
    log.error(placeOf(joint), `nothing follows ${quote(joint.image)}`, `expected ${expected}`);
    return undefined;
  }
  return joint.tokenType === Slash ? prefixOf(address, last, log) : rangeOf(address, last, log);
}

function addressOf(token: IToken, log: DiagnosticLog, forms: string): Address | undefined {
  const address = parseAddress(token.image);
  if (address === undefined) {
    const problem = /^[\w-]*[A-Za-z][\w.-]*$/.test(token.image)
      ? 'is not an address (host names are not allowed)'
      : 'is not an address';
    log.error(placeOf(token), `${quote(token.image)} ${problem}`, `expected ${forms}`);
  }
  return address;
}

function prefixOf(address: Address, token: IToken, log: DiagnosticLog): AddressRange | undefined {
  const bits = familyOf(address) === 4 ? 32 : 128;
  const mask = parseAddress(token.image);
  const length = mask === undefined ? parseUnsigned(token.image) : maskLength(address, mask);
  if (typeof length === 'number' && length <= bits) return prefixRange(address, length);
  const problem =
    mask === undefined || typeof length === 'number'
      ? `${quote(token.image)} is not a prefix length of IPv${String(familyOf(address))}`
      : `${quote(token.image)} ${length}`;
  const expected = `expected 0 to ${String(bits)}, or a mask such as ${bits === 32 ? '255.255.255.0' : 'ffff:ffff::'}`;
  log.error(placeOf(token), problem, expected);
  return undefined;
}

function maskLength(address: Address, mask: Address): number | string {
  if (familyOf(address) !== familyOf(mask)) return 'is a mask of the other family';
  const bits = [...addressBytes(mask)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const length = bits.lastIndexOf('1') + 1;
  return bits.slice(0, length).includes('0') ? 'is a mask with a hole' : length;
}

function rangeOf(begin: Address, token: IToken, log: DiagnosticLog): AddressRange | undefined {
  const end = addressOf(token, log, 'an address');
  if (end === undefined) return undefined;
  if (familyOf(begin) !== familyOf(end)) {
    log.error(
      placeOf(token),
      `the range from ${begin} to ${end} mixes IPv4 and IPv6`,
      `expected an IPv${String(familyOf(begin))} address`,
    );
    return undefined;
  }
  if (compareAddresses(begin, end) > 0) {
    log.error(
      placeOf(token),
      `the range ends before it begins at ${begin}`,
      `expected ${begin} or a later address`,
    );
    return undefined;
  }
  return { begin, end };
}
