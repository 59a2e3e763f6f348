/** What differs between the systems that speak PF_KEY: numbers, a few sizes and byte orders. */
import type { ExtensionKind } from './extension.js';

/** RFC 2367 3.1, the same everywhere. */
export const CORE_MESSAGES = {
  GETSPI: 1,
  UPDATE: 2,
  ADD: 3,
  DELETE: 4,
  GET: 5,
  ACQUIRE: 6,
  REGISTER: 7,
  EXPIRE: 8,
  FLUSH: 9,
  DUMP: 10,
  X_PROMISC: 11,
} as const;

export type MessageKind =
  | keyof typeof CORE_MESSAGES
  | 'X_INVERSE_ACQUIRE'
  | 'X_UPDATEPAIR'
  | 'X_DELPAIR'
  | 'X_DELPAIR_STATE'
  | 'X_PCHANGE'
  | 'X_SPDUPDATE'
  | 'X_SPDADD'
  | 'X_SPDDELETE'
  | 'X_SPDGET'
  | 'X_SPDACQUIRE'
  | 'X_SPDDUMP'
  | 'X_SPDFLUSH'
  | 'X_SPDSETIDX'
  | 'X_SPDEXPIRE'
  | 'X_SPDDELETE2'
  | 'X_NAT_T_NEW_MAPPING'
  | 'X_MIGRATE';

/** RFC 2367 3.2, the same everywhere. */
export const CORE_EXTENSIONS = {
  SA: 1,
  LIFETIME_CURRENT: 2,
  LIFETIME_HARD: 3,
  LIFETIME_SOFT: 4,
  ADDRESS_SRC: 5,
  ADDRESS_DST: 6,
  KEY_AUTH: 8,
  KEY_ENCRYPT: 9,
  IDENTITY_SRC: 10,
  IDENTITY_DST: 11,
  SENSITIVITY: 12,
  PROPOSAL: 13,
  SUPPORTED_AUTH: 14,
  SUPPORTED_ENCRYPT: 15,
  SPIRANGE: 16,
} as const;

/** SA types (RFC 2367 3.3). */
export const SA_TYPE = { unspecified: 0, ah: 2, esp: 3 } as const;

/** SA states (RFC 2367 3.4). */
export const SA_STATE = { larval: 0, mature: 1, dying: 2, dead: 3 } as const;

export interface Dialect {
  readonly name: 'linux' | 'illumos';
  readonly messages: Readonly<Partial<Record<MessageKind, number>>>;
  readonly extensions: Readonly<Partial<Record<ExtensionKind, number>>>;
  readonly afInet6: number;
  /** Bytes of a `sockaddr_in6`, without the padding of the extension around it. */
  readonly sockaddrIn6: number;
  /** Whether SPIRANGE is in network order. */
  readonly spiRangeInNetworkOrder: boolean;
  /** Whether keys, combinations and supported algorithms tell of salt bits. */
  readonly saltBits: boolean;
  /** What the kernel does with an extension it does not know. */
  readonly unknownExtension: 'refused' | 'skipped';
}

export function messageKind(dialect: Dialect, number: number): MessageKind | undefined {
  return kindOf(dialect.messages, number);
}

export function extensionKind(dialect: Dialect, number: number): ExtensionKind | undefined {
  return kindOf(dialect.extensions, number);
}

function kindOf<K extends string>(
  numbers: Readonly<Partial<Record<K, number>>>,
  wanted: number,
): K | undefined {
  for (const kind in numbers) if (numbers[kind] === wanted) return kind;
  return undefined;
}
