/** Answers calls of the door for all workers. */
import { closeSync } from 'node:fs';
import { EventQueue } from '../../../daemon/event-queue.js';
import type { EventStream } from '../../../daemon/event-stream.js';
import type { DoorCall } from '../../../services/admin/door-call.js';
import { doorErrorName } from '../../../services/admin/door/door-error.js';
import { CMD, DBG, encodeError, errorOf } from '../../../services/admin/door/heads.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE, SERVICE, serviceName } from '../../../services/admin/door/service.js';
import { readEventsRequest } from '../../../services/admin/event-batch.js';
import { gather } from '../../../services/admin/workers/gathered-door.js';
import type { Bytes } from '../../../services/bytes.js';
import type { Clock, TimerHandle } from '../../../services/ports/clock.js';
import type { Places } from './places.js';
import type { WorkerThread } from './start-worker.js';

export interface HeadDoorParts {
  readonly workers: readonly WorkerThread[];
  readonly places: Places;
  /** What happens here, and in the workers while somebody follows it. */
  readonly events: EventStream;
  readonly clock: Clock;
  readonly followed: (followed: boolean) => void;
  /** The workers write to that level, and to that file, from now on; the descriptor is the head's. */
  readonly debugSet: (level: number, descriptor: number | undefined) => void;
}

/** As `EventQueue`: nobody has asked for so long, nobody follows. */
const IDLE_MS = 60_000;

export class HeadDoor {
  readonly #parts: HeadDoorParts;
  readonly #queue: EventQueue;
  #following = false;
  #idle: TimerHandle;

  constructor(parts: HeadDoorParts) {
    this.#parts = parts;
    this.#queue = new EventQueue(parts.events, parts.clock);
  }

  /** Never rejects. */
  async answer(call: DoorCall): Promise<Bytes> {
    const command = CMD.read(call.request)?.number('cmd');
    let reply: Bytes;
    try {
      reply =
        command === OWN_SERVICE.EVENTS && call.caller.rights === 'all'
          ? await this.#events(call.request)
          : await this.#gathered(call);
    } catch (error) {
      this.#parts.events.emit({ type: 'internal.error', where: 'door', error: String(error) });
      reply = encodeError({ name: 'SYS_ERR' });
    }
    const refused = errorOf(reply);
    if (command === SERVICE.SET_DBG && refused === undefined) this.#debugSet(call);
    // Each of these would be the event that the next one waits for.
    if (command === OWN_SERVICE.EVENTS && refused === undefined) return reply;
    this.#parts.events.emit({
      type: 'door.request',
      command: command === undefined ? 'no command' : serviceName(command),
      error: refused && doorErrorName(refused.code),
      uid: call.caller.uid,
      rights: call.caller.rights,
    });
    return reply;
  }

  #gathered(call: DoorCall): Promise<Bytes> {
    const { workers, places } = this.#parts;
    return gather(call.request, {
      count: workers.length,
      workerFor: (remote) => places.workerFor(remote),
      ask: async (worker, request) => {
        const files: number[] = [];
        for (const file of call.files) {
          const descriptor = file.share();
          if (descriptor.ok) files.push(descriptor.value);
        }
        const asked = workers[worker];
        if (asked !== undefined && files.length === call.files.length)
          return asked.call({ ...call, request }, files);
        for (const file of files) closeSync(file);
        return encodeError({ name: 'SYS_ERR' });
      },
    });
  }

  async #events(request: Bytes): Promise<Bytes> {
    const wanted = readEventsRequest(decodeOwn(request));
    if (wanted === undefined) return encodeError({ name: 'REQ_INVALID' });
    this.#follow();
    return encodeOwn(OWN_SERVICE.EVENTS, await this.#queue.after(wanted.after));
  }

  #follow(): void {
    const { clock, followed } = this.#parts;
    clock.clearTimeout(this.#idle);
    this.#idle = clock.setTimeout(() => {
      this.#following = false;
      followed(false);
    }, IDLE_MS);
    if (this.#following) return;
    this.#following = true;
    followed(true);
  }

  #debugSet({ request, files: [file] }: DoorCall): void {
    const level = DBG.read(request)?.number('level');
    const descriptor = file?.share();
    if (level !== undefined)
      this.#parts.debugSet(level, descriptor?.ok === true ? descriptor.value : undefined);
  }
}
