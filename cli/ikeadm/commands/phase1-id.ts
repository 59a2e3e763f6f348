/** How a Phase 1 SA is named on the command line: two addresses or host names, or two cookies. */
import { parseCInteger } from '../../../services/admin/c-number.js';
import type { Phase1Match } from '../../../services/admin/administration.js';
import { encodeAddressPair } from '../../../services/admin/door/address-pair.js';
import { encodeRequestCookies } from '../../../services/admin/door/cookie-pair.js';
import { GET, ID_TYPE } from '../../../services/admin/door/heads.js';
import { concat, type Bytes } from '../../../services/bytes.js';
import { familyOf, parseAddress, type Address } from '../../../services/net/address.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bail, bailMessage, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

const THING = 'phase 1 SA';

/** Host names with several addresses ask for every pair of one family. The error is ready to print. */
export async function parsePhase1Id(
  session: Session,
  [first, second]: readonly string[],
): Promise<Result<readonly Phase1Match[], Outcome>> {
  if (first === undefined) return err(bail('not enough identification info'));
  if (second === undefined) return err(invalid([]));
  return first.startsWith('0x') ? cookiePair(first, second) : addressPairs(session, first, second);
}

/** A GET or a DEL, which have one shape. */
export function phase1Request(command: number, match: Phase1Match): Bytes {
  const [idType, id] =
    'local' in match
      ? [ID_TYPE.ADDR_PAIR, encodeAddressPair(anyPort(match.local), anyPort(match.remote))]
      : [ID_TYPE.CKY_PAIR, encodeRequestCookies(match)];
  return concat(GET.encode({ cmd: command, length: GET.size + id.length, idType, reserved: 0 }, {}), id);
}

/** Numeric, or any name of the name service unless `-n`. */
export async function addressesNamed(session: Session, text: string): Promise<readonly Address[]> {
  const address = parseAddress(text);
  if (address !== undefined) return [address];
  return session.options.numeric ? [] : session.world.names.addressesOf(text);
}

export function unknownAddress(text: string): string {
  return `Unknown address ${text}.`;
}

function cookiePair(first: string, second: string): Result<readonly Phase1Match[], Outcome> {
  const initiatorCookie = cookie(first);
  const responderCookie = cookie(second);
  if (initiatorCookie === undefined || responderCookie === undefined) {
    const bad = initiatorCookie === undefined ? first : second;
    return err(invalid([`failed to parse cookie ${bad}.`]));
  }
  return ok([{ initiatorCookie, responderCookie }]);
}

function cookie(text: string): string | undefined {
  const value = parseCInteger(text);
  return value === undefined || value > 0xffff_ffff_ffff_ffffn
    ? undefined
    : value.toString(16).padStart(16, '0');
}

async function addressPairs(
  session: Session,
  first: string,
  second: string,
): Promise<Result<readonly Phase1Match[], Outcome>> {
  const [locals, remotes] = await Promise.all([
    addressesNamed(session, first),
    addressesNamed(session, second),
  ]);
  if (locals.length === 0 || remotes.length === 0) {
    return err(invalid([unknownAddress(locals.length === 0 ? first : second)]));
  }
  const pairs = locals.flatMap((local) =>
    remotes.filter((remote) => familyOf(remote) === familyOf(local)).map((remote) => ({ local, remote })),
  );
  return pairs.length === 0 ? err(invalid(['The two addresses are of different families.'])) : ok(pairs);
}

function invalid(before: readonly string[]): Outcome {
  return bailMessage(
    `invalid ${THING} identification`,
    before.map((line) => `ikeadm: ${line}`),
  );
}

function anyPort(address: Address): { readonly address: Address; readonly port: number } {
  return { address, port: 0 };
}
