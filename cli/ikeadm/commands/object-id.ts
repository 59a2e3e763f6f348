/** How objects are named on the command line: two addresses or host names, two cookies, two identities, a label. */
import { parseCInteger } from '../../../services/admin/c-number.js';
import { encodeAddressPair } from '../../../services/admin/door/address-pair.js';
import { encodeRequestCookies } from '../../../services/admin/door/cookie-pair.js';
import { GET, ID_TYPE } from '../../../services/admin/door/heads.js';
import { encodeIdentityPair } from '../../../services/admin/door/identity-pair.js';
import { encodeLabel } from '../../../services/admin/door/label.js';
import { concat, type Bytes } from '../../../services/bytes.js';
import { familyOf, parseAddress, type Address } from '../../../services/net/address.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bail, bailMessage, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { identityType, namedIdentity } from './identity-words.js';

/** What follows the head of a GET or a DEL. */
export interface ObjectId {
  readonly idType: number;
  readonly bytes: Bytes;
}

/** Host names with several addresses make several. The error is ready to print. */
export type ReadObjectId = (
  session: Session,
  words: readonly string[],
) => Promise<Result<readonly ObjectId[], Outcome>>;

/** A GET or a DEL, which have one shape. */
export function objectRequest(command: number, { idType, bytes }: ObjectId): Bytes {
  const length = GET.size + bytes.length;
  return concat(GET.encode({ cmd: command, length, idType, reserved: 0 }, {}), bytes);
}

export const readPhase1Id: ReadObjectId = async (session, [first, second]) => {
  if (first === undefined) return err(bail('not enough identification info'));
  if (second === undefined) return err(invalid('phase 1 SA'));
  return first.startsWith('0x')
    ? cookiePair(first, second)
    : addressPairs(session, 'phase 1 SA', first, second);
};

export const readRuleId: ReadObjectId = (_session, [label]) => {
  if (label === undefined) return Promise.resolve(err(bail('not enough identification info')));
  const bytes = encodeLabel(label);
  return Promise.resolve(
    bytes
      ? ok([{ idType: ID_TYPE.LABEL, bytes }])
      : err(invalid('policy rule', 'a label has 1 to 255 bytes.')),
  );
};

export const readPresharedId: ReadObjectId = async (session, words) => {
  const thing = 'preshared key';
  const [first, second, third, fourth] = words;
  if (first === undefined) return err(bail('not enough identification info'));
  if (second === undefined) return err(invalid(thing));
  const localType = identityType(first);
  if (localType === undefined) return addressPairs(session, thing, first, second);
  if (third === undefined) return err(invalid(thing));
  const remoteType = identityType(third);
  if (remoteType === undefined) return err(invalid(thing, `unknown identity type ${third}.`));
  if (fourth === undefined) return err(invalid(thing));
  if (localType === 'address' && remoteType === 'address') {
    return addressPairs(session, thing, second, fourth);
  }
  const local = namedIdentity(localType, second);
  const remote = namedIdentity(remoteType, fourth);
  return ok([{ idType: ID_TYPE.IDENT_PAIR, bytes: encodeIdentityPair({ local, remote }) }]);
};

/** Numeric, or any name of the name service unless `-n`. */
export async function addressesNamed(session: Session, text: string): Promise<readonly Address[]> {
  const address = parseAddress(text);
  if (address !== undefined) return [address];
  return session.options.numeric ? [] : session.world.names.addressesOf(text);
}

export function unknownAddress(text: string): string {
  return `Unknown address ${text}.`;
}

function cookiePair(first: string, second: string): Result<readonly ObjectId[], Outcome> {
  const initiatorCookie = cookie(first);
  const responderCookie = cookie(second);
  if (initiatorCookie === undefined || responderCookie === undefined) {
    const bad = initiatorCookie === undefined ? first : second;
    return err(invalid('phase 1 SA', `failed to parse cookie ${bad}.`));
  }
  const bytes = encodeRequestCookies({ initiatorCookie, responderCookie });
  return ok([{ idType: ID_TYPE.CKY_PAIR, bytes }]);
}

function cookie(text: string): string | undefined {
  const value = parseCInteger(text);
  return value === undefined || value > 0xffff_ffff_ffff_ffffn
    ? undefined
    : value.toString(16).padStart(16, '0');
}

/**
 * The first local address with all remote ones, as the program does; its manual promises all combinations.
 * DEVIATION: the first that has a remote address of its family, because other pairs can match nothing.
 */
async function addressPairs(
  session: Session,
  thing: string,
  first: string,
  second: string,
): Promise<Result<readonly ObjectId[], Outcome>> {
  const [locals, remotes] = await Promise.all([
    addressesNamed(session, first),
    addressesNamed(session, second),
  ]);
  if (locals.length === 0 || remotes.length === 0) {
    return err(invalid(thing, unknownAddress(locals.length === 0 ? first : second)));
  }
  for (const local of locals) {
    const partners = remotes.filter((remote) => familyOf(remote) === familyOf(local));
    if (partners.length === 0) continue;
    return ok(
      partners.map((remote) => ({
        idType: ID_TYPE.ADDR_PAIR,
        bytes: encodeAddressPair(anyPort(local), anyPort(remote)),
      })),
    );
  }
  return err(invalid(thing, 'The two addresses are of different families.'));
}

function invalid(thing: string, why?: string): Outcome {
  return bailMessage(`invalid ${thing} identification`, why === undefined ? [] : [`ikeadm: ${why}`]);
}

function anyPort(address: Address): { readonly address: Address; readonly port: number } {
  return { address, port: 0 };
}
