/** How one door command is answered. */
import { concat, type Bytes } from '../../bytes.js';
import type { DoorFile } from '../../ports/door-file.js';
import { err, ok, type Result } from '../../result.js';
import type { Administration } from '../administration.js';
import type { DoorError, DoorErrorName } from '../door/door-error.js';
import { DUMP } from '../door/heads.js';
import type { Listed } from '../listing.js';
import type { PrivilegeLevel } from '../privilege-levels.js';

export type Answer = Result<Bytes, DoorError>;

export interface Handler {
  /** The lowest privilege at which the command is answered. */
  readonly needs: PrivilegeLevel;
  answer(request: Bytes, admin: Administration, files: readonly DoorFile[]): Answer | Promise<Answer>;
}

export function refuse(name: DoorErrorName): Answer {
  return err({ name });
}

/** One entry per call: `next` 0 asks for the first, and in the reply says that there are no more. */
export function dumpHandler<T>(
  command: number,
  needs: PrivilegeLevel,
  listed: (from: number, admin: Administration) => Listed<T> | undefined,
  encode: (entry: T) => Result<Bytes, string>,
): Handler {
  return {
    needs,
    answer(request, admin) {
      const head = DUMP.read(request);
      if (head === undefined) return refuse('REQ_INVALID');
      const found = listed(head.number('next'), admin);
      if (found === undefined) return refuse('NO_OBJ');
      const body = encode(found.entry);
      if (!body.ok) return err({ name: 'DATA_INVALID', details: [body.error] });
      const reply = DUMP.encode(
        { cmd: command, length: DUMP.size + body.value.length, next: found.next ?? 0, reserved: 0 },
        {},
      );
      return ok(concat(reply, body.value));
    },
  };
}
