/** SAs as netlink has them: `xfrm_usersa_info` with the attributes behind it. */
import { concat, NO_BYTES, type Bytes } from '../bytes.js';
import { textArea, textOf } from '../c-structure.js';
import { addressBytes, type Address } from '../net/address.js';
import { decodeAddress, decodeSelector, encodeSelector, type XfrmSelector } from './addresses.js';
import type { Attribute } from './netlink.js';
import { ATTRIBUTE } from './registry.js';
import {
  ALGORITHM,
  ALGORITHM_AEAD,
  ALGORITHM_AUTH,
  ENCAPSULATION,
  LIFETIME_CONFIG,
  LIFETIME_CURRENT,
  REPLAY_ESN,
  USERSA_INFO,
} from './structures.js';

/** Limits: `Infinity` bytes or packets and 0 seconds are none. */
export type XfrmLimits = Readonly<Record<keyof (typeof LIFETIME_CONFIG)['numbers'], number>>;
/** `addTime` and `useTime` in seconds since 1970. */
export type XfrmCurrent = Readonly<Record<keyof (typeof LIFETIME_CURRENT)['numbers'], number>>;

export const NO_LIMITS: XfrmLimits = {
  softBytes: Infinity,
  hardBytes: Infinity,
  softPackets: Infinity,
  hardPackets: Infinity,
  softAddSeconds: 0,
  hardAddSeconds: 0,
  softUseSeconds: 0,
  hardUseSeconds: 0,
};
export const NO_USE: XfrmCurrent = { bytes: 0, packets: 0, addTime: 0, useTime: 0 };

/** `key` is a view of the message: wiping that wipes it. */
export interface XfrmAlgorithm {
  readonly name: string;
  readonly key: Bytes;
}

export interface XfrmEncapsulation {
  readonly type: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** RFC 3948's original address; 0.0.0.0 for none. IPv4 or IPv6 in the family of the SA. */
  readonly original: Address;
}

/** Sequence numbers and the window; the words of its bitmap as the kernel has them. */
export interface XfrmReplay {
  readonly outgoing: number;
  readonly incoming: number;
  readonly outgoingHigh: number;
  readonly incomingHigh: number;
  readonly window: number;
  readonly bitmap: Bytes;
}

export interface SaAttributes {
  readonly crypt?: XfrmAlgorithm;
  /** Bits of the ICV; undefined in the form that leaves it to the kernel, which is not what RFC 4868 says of SHA-256. */
  readonly auth?: XfrmAlgorithm & { readonly truncatedBits: number | undefined };
  readonly aead?: XfrmAlgorithm & { readonly icvBits: number };
  readonly encapsulation?: XfrmEncapsulation;
  readonly replay?: XfrmReplay;
  /** What has no meaning here, as it came. */
  readonly others: readonly Attribute[];
}

export const NO_ATTRIBUTES: SaAttributes = { others: [] };

export interface XfrmSa {
  readonly selector: XfrmSelector;
  readonly source: Address;
  readonly destination: Address;
  readonly spi: number;
  readonly protocol: number;
  readonly family: number;
  readonly mode: number;
  readonly requestId: number;
  readonly sequence: number;
  readonly replayWindow: number;
  readonly flags: number;
  readonly limits: XfrmLimits;
  readonly current: XfrmCurrent;
  /** Packets that were refused since it was made. */
  readonly refused: { readonly beforeWindow: number; readonly replayed: number; readonly unproved: number };
}

export function encodeSa(sa: XfrmSa): Bytes {
  const { spi, protocol, sequence, requestId, family, mode, replayWindow, flags, refused } = sa;
  return USERSA_INFO.encode(
    {
      spi,
      protocol,
      replayWindowExceeded: refused.beforeWindow,
      replays: refused.replayed,
      integrityFailed: refused.unproved,
      sequence,
      requestId,
      family,
      mode,
      replayWindow,
      flags,
    },
    {
      selector: encodeSelector(sa.selector),
      destination: addressBytes(sa.destination),
      source: addressBytes(sa.source),
      limits: LIFETIME_CONFIG.encode(sa.limits, {}),
      current: LIFETIME_CURRENT.encode(sa.current, {}),
    },
  );
}

export function decodeSa(bytes: Bytes): XfrmSa | undefined {
  const read = USERSA_INFO.read(bytes);
  if (read === undefined) return undefined;
  const family = read.number('family');
  const selector = decodeSelector(read.area('selector'));
  const source = decodeAddress(read.area('source'), family);
  const destination = decodeAddress(read.area('destination'), family);
  const limits = decodeLimits(read.area('limits'));
  const current = decodeCurrent(read.area('current'));
  if (
    selector === undefined ||
    source === undefined ||
    destination === undefined ||
    limits === undefined ||
    current === undefined
  ) {
    return undefined;
  }
  return {
    selector,
    source,
    destination,
    spi: read.number('spi'),
    protocol: read.number('protocol'),
    family,
    mode: read.number('mode'),
    requestId: read.number('requestId'),
    sequence: read.number('sequence'),
    replayWindow: read.number('replayWindow'),
    flags: read.number('flags'),
    limits,
    current,
    refused: {
      beforeWindow: read.number('replayWindowExceeded'),
      replayed: read.number('replays'),
      unproved: read.number('integrityFailed'),
    },
  };
}

/** All bits set is no limit; as a number it is 2^64. */
const NO_LIMIT = 2 ** 64;

export function decodeLimits(bytes: Bytes): XfrmLimits | undefined {
  const read = LIFETIME_CONFIG.read(bytes);
  if (read === undefined) return undefined;
  const limit = (name: keyof XfrmLimits): number => {
    const value = read.number(name);
    return value === NO_LIMIT ? Infinity : value;
  };
  return {
    softBytes: limit('softBytes'),
    hardBytes: limit('hardBytes'),
    softPackets: limit('softPackets'),
    hardPackets: limit('hardPackets'),
    softAddSeconds: limit('softAddSeconds'),
    hardAddSeconds: limit('hardAddSeconds'),
    softUseSeconds: limit('softUseSeconds'),
    hardUseSeconds: limit('hardUseSeconds'),
  };
}

export function decodeCurrent(bytes: Bytes): XfrmCurrent | undefined {
  const read = LIFETIME_CURRENT.read(bytes);
  return (
    read && {
      bytes: read.number('bytes'),
      packets: read.number('packets'),
      addTime: read.number('addTime'),
      useTime: read.number('useTime'),
    }
  );
}

export function saAttributes(attributes: SaAttributes): readonly Attribute[] {
  const { crypt, auth, aead, encapsulation, replay, others } = attributes;
  const list: Attribute[] = [];
  const put = (type: number, payload: Bytes): void => void list.push({ type, payload });
  if (aead !== undefined) {
    const numbers = { keyBits: aead.key.length * 8, icvBits: aead.icvBits };
    put(ATTRIBUTE.algAead, concat(ALGORITHM_AEAD.encode(numbers, nameOf(aead)), aead.key));
  }
  if (auth !== undefined) {
    const keyBits = auth.key.length * 8;
    if (auth.truncatedBits === undefined) {
      put(ATTRIBUTE.algAuth, concat(ALGORITHM.encode({ keyBits }, nameOf(auth)), auth.key));
    } else {
      const numbers = { keyBits, truncatedBits: auth.truncatedBits };
      put(ATTRIBUTE.algAuthTruncated, concat(ALGORITHM_AUTH.encode(numbers, nameOf(auth)), auth.key));
    }
  }
  if (crypt !== undefined) {
    const head = ALGORITHM.encode({ keyBits: crypt.key.length * 8 }, nameOf(crypt));
    put(ATTRIBUTE.algCrypt, concat(head, crypt.key));
  }
  if (encapsulation !== undefined) {
    const { original, ...numbers } = encapsulation;
    put(ATTRIBUTE.encapsulation, ENCAPSULATION.encode(numbers, { original: addressBytes(original) }));
  }
  if (replay !== undefined) {
    const { bitmap, ...numbers } = replay;
    const head = REPLAY_ESN.encode({ ...numbers, bitmapWords: bitmap.length / 4 }, {});
    put(ATTRIBUTE.replayEsn, concat(head, bitmap));
  }
  return [...list, ...others];
}

function nameOf({ name }: XfrmAlgorithm): { readonly name: Bytes } {
  return { name: textArea(name, 64) };
}

/** Undefined: one of them is not what its type says. Of the two forms of `auth` that a kernel tells, the longer counts. */
export function readSaAttributes(attributes: readonly Attribute[], family: number): SaAttributes | undefined {
  let found: SaAttributes = NO_ATTRIBUTES;
  for (const attribute of attributes) {
    const next = withAttribute(found, attribute, family);
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}

function withAttribute(
  found: SaAttributes,
  { type, payload }: Attribute,
  family: number,
): SaAttributes | undefined {
  switch (type) {
    case ATTRIBUTE.algCrypt: {
      const crypt = readAlgorithm(payload);
      return crypt && { ...found, crypt };
    }
    case ATTRIBUTE.algAuth: {
      const auth = readAlgorithm(payload);
      if (auth === undefined) return undefined;
      return found.auth === undefined ? { ...found, auth: { ...auth, truncatedBits: undefined } } : found;
    }
    case ATTRIBUTE.algAuthTruncated: {
      const read = ALGORITHM_AUTH.read(payload);
      const key = read && keyBehind(payload, ALGORITHM_AUTH.size, read.number('keyBits'));
      if (read === undefined || key === undefined) return undefined;
      const auth = { name: textOf(read.area('name')), key, truncatedBits: read.number('truncatedBits') };
      return { ...found, auth };
    }
    case ATTRIBUTE.algAead: {
      const read = ALGORITHM_AEAD.read(payload);
      const key = read && keyBehind(payload, ALGORITHM_AEAD.size, read.number('keyBits'));
      if (read === undefined || key === undefined) return undefined;
      return { ...found, aead: { name: textOf(read.area('name')), key, icvBits: read.number('icvBits') } };
    }
    case ATTRIBUTE.encapsulation: {
      const read = ENCAPSULATION.read(payload);
      const original = read && decodeAddress(read.area('original'), family);
      if (read === undefined || original === undefined) return undefined;
      const ports = {
        sourcePort: read.number('sourcePort'),
        destinationPort: read.number('destinationPort'),
      };
      return { ...found, encapsulation: { type: read.number('type'), ...ports, original } };
    }
    case ATTRIBUTE.replayEsn: {
      const replay = readReplay(payload);
      return replay && { ...found, replay };
    }
    default:
      return { ...found, others: [...found.others, { type, payload }] };
  }
}

function readAlgorithm(payload: Bytes): XfrmAlgorithm | undefined {
  const read = ALGORITHM.read(payload);
  const key = read && keyBehind(payload, ALGORITHM.size, read.number('keyBits'));
  return read && key && { name: textOf(read.area('name')), key };
}

function keyBehind(payload: Bytes, at: number, bits: number): Bytes | undefined {
  const length = Math.ceil(bits / 8);
  if (length > payload.length - at) return undefined;
  return length === 0 ? NO_BYTES : payload.subarray(at, at + length);
}

function readReplay(payload: Bytes): XfrmReplay | undefined {
  const read = REPLAY_ESN.read(payload);
  if (read === undefined) return undefined;
  const length = read.number('bitmapWords') * 4;
  if (length > payload.length - REPLAY_ESN.size) return undefined;
  return {
    outgoing: read.number('outgoing'),
    incoming: read.number('incoming'),
    outgoingHigh: read.number('outgoingHigh'),
    incomingHigh: read.number('incomingHigh'),
    window: read.number('window'),
    bitmap: payload.subarray(REPLAY_ESN.size, REPLAY_ESN.size + length),
  };
}
