/** Distinguished names: from DER and from the text of ike.config(5), compared attribute by attribute (RFC 5280 7.1). */
import { Name as AsnName } from '@peculiar/asn1-x509';
import { type Bytes, hex } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { readAsn } from './der.js';

export interface NameAttribute {
  /** Dotted OID. */
  readonly type: string;
  /** Text; `#` and hex for a value that is none. */
  readonly value: string;
}

export interface Name {
  /** In the order of the certificate; an RDN of several attributes is a set. */
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** Two names are the same exactly when their keys are: OIDs, and values with case and blanks folded. */
  readonly key: string;
}

/** Attributes of one name; real ones have about ten. */
const MOST_ATTRIBUTES = 64;

/** First the keyword by which an attribute is shown, then the others that are understood. */
const KEYWORDS: readonly (readonly [oid: string, ...words: string[]])[] = [
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN', 'surname'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST', 'S'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title', 'T'],
  ['2.5.4.13', 'description'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.20', 'telephoneNumber'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'GN', 'givenName', 'G'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.46', 'dnQualifier', 'DNQ'],
  ['2.5.4.65', 'pseudonym'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress', 'E', 'EMAIL'],
  ['1.2.840.113549.1.9.2', 'unstructuredName'],
  ['1.2.840.113549.1.9.8', 'unstructuredAddress'],
];

const OID_OF = new Map(KEYWORDS.flatMap(([oid, ...words]) => words.map((word) => [word.toLowerCase(), oid])));
const KEYWORD_OF = new Map(KEYWORDS.map(([oid, word = oid]) => [oid, word]));

/** A name from the DER of a certificate or an ID payload. */
export function readName(der: Bytes): Result<Name, string> {
  const read = readAsn(der, AsnName, 'distinguished name');
  if (!read.ok) return read;
  let count = 0;
  const rdns: NameAttribute[][] = [];
  for (const rdn of read.value) {
    const attributes = [...rdn].map(({ type, value }) => ({
      type,
      value: value.anyValue === undefined ? value.toString() : `#${hex(new Uint8Array(value.anyValue))}`,
    }));
    count += attributes.length;
    if (attributes.length === 0 || count > MOST_ATTRIBUTES)
      return err('its distinguished name has no attribute in a part, or too many');
    rdns.push(attributes);
  }
  return ok({ rdns, key: keyOf(rdns) });
}

/**
 * `C=US, O=Example\, Inc., CN=gw`: in the order of the certificate. Attribute types are keywords or dotted OIDs; `+`
 * joins the attributes of one part. The error is a sentence part for an operator.
 */
export function parseName(text: string): Result<Name, string> {
  const rdns: NameAttribute[][] = [];
  let rdn: NameAttribute[] = [];
  for (const { attribute, separator } of splitName(text)) {
    const equals = attribute.indexOf('=');
    if (equals < 0) return err(`\`${attribute.trim()}\` is no attribute of the form TYPE=value`);
    const word = attribute.slice(0, equals).trim();
    const type = /^(OID\.)?\d+(\.\d+)+$/i.test(word)
      ? word.replace(/^OID\./i, '')
      : OID_OF.get(word.toLowerCase());
    if (type === undefined) return err(`\`${word}\` is no attribute of a distinguished name`);
    const value = unescaped(attribute.slice(equals + 1).trimStart());
    if (value === '') return err(`its ${word} is empty`);
    rdn.push({ type, value });
    if (separator === '+') continue;
    rdns.push(rdn);
    rdn = [];
  }
  if (rdn.length > 0) return err('it ends with `+`');
  return ok({ rdns, key: keyOf(rdns) });
}

/** The same text that `parseName` reads; control characters are shown as escapes. */
export function formatName(name: Name): string {
  if (name.rdns.length === 0) return 'the empty name';
  return name.rdns
    .map((rdn) =>
      rdn.map(({ type, value }) => `${KEYWORD_OF.get(type) ?? type}=${escaped(value)}`).join(' + '),
    )
    .join(', ');
}

export function sameName(a: Name, b: Name): boolean {
  return a.key === b.key;
}

/** As `sameName`, with the parts of one the other way round: RFC 4514 prints names from the end. */
export function isReversed(a: Name, b: Name): boolean {
  return a.rdns.length > 1 && a.key === keyOf(b.rdns.toReversed());
}

/** RFC 5280 7.1 by way of RFC 4518: compatibility forms, case and runs of blanks make no difference. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

function keyOf(rdns: readonly (readonly NameAttribute[])[]): string {
  return JSON.stringify(
    rdns.map((rdn) => rdn.map(({ type, value }) => `${type}=${foldText(value)}`).toSorted()),
  );
}

/** Cuts at commas and plus signs that are neither escaped nor quoted. */
function* splitName(
  text: string,
): Generator<{ readonly attribute: string; readonly separator: ',' | '+' | '' }> {
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ',' || character === '+')) {
      yield { attribute: text.slice(start, i), separator: character };
      start = i + 1;
    }
  }
  yield { attribute: text.slice(start), separator: '' };
}

/** RFC 4514 2.4, and the quotes of RFC 2253. */
function unescaped(value: string): string {
  const bytes: number[] = [];
  const put = (text: string): void => void bytes.push(...Buffer.from(text));
  const trimmed = value.replace(/(?<!\\)\s+$/, '');
  const bare = /^"[^]*"$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
  for (const [, pair, character, plain] of bare.matchAll(/\\([0-9a-fA-F]{2})|\\([^])|([^])/gu)) {
    if (pair === undefined) put(character ?? plain ?? '');
    else bytes.push(Number.parseInt(pair, 16));
  }
  return Buffer.from(bytes).toString('utf8');
}

function escaped(value: string): string {
  return printable(value.replace(/[,+"\\<>;]|^[#\s]|\s$/g, (character) => `\\${character}`));
}

/** Text of a peer must not reach a terminal as it is. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
