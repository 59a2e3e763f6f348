/** Ways to spoil bytes: blindly, and along the chain of payloads, so that the damage gets past the first check. */
import { type Bytes, concat } from '../../services/bytes.js';
import { HEADER_LENGTH } from '../../services/isakmp/header.js';
import type { Dice } from '../sim/dice.js';

const GENERIC_HEADER = 4;
const NEXT_PAYLOAD_OFFSET = 16;
const FLAGS_OFFSET = 19;
const LENGTH_OFFSET = 24;
const LONGEST = 4096;
/** Values at which lengths, counts and types turn over. */
const EDGES = [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 28, 127, 128, 129, 130, 131, 132, 254, 255];

type ByteMutation = (dice: Dice, bytes: Bytes, other: Bytes) => Bytes;

const changedAt = (bytes: Bytes, at: number, value: number): Bytes =>
  bytes.map((byte, index) => (index === at ? value : byte));

const BLIND: readonly ByteMutation[] = [
  // a bit turned over
  (dice, bytes) => {
    const at = dice.below(bytes.length);
    return changedAt(bytes, at, (bytes[at] ?? 0) ^ (1 << dice.below(8)));
  },
  // a byte at an edge
  (dice, bytes) => changedAt(bytes, dice.below(bytes.length), dice.pick(EDGES)),
  // noise over a range
  (dice, bytes) => {
    const at = dice.below(bytes.length);
    const noise = dice.bytes(dice.below(Math.min(16, bytes.length - at)) + 1);
    return concat(bytes.subarray(0, at), noise, bytes.subarray(at + noise.length));
  },
  // cut off
  (dice, bytes) => bytes.subarray(0, dice.below(bytes.length)),
  // noise behind
  (dice, bytes) => concat(bytes, dice.bytes(dice.below(40))),
  // a range missing
  (dice, bytes) => {
    const at = dice.below(bytes.length);
    return concat(bytes.subarray(0, at), bytes.subarray(at + dice.below(24)));
  },
  // a range twice
  (dice, bytes) => {
    const at = dice.below(bytes.length);
    const end = Math.min(bytes.length, at + dice.below(64));
    return concat(bytes.subarray(0, end), bytes.subarray(at));
  },
  // the head of one and the tail of another
  (dice, bytes, other) =>
    concat(bytes.subarray(0, dice.below(bytes.length)), other.subarray(dice.below(other.length))),
];

interface Link {
  readonly type: number;
  readonly body: Bytes;
}

/** The chain as far as it goes, read without the production decoder. */
function linksOf(first: number, bytes: Bytes): readonly Link[] {
  const links: Link[] = [];
  let type = first;
  let at = 0;
  while (type !== 0 && at + GENERIC_HEADER <= bytes.length) {
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (length < GENERIC_HEADER) break;
    links.push({ type, body: bytes.subarray(at + GENERIC_HEADER, at + length) });
    type = bytes[at] ?? 0;
    at += length;
  }
  return links;
}

function chainOf(links: readonly Link[]): Chain {
  const parts = links.map(({ body }, index) => {
    const length = body.length + GENERIC_HEADER;
    return concat(Uint8Array.of(links[index + 1]?.type ?? 0, 0, length >> 8, length & 0xff), body);
  });
  return { first: links[0]?.type ?? 0, bytes: concat(...parts) };
}

/** Payloads and the type of the first. */
export interface Chain {
  readonly first: number;
  readonly bytes: Bytes;
}

/** Payloads left out, doubled, exchanged, retyped, taken from elsewhere, or spoiled within their right length. */
function mutateLinks(dice: Dice, { first, bytes }: Chain, other: Chain): Chain {
  const links = [...linksOf(first, bytes)];
  const at = dice.below(Math.max(1, links.length));
  const link = links[at] ?? { type: dice.below(20), body: dice.bytes(dice.below(40)) };
  const foreign = linksOf(other.first, other.bytes);
  switch (dice.below(6)) {
    case 0:
      links.splice(at, 1);
      break;
    case 1:
      links.splice(at, 0, ...Array.from({ length: 1 + dice.below(dice.chance(0.05) ? 80 : 2) }, () => link));
      break;
    case 2:
      links.push(...links.splice(at, 1));
      break;
    case 3:
      links[at] = { type: dice.chance(0.8) ? dice.below(22) : dice.below(256), body: link.body };
      break;
    case 4:
      if (foreign.length > 0) links.splice(at, dice.below(2), dice.pick(foreign));
      break;
    default:
      if (link.body.length > 0) links[at] = { type: link.type, body: mutateBytes(dice, link.body, bytes) };
  }
  return chainOf(links);
}

/** One to three mutations; never longer than 4096 bytes. */
export function mutateBytes(dice: Dice, bytes: Bytes, other: Bytes): Bytes {
  let spoiled = bytes;
  for (let n = dice.below(3); n >= 0; n--) {
    if (spoiled.length > 0) spoiled = dice.pick(BLIND)(dice, spoiled, other).subarray(0, LONGEST);
  }
  return Uint8Array.from(spoiled);
}

/** A chain of payloads, spoiled blindly or payload by payload. */
export function mutateChain(dice: Dice, chain: Chain, other: Chain): Chain {
  let spoiled = chain;
  for (let n = dice.below(3); n >= 0; n--) {
    if (dice.chance(0.6)) spoiled = mutateLinks(dice, spoiled, other);
    else {
      const first = dice.chance(0.1) ? dice.below(256) : spoiled.first;
      spoiled = { first, bytes: mutateBytes(dice, spoiled.bytes, other.bytes) };
    }
  }
  return { first: spoiled.first, bytes: Uint8Array.from(spoiled.bytes.subarray(0, LONGEST)) };
}

/** A datagram, most of the time with a length field that is right again, so that it is read on. */
export function mutateDatagram(dice: Dice, datagram: Bytes, other: Bytes): Bytes {
  const encrypted = ((datagram[FLAGS_OFFSET] ?? 0) & 1) !== 0;
  if (datagram.length <= HEADER_LENGTH || encrypted || dice.chance(0.4)) {
    return withLength(dice, mutateBytes(dice, datagram, other));
  }
  const chain = mutateChain(dice, chainIn(datagram), chainIn(other));
  const head = changedAt(datagram.subarray(0, HEADER_LENGTH), NEXT_PAYLOAD_OFFSET, chain.first);
  return withLength(dice, concat(head, chain.bytes));
}

function chainIn(datagram: Bytes): Chain {
  return { first: datagram[NEXT_PAYLOAD_OFFSET] ?? 0, bytes: datagram.subarray(HEADER_LENGTH) };
}

function withLength(dice: Dice, bytes: Bytes): Bytes {
  const mended = Uint8Array.from(bytes);
  if (bytes.length < HEADER_LENGTH || dice.chance(0.1)) return mended;
  new DataView(mended.buffer).setUint32(LENGTH_OFFSET, mended.length);
  return mended;
}
