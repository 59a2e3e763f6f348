/** Message 1 of Main Mode, as somebody writes it who does not mean to go on: aes-128, sha1, pre-shared key, eight hours. */
import { randomBytes } from 'node:crypto';
import { concat, u16, u32 } from '../../services/bytes.js';
import type { Bytes } from '../../services/bytes.js';

const HEADER_LENGTH = 28;
/** Between header fields and the group, and after it. */
const HEAD = '0110020000000000';
const PROPOSAL =
  '000000380000000100000001' +
  '0000002c01010001' +
  '0000002401010000' +
  '80010007800e008080020002' +
  '80030001';
const LIFETIME = '800b0001800c7080';
const GROUP_ATTRIBUTE = 0x8004;

export function firstMessage(group: number, cookie: Bytes = randomBytes(8)): Bytes {
  const payload = concat(
    Buffer.from(PROPOSAL, 'hex'),
    u16(GROUP_ATTRIBUTE),
    u16(group),
    Buffer.from(LIFETIME, 'hex'),
  );
  return concat(
    cookie,
    new Uint8Array(8),
    Buffer.from(HEAD, 'hex'),
    u32(HEADER_LENGTH + payload.length),
    payload,
  );
}
