/** What the bytes of a field say, in the words of the registries, and where the field is described. */
import { type Bytes, hex } from '../bytes.js';
import { addressFromBytes } from '../net/address.js';
import { ahTransformName } from './registries/ah-transforms.js';
import { CERT_ENCODINGS } from './registries/cert-encodings.js';
import { DOIS, SITUATIONS } from './registries/doi.js';
import { espTransformName } from './registries/esp-transforms.js';
import { exchangeName } from './registries/exchange-types.js';
import { groupName } from './registries/groups.js';
import { ID_TYPE, idTypeName } from './registries/id-types.js';
import { IPCOMP_TRANSFORMS } from './registries/ipcomp-transforms.js';
import {
  authAlgorithmName,
  encapsulationModeName,
  IPSEC_ATTRIBUTE,
  ipsecAttributeName,
} from './registries/ipsec-attributes.js';
import { notifyName } from './registries/notify-types.js';
import { payloadTypeName } from './registries/payload-types.js';
import {
  authMethodName,
  encryptionName,
  hashName,
  LIFE_TYPES,
  OAKLEY_ATTRIBUTE,
  OAKLEY_ATTRIBUTES,
} from './registries/phase1-attributes.js';
import { PROTOCOL, protocolName } from './registries/protocols.js';
import { vendorIdName } from './registries/vendor-ids.js';

/** RFC 2408 3: which section describes a structure. */
const SOURCES: Readonly<Record<string, string>> = {
  header: 'RFC 2408 3.1',
  nextPayload: 'RFC 2408 3.2',
  attribute: 'RFC 2408 3.3',
  SA: 'RFC 2408 3.4, RFC 2407 4.6.1',
  proposal: 'RFC 2408 3.5',
  transform: 'RFC 2408 3.6',
  KE: 'RFC 2408 3.7',
  ID: 'RFC 2407 4.6.2',
  CERT: 'RFC 2408 3.9',
  CERTREQ: 'RFC 2408 3.10',
  HASH: 'RFC 2408 3.11',
  SIG: 'RFC 2408 3.12',
  NONCE: 'RFC 2408 3.13',
  NOTIFY: 'RFC 2408 3.14',
  DELETE: 'RFC 2408 3.15',
  VENDOR: 'RFC 2408 3.16',
  'NAT-D': 'RFC 3947 3.2',
  'NAT-OA': 'RFC 3947 5.2',
  encrypted: 'RFC 2409 appendix B',
  padding: 'RFC 2409 appendix B',
};

/** Empty where it is that of what the field stands in. */
export function sourceOf(name: string, above: readonly string[]): string {
  if (name === 'nextPayload' && above.at(-1) === 'header') return '';
  return SOURCES[name] ?? '';
}

/** What the words of a field depend on and what stands beside or above it. */
export interface Setting {
  readonly protocol?: number;
  readonly attribute?: number;
  readonly idType?: number;
}

const MOST_HEX_BYTES = 16;

/** `above`: names of what the field stands in, outermost first. */
export function fieldWords(name: string, bytes: Bytes, above: readonly string[], setting: Setting): string {
  const number = bytes.reduce((value, byte) => value * 256 + byte, 0);
  const named = (word: string): string => `${word} (${String(number)})`;
  const inside = above.at(-1) ?? '';
  switch (name) {
    case 'nextPayload':
      return named(nextWords(number, inside));
    case 'exchangeType':
      return named(exchangeName(number));
    case 'version':
      return `${String(number >>> 4)}.${String(number & 0x0f)}`;
    case 'flags':
      return named(flagWords(number));
    case 'messageId':
      return `0x${hex(bytes)}`;
    case 'doi':
      return named(DOIS.nameOf(number));
    case 'situation':
      return named(SITUATIONS.nameOf(number));
    case 'protocol':
      return inside === 'ID' ? ipProtocolWords(number) : named(protocolName(number));
    case 'id':
      return named(transformName(number, setting.protocol));
    case 'notifyType':
      return named(notifyName(number));
    case 'idType':
      return named(idTypeName(number));
    case 'encoding':
      return named(CERT_ENCODINGS.nameOf(number));
    case 'attributeType':
      return attributeTypeWords(number, setting);
    case 'attributeValue':
      return attributeWords(bytes, setting);
    case 'data':
    case 'address':
      return dataWords(bytes, inside, setting);
    case 'reserved':
      return number === 0 ? '0' : hexWords(bytes);
    case 'encrypted':
      return `${String(bytes.length)} bytes`;
    default:
      return bytes.length <= 4 && !/cookie|^spis?$/i.test(name) ? String(number) : hexWords(bytes);
  }
}

function nextWords(number: number, inside: string): string {
  if (number === 0) return 'none';
  return inside === 'proposal' || inside === 'transform' ? `another ${inside}` : payloadTypeName(number);
}

function flagWords(number: number): string {
  const names = [
    [1, 'encryption'],
    [2, 'commit'],
    [4, 'authentication only'],
  ] as const;
  const set = names.filter(([bit]) => (number & bit) !== 0).map(([, word]) => word);
  return set.length === 0 ? 'none' : set.join(', ');
}

/** 0 is any. */
function ipProtocolWords(number: number): string {
  const known: Readonly<Record<number, string>> = { 0: 'any', 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' };
  return `${known[number] ?? 'IP protocol'} (${String(number)})`;
}

function transformName(number: number, protocol: number | undefined): string {
  switch (protocol) {
    case PROTOCOL.isakmp:
      return number === 1 ? 'KEY_IKE' : 'unknown';
    case PROTOCOL.ah:
      return ahTransformName(number);
    case PROTOCOL.esp:
      return espTransformName(number);
    case PROTOCOL.ipcomp:
      return IPCOMP_TRANSFORMS.nameOf(number);
    default:
      return 'transform';
  }
}

function isPhase1({ protocol }: Setting): boolean {
  return protocol === PROTOCOL.isakmp;
}

function attributeTypeWords(number: number, setting: Setting): string {
  const type = number & 0x7fff;
  const name = isPhase1(setting) ? OAKLEY_ATTRIBUTES.nameOf(type) : ipsecAttributeName(type);
  return `${name} (${String(type)}), ${number > 0x7fff ? 'basic' : 'variable'}`;
}

function attributeWords(bytes: Bytes, setting: Setting): string {
  const number = bytes.reduce((value, byte) => Math.min(value * 256 + byte, Number.MAX_SAFE_INTEGER), 0);
  const name = isPhase1(setting)
    ? phase1Value(setting.attribute, number)
    : phase2Value(setting.attribute, number);
  return name === undefined ? String(number) : `${name} (${String(number)})`;
}

function phase1Value(attribute: number | undefined, value: number): string | undefined {
  switch (attribute) {
    case OAKLEY_ATTRIBUTE.encryptionAlgorithm:
      return encryptionName(value);
    case OAKLEY_ATTRIBUTE.hashAlgorithm:
      return hashName(value);
    case OAKLEY_ATTRIBUTE.authenticationMethod:
      return authMethodName(value);
    case OAKLEY_ATTRIBUTE.groupDescription:
      return groupName(value);
    case OAKLEY_ATTRIBUTE.lifeType:
      return LIFE_TYPES.nameOf(value);
    default:
      return undefined;
  }
}

function phase2Value(attribute: number | undefined, value: number): string | undefined {
  switch (attribute) {
    case IPSEC_ATTRIBUTE.lifeType:
      return LIFE_TYPES.nameOf(value);
    case IPSEC_ATTRIBUTE.groupDescription:
      return groupName(value);
    case IPSEC_ATTRIBUTE.encapsulationMode:
      return encapsulationModeName(value);
    case IPSEC_ATTRIBUTE.authenticationAlgorithm:
      return authAlgorithmName(value);
    default:
      return undefined;
  }
}

function dataWords(bytes: Bytes, inside: string, setting: Setting): string {
  if (inside === 'VENDOR') return vendorIdName(bytes);
  const { idType } = setting;
  if (idType === undefined) return hexWords(bytes);
  const half = bytes.length / 2;
  const pair = (between: string): string =>
    `${address(bytes.subarray(0, half))}${between}${address(bytes.subarray(half))}`;
  switch (idType) {
    case ID_TYPE.ipv4Addr:
    case ID_TYPE.ipv6Addr:
      return address(bytes);
    case ID_TYPE.ipv4AddrSubnet:
    case ID_TYPE.ipv6AddrSubnet:
      return pair('/');
    case ID_TYPE.ipv4AddrRange:
    case ID_TYPE.ipv6AddrRange:
      return pair(' to ');
    case ID_TYPE.fqdn:
    case ID_TYPE.userFqdn:
      return printable(bytes);
    default:
      return hexWords(bytes);
  }
}

function address(bytes: Bytes): string {
  return addressFromBytes(bytes) ?? hexWords(bytes);
}

/** A peer may write anything into a name. */
function printable(bytes: Bytes): string {
  return Array.from(bytes, (byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}

function hexWords(bytes: Bytes): string {
  const shown = `0x${hex(bytes.subarray(0, MOST_HEX_BYTES))}`;
  return bytes.length > MOST_HEX_BYTES ? `${shown}... (${String(bytes.length)} bytes)` : shown;
}
