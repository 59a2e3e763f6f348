/** Frames of a capture file: pcap in both byte orders, and pcapng (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). */
import { type Bytes, readU32 } from '../bytes.js';
import { err, ok, type Result } from '../result.js';

export interface Frame {
  /** LINKTYPE_ number: 1 is Ethernet. */
  readonly link: number;
  readonly bytes: Bytes;
}

/** Frames beyond are not looked at. */
const MOST_FRAMES = 100_000;

type ReadNumber = (at: number) => number;

/** The error says what the file is not. */
export function readFrames(file: Bytes): Result<readonly Frame[], string> {
  if (file.length < 24) return err('it is too short for a capture');
  const magic = readU32(file, 0);
  if (magic === 0x0a0d0d0a) return pcapng(file);
  if (magic === 0xa1b2c3d4 || magic === 0xa1b23c4d) return ok(pcap(file, (at) => readU32(file, at)));
  const swapped = littleEndian(file);
  if (swapped(0) === 0xa1b2c3d4 || swapped(0) === 0xa1b23c4d) return ok(pcap(file, swapped));
  return err('it is neither pcap nor pcapng');
}

function littleEndian(file: Bytes): ReadNumber {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return (at) => view.getUint32(at, true);
}

function pcap(file: Bytes, number: ReadNumber): readonly Frame[] {
  const link = number(20) & 0xffff;
  const frames: Frame[] = [];
  for (let at = 24; at + 16 <= file.length && frames.length < MOST_FRAMES;) {
    const length = number(at + 8);
    if (at + 16 + length > file.length) break;
    frames.push({ link, bytes: file.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return frames;
}

const BLOCK = { section: 0x0a0d0d0a, interface: 1, simple: 3, enhanced: 6 } as const;

function pcapng(file: Bytes): Result<readonly Frame[], string> {
  const frames: Frame[] = [];
  let number: ReadNumber = (at) => readU32(file, at);
  let links: number[] = [];
  for (let at = 0; at + 12 <= file.length && frames.length < MOST_FRAMES;) {
    if (readU32(file, at) === BLOCK.section) {
      const order = readU32(file, at + 8);
      if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) return err('a section of it has no byte order');
      number = order === 0x1a2b3c4d ? (offset) => readU32(file, offset) : littleEndian(file);
      links = [];
    }
    const type = number(at);
    const length = number(at + 4);
    if (length < 12 || at + length > file.length) break;
    if (type === BLOCK.interface && length >= 20) links.push(linkOf(file, at + 8, number));
    if (type === BLOCK.enhanced && length >= 32) {
      const link = links[number(at + 8)] ?? 1;
      const captured = Math.min(number(at + 20), length - 32);
      frames.push({ link, bytes: file.subarray(at + 28, at + 28 + captured) });
    }
    if (type === BLOCK.simple && length >= 16)
      frames.push({ link: links[0] ?? 1, bytes: file.subarray(at + 12, at + length - 4) });
    at += length;
  }
  return ok(frames);
}

/** The first 16 bits of the block's body, in the order of the section. */
function linkOf(file: Bytes, at: number, number: ReadNumber): number {
  const whole = number(at);
  return readU32(file, at) === whole ? whole >>> 16 : whole & 0xffff;
}
