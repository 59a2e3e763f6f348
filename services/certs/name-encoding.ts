/** Distinguished names into DER: strings as RFC 5280 4.1.2.4 wants them, in the order in which they were written. */
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  Name as AsnName,
  AttributeTypeAndValue,
  AttributeValue,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import { fromHex } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import type { Name, NameAttribute } from './name.js';

const COUNTRY = '2.5.4.6';
/** RFC 5280 appendix A: these are PrintableString and nothing else. */
const PRINTABLE_ONLY: readonly string[] = [COUNTRY, '2.5.4.5', '2.5.4.46'];
/** Mailbox and domain component (RFC 5280 4.1.2.6, RFC 4519 2.4). */
const IA5_ONLY: readonly string[] = ['1.2.840.113549.1.9.1', '0.9.2342.19200300.100.1.25'];

/** Upper bounds of RFC 5280 appendix A, characters. */
const LONGEST: ReadonlyMap<string, readonly [word: string, most: number]> = new Map([
  ['2.5.4.3', ['CN', 64]],
  ['2.5.4.10', ['O', 64]],
  ['2.5.4.11', ['OU', 64]],
  ['2.5.4.5', ['serialNumber', 64]],
  ['2.5.4.7', ['L', 128]],
  ['2.5.4.8', ['ST', 128]],
]);

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** The error is a sentence part: "its C must be a country code of two letters". */
export function encodeName(name: Name): Result<AsnName, string> {
  const rdns: RelativeDistinguishedName[] = [];
  for (const rdn of name.rdns) {
    const attributes: AttributeTypeAndValue[] = [];
    for (const attribute of rdn) {
      const value = encodeValue(attribute);
      if (!value.ok) return value;
      attributes.push(new AttributeTypeAndValue({ type: attribute.type, value: value.value }));
    }
    rdns.push(new RelativeDistinguishedName(inDerOrder(attributes)));
  }
  return ok(new AsnName(rdns));
}

function encodeValue({ type, value }: NameAttribute): Result<AttributeValue, string> {
  // RFC 4514 2.4: `#` and hex is the BER of the value itself.
  if (/^#([0-9a-f]{2})+$/i.test(value))
    return ok(new AttributeValue({ anyValue: Uint8Array.from(fromHex(value.slice(1))).buffer }));
  if (type === COUNTRY && !/^[A-Za-z]{2}$/.test(value))
    return err(`its C must be a country code of two letters, not \`${value}\``);
  const [word = type, most = Number.POSITIVE_INFINITY] = LONGEST.get(type) ?? [];
  if (value.length > most) return err(`its ${word} is longer than ${String(most)} characters`);
  if (IA5_ONLY.includes(type)) {
    return /^[\x20-\x7e]*$/.test(value)
      ? ok(new AttributeValue({ ia5String: value }))
      : err(`\`${value}\` has characters beyond ASCII, which a mailbox or domain must not have`);
  }
  if (PRINTABLE.test(value)) return ok(new AttributeValue({ printableString: value }));
  return PRINTABLE_ONLY.includes(type)
    ? err(`\`${value}\` has characters that a serial number or qualifier must not have`)
    : ok(new AttributeValue({ utf8String: value }));
}

/** X.690 11.6: the members of a SET OF stand in the order of their encodings. */
function inDerOrder(attributes: readonly AttributeTypeAndValue[]): AttributeTypeAndValue[] {
  const encoded = attributes.map((attribute) => ({
    attribute,
    der: Buffer.from(AsnConvert.serialize(attribute)),
  }));
  return encoded.toSorted((a, b) => Buffer.compare(a.der, b.der)).map(({ attribute }) => attribute);
}
