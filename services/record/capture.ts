/** The datagrams of a recording as packet captures. */
import { type Bytes, concat, fromHex, hex } from '../bytes.js';
import { HEADER_LENGTH } from '../isakmp/header.js';
import type { Endpoint } from '../net/address.js';
import type { Recording } from './entry.js';
import { textBytes } from './values.js';

export interface CapturedDatagram {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** What the UDP header is followed by. */
  readonly bytes: Bytes;
}

const FLAGS_AT = 19;
const LENGTH_AT = 24;
const ENCRYPTED = 1;
const NON_ESP_MARKER = new Uint8Array(4);

/** `opened`: encrypted messages whose plaintext is in the recording stand there in the clear. */
export function capturedDatagrams(
  { header, entries }: Recording,
  opened: boolean,
): readonly CapturedDatagram[] {
  const plaintexts = opened ? plaintextsIn({ header, entries }) : new Map<string, Bytes>();
  return entries.flatMap((entry) => {
    if (entry.kind !== 'in' && entry.kind !== 'out') return [];
    const { local, remote } = entry;
    const message = openedMessage(fromHex(entry.bytes.slice(2)), plaintexts);
    // RFC 3948 2.2
    const bytes = local.port === header.nattPort ? concat(NON_ESP_MARKER, message) : message;
    const [from, to] = entry.kind === 'out' ? [local, remote] : [remote, local];
    return [{ at: header.epoch + entry.at, from, to, bytes }];
  });
}

/** By their ciphertexts, in hex. */
function plaintextsIn({ entries }: Recording): ReadonlyMap<string, Bytes> {
  const found = new Map<string, Bytes>();
  for (const entry of entries) {
    if (entry.kind !== 'call' || entry.port !== 'crypto') continue;
    if ((entry.op !== 'encrypt' && entry.op !== 'decrypt') || entry.outcome === undefined) continue;
    const [given, got] = [entry.args[3], 'value' in entry.outcome ? entry.outcome.value : undefined];
    const [ciphertext, plaintext] = entry.op === 'encrypt' ? [got, given] : [given, got];
    const [cipherBytes, plainBytes] = [textBytes(ciphertext), textBytes(plaintext)];
    if (cipherBytes !== undefined && plainBytes !== undefined) found.set(hex(cipherBytes), plainBytes);
  }
  return found;
}

function openedMessage(message: Bytes, plaintexts: ReadonlyMap<string, Bytes>): Bytes {
  const plaintext = plaintexts.get(hex(message.subarray(HEADER_LENGTH)));
  if (plaintext === undefined) return message;
  const open = concat(message.subarray(0, HEADER_LENGTH), plaintext);
  open[FLAGS_AT] = (open[FLAGS_AT] ?? 0) & ~ENCRYPTED;
  new DataView(open.buffer, open.byteOffset).setUint32(LENGTH_AT, open.length);
  return open;
}

/** An IP packet and when it was seen, milliseconds since 1970 UTC. */
export interface CapturedPacket {
  readonly at: number;
  readonly bytes: Bytes;
}

/** Packets begin with their IP header. */
const LINKTYPE_RAW = 101;
const LONGEST_PACKET = 0x4_0000;

/** The classic file format, with microseconds. */
export function pcapFile(packets: readonly CapturedPacket[]): Bytes {
  const head = words(0xa1b2_c3d4, 0x0004_0002, 0, 0, LONGEST_PACKET, LINKTYPE_RAW);
  return concat(
    head,
    ...packets.flatMap(({ at, bytes }) => {
      const micros = Math.round(at * 1000);
      const seconds = Math.floor(micros / 1_000_000);
      return [words(seconds, micros - seconds * 1_000_000, bytes.length, bytes.length), bytes];
    }),
  );
}

const SECTION_HEADER = 0x0a0d_0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const COMMENT = 1;

/** PCAP Next Generation (draft-ietf-opsawg-pcapng). `comment` is that of the section. */
export function pcapngFile(packets: readonly CapturedPacket[], comment: string): Bytes {
  const text = new TextEncoder().encode(comment);
  const options = concat(words(COMMENT | (text.length << 16)), padded(text), words(0));
  return concat(
    block(SECTION_HEADER, concat(words(0x1a2b_3c4d, 0x0000_0001, 0xffff_ffff, 0xffff_ffff), options)),
    block(INTERFACE, words(LINKTYPE_RAW, LONGEST_PACKET)),
    ...packets.map(({ at, bytes }) => {
      const micros = BigInt(Math.round(at * 1000));
      const [high, low] = [Number(micros >> 32n), Number(micros & 0xffff_ffffn)];
      return block(ENHANCED_PACKET, concat(words(0, high, low, bytes.length, bytes.length), padded(bytes)));
    }),
  );
}

function block(type: number, body: Bytes): Bytes {
  const length = body.length + 12;
  return concat(words(type, length), body, words(length));
}

function padded(bytes: Bytes): Bytes {
  return concat(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
}

/** 32-bit numbers, the lowest byte first. */
function words(...values: readonly number[]): Bytes {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(index * 4, value >>> 0, true);
  });
  return bytes;
}
