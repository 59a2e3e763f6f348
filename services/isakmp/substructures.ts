/**
 * Chains of proposals or transforms inside a payload (RFC 2408 3.5, 3.6). Each begins with the generic header, whose
 * Next Payload is the chain's own type, or 0 in the last one:
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+-------------------------------+
 *    ! Next Payload  !   RESERVED    !         Payload Length        !
 *    +---------------+---------------+-------------------------------+
 */
import { type Field, type FieldList, fillHole } from './fields.js';
import type { Reader } from './reader.js';

export const GENERIC_HEADER_LENGTH = 4;

export interface Chain {
  /** Payload type of the members. */
  readonly type: number;
  /** `proposal` or `transform`, for faults. */
  readonly structure: string;
  readonly most: number;
  /** Name under which the structure announces how many there are. */
  readonly count?: string;
}

export function substructures<T>(member: FieldList<T>, chain: Chain): Field<readonly Readonly<T>[]> {
  return {
    read(reader, announced) {
      const members: Readonly<T>[] = [];
      let next = reader.remaining > 0 ? chain.type : 0;
      while (next !== 0 && reader.fault === undefined) {
        reader.enter(chain.structure);
        const { body, following } = readMember(reader, chain);
        const value = member.read(body);
        body.finish();
        reader.leave();
        members.push(value);
        if (members.length > chain.most) {
          body.fail('too-many', `there are more than ${String(chain.most)} ${chain.structure}s`);
        }
        next = following;
      }
      const count = chain.count === undefined ? undefined : announced.get(chain.count);
      if (count !== undefined && count !== members.length) {
        reader.fail(
          'count-mismatch',
          `${String(count)} ${chain.structure}s are announced and ${String(members.length)} are there`,
        );
      }
      return members;
    },
    write(writer, members, holes) {
      members.forEach((value, index) => {
        const start = writer.length;
        writer.number(index === members.length - 1 ? 0 : chain.type, 1);
        writer.hole(1);
        const length = writer.hole(2);
        member.write(writer, value);
        writer.fill(length, writer.length - start);
      });
      if (chain.count !== undefined) fillHole(writer, holes, chain.count, members.length);
    },
  };
}

function readMember(reader: Reader, chain: Chain): { readonly body: Reader; readonly following: number } {
  reader.countStructure();
  const at = reader.offset;
  const head = reader.window(GENERIC_HEADER_LENGTH, chain.structure);
  const following = head.inside('nextPayload', () => head.u8());
  head.inside('reserved', () => {
    head.reserved(1);
  });
  const length = head.inside('length', () => head.u16());
  if (following !== 0 && following !== chain.type) {
    head.fail(
      'bad-next-payload',
      `a ${chain.structure} is followed by payload type ${String(following)}`,
      at,
    );
  }
  if (length < GENERIC_HEADER_LENGTH) {
    head.fail('bad-length', `a ${chain.structure} claims a length of ${String(length)} bytes`, at + 2);
  }
  return { body: reader.window(Math.max(0, length - GENERIC_HEADER_LENGTH), chain.structure), following };
}
