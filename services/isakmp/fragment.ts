/**
 * IKE fragmentation as deployed ([MS-IKEE] 2.2): a message cut into datagrams that each have the ISAKMP header of the
 * whole, with payload type 132 and a length of their own, and one payload:
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+-------------------------------+
 *    ! Next Payload  !   RESERVED    !         Payload Length        !
 *    +---------------+---------------+---------------+---------------+
 *    !          Fragment ID          !    Number     !     Flags     !
 *    +-------------------------------+---------------+---------------+
 *    !                             Data                              !
 *    +---------------------------------------------------------------+
 *
 * What is joined is the whole message with its own header, encrypted or not.
 */
import { type Bytes, concat, readU16, u16, u8 } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { decodeHeader, encodeHeader, HEADER_LENGTH, type IsakmpHeader } from './header.js';
import { PAYLOAD } from './registries/payload-types.js';

const HEAD_LENGTH = 8;
const LAST = 1;

export interface Fragment {
  /** One per message. */
  readonly id: number;
  /** From 1. */
  readonly number: number;
  readonly last: boolean;
  readonly data: Bytes;
}

export function isFragment(header: IsakmpHeader): boolean {
  return header.nextPayload === PAYLOAD.fragment;
}

/** The error is a clause for an operator. */
export function decodeFragment(datagram: Bytes): Result<Fragment, string> {
  const payload = datagram.subarray(HEADER_LENGTH);
  if (payload.length <= HEAD_LENGTH) return err('a fragment without data');
  if (payload[0] !== PAYLOAD.none) return err('a fragment that is not the only payload of its datagram');
  if (readU16(payload, 2) !== payload.length)
    return err('a fragment whose length is not that of its datagram');
  const number = payload[6] ?? 0;
  if (number === 0) return err('a fragment with the number 0');
  return ok({
    id: readU16(payload, 4),
    number,
    last: ((payload[7] ?? 0) & LAST) !== 0,
    data: Uint8Array.from(payload.subarray(HEAD_LENGTH)),
  });
}

/** Cuts a message into datagrams of at most `size` bytes; `size` leaves room for both heads. */
export function fragmentsOf(message: Bytes, id: number, size: number): readonly Bytes[] {
  const header = decodeHeader(message);
  if (!header.ok) throw new Error('only a whole message can be cut');
  const room = size - HEADER_LENGTH - HEAD_LENGTH;
  const count = Math.ceil(message.length / room);
  return Array.from({ length: count }, (_, index) => {
    const data = message.subarray(index * room, (index + 1) * room);
    const length = HEADER_LENGTH + HEAD_LENGTH + data.length;
    const flags = index === count - 1 ? LAST : 0;
    return concat(
      encodeHeader({ ...header.value, nextPayload: PAYLOAD.fragment, length }),
      u16(0),
      u16(HEAD_LENGTH + data.length),
      u16(id),
      u8(index + 1),
      u8(flags),
      data,
    );
  });
}
