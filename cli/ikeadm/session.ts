/** What commands work with: the options, the door (opened when first needed), files, the console, names and the time. */
import type { Door } from '../../adapters/door/door-client.js';
import type { DoorFault } from '../../adapters/door/door-fault.js';
import { askAboutDoor, readAboutDoor } from '../../services/admin/door/about-door.js';
import { DUMP, errorOf } from '../../services/admin/door/heads.js';
import { DOOR_ERROR } from '../../services/admin/door/door-error.js';
import type { Bytes } from '../../services/bytes.js';
import type { Address } from '../../services/net/address.js';
import { err, ok, type Result } from '../../services/result.js';
import type { Console } from './console/console.js';
import type { Files, OperatorFile } from './files.js';
import type { DoorTrouble } from './outcome.js';
import type { Options } from './options.js';

export interface NameService {
  /** The host's name, or undefined when it has none or nobody answers in time. */
  nameOf(address: Address): Promise<string | undefined>;
  /** All addresses of a host name; empty when it has none. */
  addressesOf(name: string): Promise<readonly Address[]>;
}

/** Everything of the outside that `ikeadm` touches, so that a test can give it another. */
export interface World {
  connect(): Promise<Result<Door, DoorFault>>;
  readonly names: NameService;
  /** Seconds since 1970 UTC. */
  now(): number;
  readonly files: Files;
  readonly console: Console;
  /** From now on Ctrl-C does not end the process. */
  ignoreInterrupts(): void;
  /** Resolves at Ctrl-C, or when the process is told to end. */
  untilInterrupted(): Promise<void>;
}

export class Session {
  readonly options: Options;
  readonly world: World;
  /** Whether commands come from the prompt. */
  readonly interactive: boolean;
  #door: Door | undefined;

  constructor(options: Options, world: World, interactive: boolean) {
    this.options = options;
    this.world = world;
    this.interactive = interactive;
  }

  /** The reply, which is never IKE_SVC_ERROR. `files` go with the request, where the door passes files. */
  async call(request: Bytes, files: readonly OperatorFile[] = []): Promise<Result<Bytes, DoorTrouble>> {
    const door = await this.#opened();
    if (!door.ok) return err({ kind: 'unreachable', fault: door.error });
    const descriptors = files.map(({ descriptor }) => descriptor);
    let reply = await door.value.call(request, descriptors);
    if (!reply.ok) {
      // The daemon was started again since, or had enough of our silence: once more, over a new connection.
      this.#forget();
      const again = await this.#opened();
      if (again.ok) reply = await again.value.call(request, descriptors);
    }
    if (!reply.ok) {
      this.#forget();
      return err({ kind: 'unreachable', fault: reply.error });
    }
    const refusal = errorOf(reply.value);
    return refusal ? err({ kind: 'refused', ...refusal }) : reply;
  }

  /** Whether open files can go with a call: both ends must be able to. Where not, their contents must. */
  async passesFiles(): Promise<Result<boolean, DoorTrouble>> {
    const door = await this.#opened();
    if (!door.ok) return err({ kind: 'unreachable', fault: door.error });
    if (!door.value.passesFiles) return ok(false);
    const about = await this.call(askAboutDoor());
    if (about.ok) return ok(readAboutDoor(about.value).takesFiles);
    const { error } = about;
    // A daemon that does not know the question takes no files; one that serves us nothing says so.
    const isUnknown = error.kind === 'refused' && error.code !== DOOR_ERROR.NO_AUTH;
    return isUnknown ? ok(false) : about;
  }

  /** All entries of a table, one call each. `trouble` says why it ended early. */
  async dump<T>(
    command: number,
    decode: (body: Bytes) => Result<T, string>,
  ): Promise<{ readonly entries: readonly T[]; readonly trouble: DoorTrouble | undefined }> {
    const entries: T[] = [];
    let next = 0;
    for (;;) {
      const reply = await this.call(DUMP.encode({ cmd: command, length: 0, next, reserved: 0 }, {}));
      if (!reply.ok) {
        const ended = reply.error.kind === 'refused' && reply.error.code === DOOR_ERROR.NO_OBJ;
        return { entries, trouble: ended ? undefined : reply.error };
      }
      const head = DUMP.read(reply.value);
      const entry = head ? decode(reply.value.subarray(DUMP.size)) : err('it is too short');
      if (!head || !entry.ok) {
        return { entries, trouble: { kind: 'unreadable', why: entry.ok ? '' : entry.error } };
      }
      entries.push(entry.value);
      const following = head.number('next');
      if (following === 0) return { entries, trouble: undefined };
      if (following <= next) {
        return { entries, trouble: { kind: 'unreadable', why: 'its entries go round in a circle' } };
      }
      next = following;
    }
  }

  close(): void {
    this.#forget();
    this.world.console.close();
  }

  async #opened(): Promise<Result<Door, DoorFault>> {
    if (this.#door !== undefined) return ok(this.#door);
    const door = await this.world.connect();
    if (door.ok) this.#door = door.value;
    return door;
  }

  #forget(): void {
    this.#door?.close();
    this.#door = undefined;
  }
}

/** Turns a codec's `undefined` into the words `Session.dump` wants. */
export function decoded<T>(value: T | undefined): Result<T, string> {
  return value === undefined ? err('it is too short') : ok(value);
}
