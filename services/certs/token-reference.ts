/**
 * Reference files: what stands in the directories of ikecert(8) in the place of a key or a certificate that is on a
 * PKCS #11 token. The original's format is not published; this one is text, so that it can be read and mended:
 *
 *     # PKCS#11 token reference
 *     token: Example HSM
 *     class: private-key
 *     id: 0a1b2c3d
 *     label: gateway
 *     pin: 1234
 *
 * `class` is `private-key` or `certificate`. Of `id` (CKA_ID, hex) and `label` (CKA_LABEL) one is enough; an object must fit
 * all that is there. `pin` stands only in what was made with `-p`, and unlocks the token at each start; nobody but its
 * owner may read the file then. A certificate's reference ends with a copy of it in PEM, and that of a private key may
 * end with its public key: whose they are is known while the token is not there.
 */
import { type Bytes, concat, fromText, sameBytes, toText } from '../bytes.js';
import type { TokenObject } from '../ports/public-key.js';
import { err, ok, type Result } from '../result.js';

export type ReferenceClass = 'private-key' | 'certificate';

export interface TokenReference {
  readonly object: TokenObject;
  readonly class: ReferenceClass;
  /** A part of the file's bytes: whoever wipes these wipes it. */
  readonly pin: Bytes | undefined;
}

const HEAD = '# PKCS#11 token reference';
const NEWLINE = 0x0a;
const PIN = fromText('pin: ');

/** Longest label of a token and of what is on it that we write or believe, bytes. PKCS #11 has 32 for tokens. */
const LONGEST_TOKEN = 32;

export function isReference(file: Bytes): boolean {
  return sameBytes(file.subarray(0, HEAD.length), Buffer.from(HEAD));
}

/** Whether nobody but its owner may read the file. */
export function holdsPin(file: Bytes): boolean {
  return isReference(file) && Buffer.from(file.buffer, file.byteOffset, file.byteLength).includes('\npin: ');
}

/** The error is a sentence part, and never repeats a PIN. */
export function parseReference(file: Bytes): Result<TokenReference, string> {
  const values = new Map<string, string>();
  let pin: Bytes | undefined;
  let number = 0;
  for (const line of linesOf(file)) {
    number += 1;
    const where = `its line ${String(number)}`;
    // A PIN is never made a string, which could not be wiped.
    if (sameBytes(line.subarray(0, PIN.length), PIN)) {
      if (pin !== undefined) return err(`${where} says pin again`);
      pin = line.subarray(PIN.length);
      continue;
    }
    const text = toText(line).trim();
    if (text.startsWith('-----BEGIN ')) break;
    if (text === '' || text.startsWith('#')) continue;
    const [, name, value] = /^([a-z]+):\s+(.+)$/.exec(text) ?? [];
    if (name === undefined || value === undefined || !['token', 'class', 'id', 'label'].includes(name))
      return err(`${where} is none of "token: ", "class: ", "id: ", "label: " and "pin: " with a value`);
    if (values.has(name)) return err(`${where} says ${name} again`);
    values.set(name, value);
  }
  return referenceOf(values, pin);
}

function referenceOf(
  values: ReadonlyMap<string, string>,
  pin: Bytes | undefined,
): Result<TokenReference, string> {
  const [token, kind, id, label] = ['token', 'class', 'id', 'label'].map((name) => values.get(name));
  if (token === undefined) return err('it names no token');
  if (Buffer.byteLength(token) > LONGEST_TOKEN)
    return err(`its token has a name of more than ${String(LONGEST_TOKEN)} bytes`);
  if (kind !== 'private-key' && kind !== 'certificate')
    return err('its class is neither private-key nor certificate');
  if (id !== undefined && !/^(?:[0-9a-f]{2})+$/i.test(id)) return err('its id is no hex of whole bytes');
  if (id === undefined && label === undefined) return err('it has neither an id nor a label');
  if (pin?.length === 0) return err('its pin is empty');
  return ok({ object: { token, id: id?.toLowerCase(), label }, class: kind, pin });
}

function* linesOf(bytes: Bytes): Generator<Bytes> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    yield bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end);
    start = end + 1;
  }
}

/** `pem` is the copy of a certificate or of a public key, with its newline. The caller wipes what it gets where there is a PIN in it. */
export function formatReference({ object, class: kind, pin }: TokenReference, pem = ''): Bytes {
  const head = [
    HEAD,
    `token: ${object.token}`,
    `class: ${kind}`,
    ...(object.id === undefined ? [] : [`id: ${object.id}`]),
    ...(object.label === undefined ? [] : [`label: ${object.label}`]),
    '',
  ].join('\n');
  const secret = pin === undefined ? [] : [PIN, pin, Uint8Array.of(NEWLINE)];
  return concat(fromText(head), ...secret, fromText(pem));
}
