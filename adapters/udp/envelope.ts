/**
 * Datagrams as they stand in memory that the addon reads and writes: behind an envelope that says how long they are, and
 * whose. Its layout is in `datagrams.c`.
 */
import { type Bytes, readU16, readU32 } from '../../services/bytes.js';
import { type Endpoint, ipv4Number } from '../../services/net/address.js';
import { addressText, ipv4Text, knownBytes } from '../../services/net/known-addresses.js';

export const ENVELOPE = 28;
/** What fits into UDP's own length, bytes. */
export const LONGEST = 65_535;

const [PORT, ADDRESS_LENGTH, ADDRESS, ZONE] = [4, 6, 8, 24];

/** Of the datagram; of an error its `errno`. */
export function lengthAt(room: Bytes, envelope: number): number {
  return readU32(room, envelope);
}

/** Where the envelope after this one begins, whose datagram has `length` bytes. */
export function after(envelope: number, length: number): number {
  return envelope + ((ENVELOPE + length + 7) & ~7);
}

/** Whose datagram it is; undefined where the envelope holds an error. */
export function senderAt(room: Bytes, envelope: number): Endpoint | undefined {
  const length = room[envelope + ADDRESS_LENGTH] ?? 0;
  if (length === 0) return undefined;
  const at = envelope + ADDRESS;
  const port = readU16(room, envelope + PORT);
  if (length === 4) return { address: ipv4Text(readU32(room, at)), port };
  const text = addressText(room.subarray(at, at + length));
  const zone = readU32(room, envelope + ZONE);
  return { address: zone === 0 ? text : `${text}%${String(zone)}`, port };
}

/** At the beginning of `room`, for `length` bytes to `remote`. Throws where that is no address. */
export function writeEnvelope(room: Bytes, remote: Endpoint, length: number): void {
  writeNumber(room, 0, length);
  room[PORT] = remote.port >>> 8;
  room[PORT + 1] = remote.port;
  const number = ipv4Number(remote.address);
  if (number !== undefined) {
    room[ADDRESS_LENGTH] = 4;
    writeNumber(room, ADDRESS, number);
    return;
  }
  const [address = '', zone = '0'] = remote.address.split('%');
  room[ADDRESS_LENGTH] = 16;
  room.set(knownBytes(address), ADDRESS);
  writeNumber(room, ZONE, Number(zone));
}

function writeNumber(room: Bytes, at: number, number: number): void {
  room[at] = number >>> 24;
  room[at + 1] = number >>> 16;
  room[at + 2] = number >>> 8;
  room[at + 3] = number;
}
