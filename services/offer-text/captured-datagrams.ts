/** The UDP datagrams in a capture: who sent what to whom. */
import { type Bytes, readU16, readU32 } from '../bytes.js';
import { addressFromBytes, type Endpoint } from '../net/address.js';
import { ok, type Result } from '../result.js';
import { type Frame, readFrames } from './capture-frames.js';

export interface Datagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Bytes;
}

const UDP = 17;
/** Where the IP packet begins in frames of a link type; undefined: Ethernet, which says it. */
const IP_AT: ReadonlyMap<number, number> = new Map([
  [0, 4],
  [12, 0],
  [14, 0],
  [101, 0],
  [113, 16],
  [228, 0],
  [229, 0],
  [276, 20],
]);

/** In the order of the file. `packets` counts what else there is, too. */
export function readDatagrams(
  file: Bytes,
): Result<{ readonly packets: number; readonly datagrams: readonly Datagram[] }, string> {
  const frames = readFrames(file);
  if (!frames.ok) return frames;
  const datagrams = frames.value.map(datagramOf).filter((datagram) => datagram !== undefined);
  return ok({ packets: frames.value.length, datagrams });
}

/** Port 4500 has four zero bytes before the message (RFC 3948 2.2). */
export function messageOf({ bytes }: Pick<Datagram, 'bytes'>): Bytes {
  return bytes.length > 4 && readU32(bytes, 0) === 0 ? bytes.subarray(4) : bytes;
}

function datagramOf({ link, bytes }: Frame): Datagram | undefined {
  let at = IP_AT.get(link) ?? 12;
  if (link === 1) {
    // VLAN tags stand before the type.
    while (at + 2 <= bytes.length && [0x8100, 0x88a8].includes(readU16(bytes, at))) at += 4;
    at += 2;
  }
  const packet = bytes.subarray(at);
  const version = (packet[0] ?? 0) >>> 4;
  return version === 4 ? udpOf4(packet) : version === 6 ? udpOf6(packet) : undefined;
}

function udpOf4(packet: Bytes): Datagram | undefined {
  const head = ((packet[0] ?? 0) & 0xf) * 4;
  // Later fragments have no UDP header.
  if (packet.length < head + 8 || packet[9] !== UDP || (readU16(packet, 6) & 0x1fff) !== 0) return undefined;
  return udp(packet.subarray(head), packet.subarray(12, 16), packet.subarray(16, 20));
}

function udpOf6(packet: Bytes): Datagram | undefined {
  if (packet.length < 48 || packet[6] !== UDP) return undefined;
  return udp(packet.subarray(40), packet.subarray(8, 24), packet.subarray(24, 40));
}

function udp(segment: Bytes, source: Bytes, destination: Bytes): Datagram | undefined {
  const from = addressFromBytes(source);
  const to = addressFromBytes(destination);
  if (from === undefined || to === undefined) return undefined;
  const length = readU16(segment, 4);
  return {
    from: { address: from, port: readU16(segment, 0) },
    to: { address: to, port: readU16(segment, 2) },
    bytes: segment.subarray(8, Math.max(8, Math.min(length, segment.length))),
  };
}
