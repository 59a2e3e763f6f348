/** An extension with its head: bytes to value and back, in either dialect. */
import { concat, type Bytes } from '../bytes.js';
import {
  decodeAddress,
  decodeIdentity,
  decodeKey,
  decodeLifetime,
  decodeProposal,
  decodeSa,
  decodeSpiRange,
  decodeSupported,
  encodeAddress,
  encodeIdentity,
  encodeKey,
  encodeLifetime,
  encodeProposal,
  encodeSa,
  encodeSpiRange,
  encodeSupported,
  padded,
} from './core-extensions.js';
import { extensionKind, type Dialect } from './dialect.js';
import type { ExtensionKind, PfkeyExtension } from './extension.js';
import {
  decodeCookie,
  decodeExtendedDump,
  decodeExtendedProposal,
  decodeExtendedRegister,
  decodePair,
  decodeReplayValue,
  encodeCookie,
  encodeExtendedDump,
  encodeExtendedProposal,
  encodeExtendedRegister,
  encodePair,
  encodeReplayValue,
} from './illumos-extensions.js';
import {
  decodeNatPort,
  decodeNatType,
  decodePolicy,
  decodeSa2,
  encodeNatPort,
  encodeNatType,
  encodePolicy,
  encodeSa2,
} from './linux-extensions.js';

export const HEAD_LENGTH = 4;
/** Lengths count words of this many bytes. */
export const WORD = 8;

/** Undefined for an extension that the dialect does not have: it cannot be said to that kernel. */
export function encodeExtension(extension: PfkeyExtension, dialect: Dialect): Bytes | undefined {
  const number = extension.kind === 'unknown' ? extension.number : dialect.extensions[extension.kind];
  if (number === undefined) return undefined;
  const content = contentOf(extension, dialect);
  const bytes = padded(content);
  // It may be a key.
  if (bytes !== content) content.fill(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(0, bytes.length / WORD, true);
  view.setUint16(2, number, true);
  return bytes;
}

/** The extension with room for its head. */
function contentOf(extension: PfkeyExtension, dialect: Dialect): Bytes {
  switch (extension.kind) {
    case 'SA':
      return encodeSa(extension);
    case 'LIFETIME_CURRENT':
    case 'LIFETIME_HARD':
    case 'LIFETIME_SOFT':
    case 'X_LIFETIME_IDLE':
      return encodeLifetime(extension);
    case 'ADDRESS_SRC':
    case 'ADDRESS_DST':
    case 'ADDRESS_PROXY':
    case 'X_ADDRESS_NATT_LOC':
    case 'X_ADDRESS_NATT_REM':
    case 'X_ADDRESS_INNER_SRC':
    case 'X_ADDRESS_INNER_DST':
    case 'X_NAT_T_OA':
      return encodeAddress(extension, dialect);
    case 'KEY_AUTH':
    case 'KEY_ENCRYPT':
    case 'X_STR_AUTH':
      return encodeKey(extension, dialect);
    case 'IDENTITY_SRC':
    case 'IDENTITY_DST':
      return encodeIdentity(extension);
    case 'PROPOSAL':
      return encodeProposal(extension, dialect);
    case 'SUPPORTED_AUTH':
    case 'SUPPORTED_ENCRYPT':
      return encodeSupported(extension, dialect);
    case 'SPIRANGE':
      return encodeSpiRange(extension, dialect);
    case 'X_EREG':
      return encodeExtendedRegister(extension);
    case 'X_EPROP':
      return encodeExtendedProposal(extension);
    case 'X_KM_COOKIE':
      return encodeCookie(extension);
    case 'X_PAIR':
      return encodePair(extension);
    case 'X_REPLAY_VALUE':
      return encodeReplayValue(extension);
    case 'X_EDUMP':
      return encodeExtendedDump(extension);
    case 'X_POLICY':
      return encodePolicy(extension);
    case 'X_SA2':
      return encodeSa2(extension);
    case 'X_NAT_T_TYPE':
      return encodeNatType(extension);
    case 'X_NAT_T_SPORT':
    case 'X_NAT_T_DPORT':
      return encodeNatPort(extension);
    case 'SENSITIVITY':
    case 'X_OUTER_SENS':
    case 'X_KMPRIVATE':
    case 'X_SEC_CTX':
    case 'X_KMADDRESS':
    case 'X_FILTER':
    case 'unknown':
      return concat(new Uint8Array(HEAD_LENGTH), extension.body);
  }
}

/** `bytes` is one extension as its length says. Undefined: its type is known and its content is not of that type. */
export function decodeExtension(bytes: Bytes, dialect: Dialect): PfkeyExtension | undefined {
  const number = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(2, true);
  const kind = extensionKind(dialect, number);
  if (kind === undefined) return { kind: 'unknown', number, body: bytes.slice(HEAD_LENGTH) };
  return decodeKind(kind, bytes, dialect);
}

function decodeKind(kind: ExtensionKind, bytes: Bytes, dialect: Dialect): PfkeyExtension | undefined {
  switch (kind) {
    case 'SA':
      return decodeSa(bytes);
    case 'LIFETIME_CURRENT':
    case 'LIFETIME_HARD':
    case 'LIFETIME_SOFT':
    case 'X_LIFETIME_IDLE':
      return decodeLifetime(kind, bytes);
    case 'ADDRESS_SRC':
    case 'ADDRESS_DST':
    case 'ADDRESS_PROXY':
    case 'X_ADDRESS_NATT_LOC':
    case 'X_ADDRESS_NATT_REM':
    case 'X_ADDRESS_INNER_SRC':
    case 'X_ADDRESS_INNER_DST':
    case 'X_NAT_T_OA':
      return decodeAddress(kind, bytes, dialect);
    case 'KEY_AUTH':
    case 'KEY_ENCRYPT':
    case 'X_STR_AUTH':
      return decodeKey(kind, bytes, dialect);
    case 'IDENTITY_SRC':
    case 'IDENTITY_DST':
      return decodeIdentity(kind, bytes);
    case 'PROPOSAL':
      return decodeProposal(bytes, dialect);
    case 'SUPPORTED_AUTH':
    case 'SUPPORTED_ENCRYPT':
      return decodeSupported(kind, bytes, dialect);
    case 'SPIRANGE':
      return decodeSpiRange(bytes, dialect);
    case 'X_EREG':
      return decodeExtendedRegister(bytes);
    case 'X_EPROP':
      return decodeExtendedProposal(bytes);
    case 'X_KM_COOKIE':
      return decodeCookie(bytes);
    case 'X_PAIR':
      return decodePair(bytes);
    case 'X_REPLAY_VALUE':
      return decodeReplayValue(bytes);
    case 'X_EDUMP':
      return decodeExtendedDump(bytes);
    case 'X_POLICY':
      return decodePolicy(bytes);
    case 'X_SA2':
      return decodeSa2(bytes);
    case 'X_NAT_T_TYPE':
      return decodeNatType(bytes);
    case 'X_NAT_T_SPORT':
    case 'X_NAT_T_DPORT':
      return decodeNatPort(kind, bytes);
    case 'SENSITIVITY':
    case 'X_OUTER_SENS':
    case 'X_KMPRIVATE':
    case 'X_SEC_CTX':
    case 'X_KMADDRESS':
    case 'X_FILTER':
      return { kind, body: bytes.slice(HEAD_LENGTH) };
  }
}
