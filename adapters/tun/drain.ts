/** Reads what a descriptor has, in portions, so that IKE and its timers have their turn in between. */
import { constants } from 'node:os';
import type { Clock, TimerHandle } from '../../services/ports/clock.js';
import type { DataPathCalls } from './calls.js';

const READABLE = 1;
const PORTION = 64;
const { EAGAIN, EBADF } = constants.errno;
/** EBADFD: a TUN device that somebody deleted. */
const DETACHED = 77;

/** The longest IP packet, and a little more. */
const ROOM = 65_600;
/** How long a descriptor rests whose error nothing explains: to watch it at once could go on for ever. */
const REST_MS = 1000;

export interface DrainParts {
  readonly calls: DataPathCalls;
  readonly clock: Clock;
  /** A sentence for an operator. */
  readonly note: (note: string) => void;
}

export interface Drained {
  /** What it is, at the beginning of a sentence. */
  readonly name: string;
  readonly descriptor: number;
  /** Fills bytes and returns how many, or minus `errno`: then there is nothing more for now. */
  readonly read: (descriptor: number, room: Uint8Array) => number;
  /** Gets what was read, for the time of the call. */
  readonly take: (bytes: Uint8Array) => void;
}

export interface Drain {
  /** -1 after `close`. */
  readonly descriptor: number;
  close(): void;
}

/** Owns the descriptor, unless it throws. */
export function drain({ calls, clock, note }: DrainParts, drained: Drained): Drain {
  const room = new Uint8Array(ROOM);
  let rest: TimerHandle;
  /** It rests again and again for one reason, which is said once. */
  let isUnexplained = false;
  const polled = new calls.Polled(drained.descriptor, (events) => {
    let first: number | undefined;
    for (let i = 0; i < PORTION && polled.descriptor >= 0; i++) {
      const count = drained.read(polled.descriptor, room);
      first ??= count;
      if (count < 0) break;
      isUnexplained = false;
      drained.take(room.subarray(0, count));
    }
    if (events !== 0 || polled.descriptor < 0 || first === undefined) return;
    // In error, the watch has stopped. It goes on unless that error would be reported for ever.
    if (calls.dropErrors(polled.descriptor) > 0) polled.want(READABLE);
    else if (first === -DETACHED) note(`${drained.name} is gone: somebody deleted it.`);
    else if (first === -EAGAIN) goOnLater();
    else if (first !== -EBADF) polled.want(READABLE);
  });
  polled.want(READABLE);
  return {
    get descriptor() {
      return polled.descriptor;
    },
    close() {
      clock.clearTimeout(rest);
      polled.close();
    },
  };

  /** What was wrong may pass. */
  function goOnLater(): void {
    rest = clock.setTimeout(() => {
      polled.want(READABLE);
    }, REST_MS);
    if (isUnexplained) return;
    isUnexplained = true;
    note(`${drained.name} is in error, and nothing says why: it is looked at every second until it works.`);
  }
}
