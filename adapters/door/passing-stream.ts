/** A connection of the door that carries open files beside its bytes, over a socket that was taken out of Node's hands. */
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { Duplex } from 'node:stream';
import { systemErrorText } from './door-fault.js';

/** What the addon does for it. Counts below 0 are minus `errno`. */
export interface Passing {
  /** Watches a descriptor, which it owns: 1 readable, 2 writable; 0 told: look for an error. */
  readonly Polled: new (descriptor: number, onReady: (events: number) => void) => Polled;
  readonly duplicate: (descriptor: number) => number;
  /** Whatever is written goes to the end of the file from now on; EBADF when it is not for writing. 0, or `errno`. */
  readonly appendTo: (descriptor: number) => number;
  /** Adds the descriptors that came; EMSGSIZE when they were too many for one call, and then none is open. */
  readonly receivePassed: (descriptor: number, bytes: Uint8Array, descriptors: number[]) => number;
  readonly sendPassed: (descriptor: number, bytes: Uint8Array, descriptors: readonly number[]) => number;
}

interface Polled {
  readonly descriptor: number;
  want(events: number): void;
  close(): void;
}

const READABLE = 1;
const WRITABLE = 2;
const CHUNK = 64 * 1024;
/** READ_RULES has two (ikedoor.h). */
const MOST_FILES = 2;

const { EAGAIN, EWOULDBLOCK } = constants.errno;

/**
 * Takes over a connected socket that has not been read; it must be paused, and is gone afterwards. Undefined where Node
 * does not show its descriptor, or there are no more: then the socket is as it was.
 */
export function passingStream(socket: Socket, passing: Passing): PassingStream | undefined {
  const descriptor = descriptorOf(socket);
  const own = descriptor === undefined ? -1 : passing.duplicate(descriptor);
  if (own < 0) return undefined;
  try {
    const stream = new PassingStream(own, passing);
    socket.destroy();
    return stream;
  } catch {
    closeSync(own);
    return undefined;
  }
}

/** Node keeps it in a field that it does not document. */
export function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined;
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

export class PassingStream extends Duplex {
  readonly #passing: Passing;
  readonly #polled: Polled;
  #wanted = 0;
  #arrived: number[] = [];
  /** To go with the first byte that goes. */
  #leaving: readonly number[] = [];
  /** What the socket has not taken yet. */
  #unsent: { readonly bytes: Uint8Array; readonly done: (error?: Error) => void } | undefined;

  constructor(descriptor: number, passing: Passing) {
    super({ allowHalfOpen: false });
    this.#passing = passing;
    this.#polled = new passing.Polled(descriptor, (events) => {
      if (events === 0 || (events & READABLE) !== 0) this.#receive();
      if (events === 0 || (events & WRITABLE) !== 0) this.#send();
    });
  }

  /** Descriptors that came since the last time; they are the caller's to close. */
  takeArrived(): number[] {
    const arrived = this.#arrived;
    this.#arrived = [];
    return arrived;
  }

  /** The descriptors go with the first byte, and stay open here. */
  writeWith(bytes: Uint8Array, descriptors: readonly number[], done: () => void): void {
    this.#leaving = descriptors;
    this.write(bytes, done);
  }

  override _read(): void {
    this.#want(this.#wanted | READABLE);
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#unsent = { bytes, done };
    this.#send();
  }

  override _final(done: (error?: Error) => void): void {
    // All that was written is in the socket: closing it is the end of it.
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#polled.close();
    for (const descriptor of this.takeArrived()) closeSync(descriptor);
    this.#unsent = undefined;
    done(error);
  }

  #receive(): void {
    if (this.destroyed) return;
    const room = new Uint8Array(CHUNK);
    const count = this.#passing.receivePassed(this.#polled.descriptor, room, this.#arrived);
    if (count === -EAGAIN || count === -EWOULDBLOCK) {
      this.#want(this.#wanted);
    } else if (count < 0) {
      this.destroy(new Error(systemErrorText(count)));
    } else if (this.#arrived.length > MOST_FILES) {
      this.destroy(new Error('more files came than a call can have'));
    } else if (count === 0) {
      this.#want(this.#wanted & ~READABLE);
      this.push(null);
    } else {
      const chunk = room.slice(0, count);
      room.fill(0, 0, count);
      if (!this.push(chunk)) this.#want(this.#wanted & ~READABLE);
    }
  }

  #send(): void {
    const unsent = this.#unsent;
    if (unsent === undefined || this.destroyed) return;
    let { bytes } = unsent;
    while (bytes.length > 0) {
      const count = this.#passing.sendPassed(this.#polled.descriptor, bytes, this.#leaving);
      if (count < 0) {
        if (count === -EAGAIN || count === -EWOULDBLOCK) {
          this.#unsent = { bytes, done: unsent.done };
          this.#want(this.#wanted | WRITABLE);
        } else {
          this.#unsent = undefined;
          unsent.done(new Error(systemErrorText(count)));
        }
        return;
      }
      this.#leaving = [];
      bytes = bytes.subarray(count);
    }
    this.#unsent = undefined;
    this.#want(this.#wanted & ~WRITABLE);
    unsent.done();
  }

  #want(events: number): void {
    this.#wanted = events;
    if (!this.destroyed) this.#polled.want(events);
  }
}
