/** General names: what a subjectAltName says, and an ID payload of type ID_DER_ASN1_GN (RFC 5280 4.2.1.6). */
import { GeneralName as AsnGeneralName } from '@peculiar/asn1-x509';
import type { Bytes } from '../bytes.js';
import { addressFromBytes } from '../net/address.js';
import { derSequence, type DerValue, derValueAt, readAsn } from './der.js';
import { formatName, type Name, printable, readName } from './name.js';

export type GeneralName =
  | { readonly kind: 'ip' | 'dns' | 'email' | 'uri' | 'rid'; readonly text: string; readonly der: Bytes }
  | { readonly kind: 'dn'; readonly name: Name; readonly der: Bytes }
  /** A form that nothing here compares. */
  | { readonly kind: 'other'; readonly der: Bytes };

export type TextKind = Extract<GeneralName, { readonly text: string }>['kind'];

const MOST_NAMES = 256;

/** Tags of the CHOICE, implicit except for the directory name. */
const CHOICE = { email: 0x81, dns: 0x82, dn: 0xa4, uri: 0x86, ip: 0x87, rid: 0x88 } as const;

/** The names of a SEQUENCE of them; undefined when it is none. */
export function readGeneralNames(der: Bytes): readonly GeneralName[] | undefined {
  return derSequence(der, MOST_NAMES)?.map(readChoice);
}

/** One name that fills `der`; undefined when it does not. */
export function readGeneralName(der: Bytes): GeneralName | undefined {
  const value = derValueAt(der, 0);
  return value?.whole.length === der.length ? readChoice(value) : undefined;
}

export function readChoice(value: DerValue): GeneralName {
  const { tag, content, whole: der } = value;
  const text = (kind: TextKind, value: string | undefined): GeneralName =>
    value === undefined || value === '' ? { kind: 'other', der } : { kind, text: value, der };
  const ia5 = Buffer.from(content).toString('latin1');
  switch (tag) {
    case CHOICE.email:
      return text('email', ia5);
    case CHOICE.dns:
      return text('dns', ia5);
    case CHOICE.uri:
      return text('uri', ia5);
    case CHOICE.ip:
      return text('ip', addressFromBytes(content));
    case CHOICE.rid: {
      const read = readAsn(der, AsnGeneralName, 'registered ID');
      return text('rid', read.ok ? read.value.registeredID : undefined);
    }
    case CHOICE.dn: {
      const read = readName(content);
      return read.ok ? { kind: 'dn', name: read.value, der } : { kind: 'other', der };
    }
    default:
      return { kind: 'other', der };
  }
}

/** Host names without regard to case; of a mailbox only its host; addresses and OIDs are canonical already. */
export function sameText(kind: TextKind, a: string, b: string): boolean {
  return foldOf(kind, a) === foldOf(kind, b);
}

function foldOf(kind: TextKind, text: string): string {
  switch (kind) {
    case 'dns':
      return text.toLowerCase();
    case 'email': {
      const at = text.lastIndexOf('@') + 1;
      return text.slice(0, at) + text.slice(at).toLowerCase();
    }
    case 'ip':
    case 'uri':
    case 'rid':
      return text;
  }
}

const TAGS = { ip: 'IP', dns: 'DNS', email: 'EMAIL', uri: 'URI', rid: 'RID' } as const;

/** As a selector of ike.config(5) writes it: `DNS=gw.example.net`. */
export function formatGeneralName(name: GeneralName): string {
  if (name.kind === 'other') return 'a name of another kind';
  return name.kind === 'dn' ? `DN=${formatName(name.name)}` : `${TAGS[name.kind]}=${printable(name.text)}`;
}
