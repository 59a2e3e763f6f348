/** A real door below a root of its own, behind which a test says what no daemon of ours would. */
import { join } from 'node:path';
import type { OpenDoor } from '../../../../adapters/door/door-access.js';
import { openDoor } from '../../../../adapters/door/unix-door.js';
import { DUMP, encodeError } from '../../../../services/admin/door/heads.js';
import { concat, type Bytes } from '../../../../services/bytes.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

export type Answer = (request: Bytes) => Bytes;

export class StrangeDoor {
  /** Until something else is to be said. */
  answer: Answer = () => encodeError({ name: 'NO_OBJ' });
  readonly #scratch = makeScratch();
  #door: OpenDoor | undefined;

  get root(): string {
    return this.#scratch.folder;
  }

  async open(): Promise<void> {
    this.#door = await openDoor(join(this.root, 'var/run/ike_door'), ({ request }) =>
      Promise.resolve(this.answer(request)),
    );
  }

  async close(): Promise<void> {
    await this.#door?.close();
    this.#scratch.remove();
  }

  /** Lines at the prompt of `ikeadm -n`. */
  typed(input: string): Promise<Ran> {
    return ikeadm(['-n', '-R', this.root], { input });
  }
}

/** Answers a dump with these, one for each call. */
export function listing(entries: readonly Bytes[]): Answer {
  return (request) => {
    const head = DUMP.read(request);
    const at = head?.number('next') ?? 0;
    const body = entries[at];
    if (body === undefined) return encodeError({ name: 'NO_OBJ' });
    const next = at + 1 < entries.length ? at + 1 : 0;
    const cmd = head?.number('cmd') ?? 0;
    return concat(DUMP.encode({ cmd, length: DUMP.size + body.length, next, reserved: 0 }, {}), body);
  };
}

/** What stands behind `start` in each line that begins with it. */
export function behind(text: string, start: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length));
}
