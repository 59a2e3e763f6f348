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
import { type Blank, type Field, type FieldList, fillHole } from './fields.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

export const GENERIC_HEADER_LENGTH = 4;
const LENGTH_OFFSET = 2;

export interface Chain {
  /** Payload type of the members. */
  readonly type: number;
  /** `proposal` or `transform`, for faults. */
  readonly structure: string;
  readonly most: number;
  /** Name under which the structure announces how many there are. */
  readonly count?: string;
}

/** `blank`: a member with all its fields and nothing in them yet. */
export function substructures<T>(
  member: FieldList<T>,
  blank: () => Blank<T>,
  chain: Chain,
): Field<readonly Readonly<T>[]> {
  return {
    width: undefined,
    read(reader, announced) {
      const members: Readonly<T>[] = [];
      let next = reader.remaining > 0 ? chain.type : 0;
      while (next !== 0 && reader.fault === undefined) {
        reader.enter(chain.structure);
        reader.countStructure();
        const at = reader.offset;
        const following = readNext(reader, chain.structure);
        const { end, structure } = reader;
        narrowToMember(reader, chain, at, following);
        members.push(member.read(reader, blank()));
        reader.finish();
        if (members.length > chain.most) {
          reader.fail('too-many', `there are more than ${String(chain.most)} ${chain.structure}s`);
        }
        reader.widen(end, structure);
        reader.leave();
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
    size(members) {
      let size = 0;
      for (const value of members) size += GENERIC_HEADER_LENGTH + member.size(value);
      return size;
    },
    write(writer, members, holes) {
      let left = members.length;
      for (const value of members) {
        const start = writer.length;
        left -= 1;
        writeGenericHeader(writer, left === 0 ? 0 : chain.type);
        member.write(writer, value);
        endStructure(writer, start);
      }
      if (chain.count !== undefined) fillHole(writer, holes, chain.count, members.length);
    },
  };
}

/**
 * Reads a generic header up to its length, which `readLength` reads, and says the type of the structure that follows; 0:
 * none. `structure`: whose header it is, for faults.
 */
export function readNext(reader: Reader, structure: string): number {
  if (!reader.has(GENERIC_HEADER_LENGTH, structure)) return 0;
  reader.enter('nextPayload');
  const next = reader.u8();
  reader.leave();
  reader.enter('reserved');
  reader.reserved(1, structure);
  reader.leave();
  return next;
}

/** How long the structure is, with its header, that `readNext` began; 0 where the bytes end before that is said. */
export function readLength(reader: Reader): number {
  if (reader.fault !== undefined) return 0;
  reader.enter('length');
  const length = reader.u16();
  reader.leave();
  return length;
}

export function writeGenericHeader(writer: Writer, next: number): void {
  writer.number(next, 1);
  writer.skip(GENERIC_HEADER_LENGTH - 1);
}

/** Says in the header at `start` how long its structure has become. */
export function endStructure(writer: Writer, start: number): void {
  writer.put(start + LENGTH_OFFSET, 2, writer.length - start);
}

/** To the body of the member that stands at `at`, the first half of whose header has been read. */
function narrowToMember(reader: Reader, { type, structure }: Chain, at: number, following: number): void {
  const length = readLength(reader);
  if (following !== 0 && following !== type) {
    const explanation = `a ${structure} is followed by payload type ${String(following)}`;
    reader.fail('bad-next-payload', explanation, at, structure);
  }
  if (length < GENERIC_HEADER_LENGTH) {
    const explanation = `a ${structure} claims a length of ${String(length)} bytes`;
    reader.fail('bad-length', explanation, at + LENGTH_OFFSET, structure);
  }
  reader.narrow(Math.max(0, length - GENERIC_HEADER_LENGTH), structure);
}
