/** Reads what a descriptor has, in portions, so that IKE and its timers have their turn in between. */
import { constants } from 'node:os';
import type { DataPathCalls, PolledDescriptor } from './calls.js';

const READABLE = 1;
const PORTION = 64;
const { EAGAIN, EBADF } = constants.errno;
/** EBADFD: a TUN device that somebody deleted. */
const DETACHED = 77;

/** The longest IP packet, and a little more. */
const ROOM = 65_600;

/**
 * Owns the descriptor. `read` fills bytes and returns how many, or minus `errno`: then there is nothing more for now.
 * `take` gets what was read, for the time of the call.
 */
export function drain(
  calls: DataPathCalls,
  descriptor: number,
  read: (descriptor: number, room: Uint8Array) => number,
  take: (bytes: Uint8Array) => void,
): PolledDescriptor {
  const room = new Uint8Array(ROOM);
  const polled = new calls.Polled(descriptor, (events) => {
    let first: number | undefined;
    for (let i = 0; i < PORTION && polled.descriptor >= 0; i++) {
      const count = read(polled.descriptor, room);
      first ??= count;
      if (count < 0) break;
      take(room.subarray(0, count));
    }
    if (events !== 0 || polled.descriptor < 0 || first === undefined) return;
    // In error, the watch has stopped. It goes on unless that error would be reported for ever.
    const heard = calls.dropErrors(polled.descriptor);
    if (heard > 0 || !isLasting(first)) polled.want(READABLE);
  });
  polled.want(READABLE);
  return polled;
}

function isLasting(count: number): boolean {
  return count === -EAGAIN || count === -EBADF || count === -DETACHED;
}
