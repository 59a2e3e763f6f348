/** Byte strings of the wire and of digests: joining, comparing, hex. Numbers on the wire are big-endian. */
export type Bytes = Uint8Array;

export const NO_BYTES: Bytes = new Uint8Array(0);

export function concat(...parts: readonly Bytes[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function hex(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Bytes of a hex string without separators; the caller has checked that it is one. */
export function fromHex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Equality of public bytes. Not constant in time: proofs are compared by `Crypto.equal`. */
export function sameBytes(a: Bytes, b: Bytes): boolean {
  return Buffer.compare(a, b) === 0;
}

export function u8(value: number): Bytes {
  return Uint8Array.of(value & 0xff);
}

export function u16(value: number): Bytes {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

export function u32(value: number): Bytes {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export function readU16(bytes: Bytes, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

export function readU32(bytes: Bytes, offset: number): number {
  return readU16(bytes, offset) * 0x1_0000 + readU16(bytes, offset + 2);
}
