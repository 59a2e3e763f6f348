/**
 * A pre-shared key: addresses, then identities and key found by 16-bit offsets from the start of the structure.
 *
 *   0  ipaddrs 512    512  ike_mode u16    514  offset and length of local id, remote id, key    526  key_bits u16
 * 528  prefix length of the local, 532 of the remote address, i32; 0 is none    536  the parts
 *
 * An identity of length 0 is the address. DEVIATION of the original client that a reader must bear: in what it sends,
 * the length inside an identity counts bytes and its extension type is 0, so that only the lengths here count.
 */
import { concat, NO_BYTES, type Bytes } from '../../bytes.js';
import type { Endpoint } from '../../net/address.js';
import { err, ok, type Result } from '../../result.js';
import {
  ADDRESS_PAIR_LENGTH,
  decodeAddressPair,
  encodeSocketAddress,
  SOCKADDR_LENGTH,
} from './address-pair.js';
import { decodeIdentity, encodeIdentity, type IdentityRecord, LONGEST_TEXT } from './identity.js';
import { roundedUp, structureWithAreas } from '../../c-structure.js';

export const PS = structureWithAreas(
  'ps',
  536,
  {
    exchange: [512, 'u16'],
    localIdOffset: [514, 'u16'],
    localIdLength: [516, 'u16'],
    remoteIdOffset: [518, 'u16'],
    remoteIdLength: [520, 'u16'],
    keyOffset: [522, 'u16'],
    keyLength: [524, 'u16'],
    keyBits: [526, 'u16'],
    localPrefixLength: [528, 'i32'],
    remotePrefixLength: [532, 'i32'],
  },
  { addresses: [0, ADDRESS_PAIR_LENGTH] },
);

/** One end of a key: an address, which with a prefix length stands for a network, or an identity. */
export type PresharedEnd =
  | {
      readonly address: Endpoint | undefined;
      /** 0: the address itself. */
      readonly prefixLength: number;
    }
  | { readonly identity: IdentityRecord };

export interface PresharedRecord {
  /** 0 not said, 1 base, 2 main, 4 aggressive, 240 both, 256 any. */
  readonly exchange: number;
  readonly local: PresharedEnd;
  readonly remote: PresharedEnd;
  /** Undefined where the privilege does not reach it; `bits` is 0 then. */
  readonly key: Bytes | undefined;
  readonly bits: number;
}

const MOST = 0xffff;

/** The error is a sentence: what of the entry does not fit. It repeats nothing of the key. */
export function encodePreshared(entry: PresharedRecord): Result<Bytes, string> {
  const { local, remote, key = NO_BYTES, bits } = entry;
  if ([local, remote].some(isTooLong)) {
    return err(
      `An identity of a pre-shared key is longer than the ${String(LONGEST_TEXT)} bytes that the door takes.`,
    );
  }
  if (bits > MOST)
    return err(
      `A pre-shared key of ${String(bits)} bits is longer than the ${String(MOST)} that the door takes.`,
    );
  const localId = 'identity' in local ? encodeIdentity('local', local.identity) : NO_BYTES;
  const remoteId = 'identity' in remote ? encodeIdentity('remote', remote.identity) : NO_BYTES;
  const remoteIdOffset = PS.size + localId.length;
  const keyOffset = remoteIdOffset + remoteId.length;
  const head = PS.encode(
    {
      exchange: entry.exchange,
      localIdOffset: PS.size,
      localIdLength: localId.length,
      remoteIdOffset,
      remoteIdLength: remoteId.length,
      keyOffset,
      keyLength: key.length,
      keyBits: bits,
      localPrefixLength: 'identity' in local ? 0 : local.prefixLength,
      remotePrefixLength: 'identity' in remote ? 0 : remote.prefixLength,
    },
    { addresses: concat(addressOf(local), addressOf(remote)) },
  );
  return ok(concat(head, localId, remoteId, key, new Uint8Array(roundedUp(key.length) - key.length)));
}

/**
 * The error is a sentence part: what cannot be read. Good for what a client sends and for a reply. `key` is a copy, which
 * its receiver wipes.
 */
export function decodePreshared(bytes: Bytes, at = 0): Result<PresharedRecord, string> {
  const body = bytes.subarray(at);
  const head = PS.read(body);
  const addresses = head && decodeAddressPair(head.area('addresses'));
  if (head === undefined || addresses === undefined) {
    return err(`a pre-shared key takes ${String(PS.size)} bytes, only ${String(body.length)} came`);
  }
  const part = (name: 'localId' | 'remoteId' | 'key'): Bytes | undefined => {
    const length = head.number(`${name}Length`);
    const offset = head.number(`${name}Offset`);
    if (length === 0) return NO_BYTES;
    // A part within the fixed values would be read as what it is not.
    return offset < PS.size || offset + length > body.length
      ? undefined
      : body.subarray(offset, offset + length);
  };
  const localId = part('localId');
  const remoteId = part('remoteId');
  const key = part('key');
  if (localId === undefined || remoteId === undefined || key === undefined)
    return err('a part of a pre-shared key does not lie behind its fixed values');
  const local = endOf(localId, addresses.local, head.number('localPrefixLength'));
  const remote = endOf(remoteId, addresses.remote, head.number('remotePrefixLength'));
  if (local === undefined || remote === undefined)
    return err('an identity of a pre-shared key is shorter than its head');
  return ok({
    exchange: head.number('exchange'),
    local,
    remote,
    key: key.length === 0 ? undefined : Uint8Array.from(key),
    bits: head.number('keyBits'),
  });
}

function endOf(part: Bytes, address: Endpoint | undefined, prefixLength: number): PresharedEnd | undefined {
  if (part.length === 0) return { address, prefixLength };
  const identity = decodeIdentity(part);
  return identity && { identity };
}

function addressOf(end: PresharedEnd): Bytes {
  return 'identity' in end || end.address === undefined
    ? new Uint8Array(SOCKADDR_LENGTH)
    : encodeSocketAddress(end.address);
}

function isTooLong(end: PresharedEnd): boolean {
  return 'identity' in end && Buffer.byteLength(end.identity.text, 'utf8') > LONGEST_TEXT;
}
