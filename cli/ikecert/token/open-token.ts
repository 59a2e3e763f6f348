/** A token for the time of one command: found, unlocked with its PIN, and locked again. */
import { faultClause } from './fault-clause.js';
import { Pkcs11Library } from '../../../adapters/pkcs11/library.js';
import { TokenObjects } from '../../../adapters/pkcs11/objects.js';
import type { Bytes } from '../../../services/bytes.js';
import type { TokenKey } from '../../../services/ports/public-key.js';
import type { TokenFault } from '../../../services/ports/token-fault.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { Request } from '../program.js';
import type { Answer, PinPlace } from '../world.js';

export interface OpenToken {
  /** Without padding. */
  readonly label: string;
  readonly objects: TokenObjects;
  /** Wiped when the command ends. */
  readonly pin: Bytes;
  /** As `TokenKeyUse` has it. */
  sign(key: TokenKey, data: Bytes): Promise<Result<Bytes, TokenFault>>;
}

/** Bytes of a token's label (PKCS #11 v2.40, CK_TOKEN_INFO). */
export const TOKEN_LABEL = 32;

/** The longest that `ikeadm token login` takes, too. */
const LONGEST_PIN = 255;

/** Blanks at the end are padding. The error is a clause. */
export function tokenLabel(text: string | undefined): Result<string, string> {
  const label = (text ?? '').replace(/ +$/, '');
  if (label === '') return err('-T is missing: the label of a token; ikecert tokens lists them');
  // A line of a reference file.
  if (/\p{Cc}/u.test(label)) return err('-T has a control character');
  if (Buffer.byteLength(label) > TOKEN_LABEL)
    return err(`-T "${label}" is longer than a label can be: ${String(TOKEN_LABEL)} bytes`);
  return ok(label);
}

/** Whether there is such a token is known before anybody is asked for its PIN. */
export async function withToken(
  { library, world }: Request,
  label: string,
  /** A PIN that is known already, which is copied, or where one is to come from. */
  pin: Bytes | PinPlace,
  work: (token: OpenToken) => Promise<Answer>,
): Promise<Answer> {
  const opened = openLibrary(library());
  if (!opened.ok) return opened;
  try {
    const there = opened.value.find(label);
    if (!there.ok) {
      const hint = there.error.reason === 'absent' ? '; ikecert tokens lists what is' : '';
      return err(faultClause(there.error) + hint);
    }
    const given =
      typeof pin === 'string'
        ? await world.pin('Enter PIN for PKCS#11 token: ', pin)
        : ok(Uint8Array.from(pin));
    if (!given.ok) return given;
    try {
      const fault = pinFault(given.value);
      if (fault !== undefined) return err(fault);
      const login = opened.value.login(label, given.value);
      if (!login.ok) return err(faultClause(login.error));
      return await work({
        label,
        objects: new TokenObjects(opened.value, label),
        pin: given.value,
        sign: (key, data) => opened.value.sign(key, data),
      });
    } finally {
      given.value.fill(0);
      opened.value.logout(label);
    }
  } finally {
    opened.value.close();
  }
}

/** The error is a clause. */
export function openLibrary(path: Result<string, string>): Result<Pkcs11Library, string> {
  if (!path.ok) return path;
  const opened = Pkcs11Library.open(path.value);
  return opened.ok ? opened : err(faultClause(opened.error));
}

/** An empty PIN would be counted by the token as a wrong one, and wrong ones lock it. */
function pinFault(pin: Bytes): string | undefined {
  if (pin.length === 0) return 'no PIN was given';
  if (pin.length > LONGEST_PIN) return `a PIN has at most ${String(LONGEST_PIN)} bytes`;
  return pin.includes(0) ? 'a PIN cannot hold a NUL byte' : undefined;
}
