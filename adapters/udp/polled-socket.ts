/**
 * A bound UDP socket that the addon reads and writes: all that has come by one call, and what goes out at once, where
 * Node's own makes an object, a buffer of 64 KiB and a call back for each datagram.
 */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { type Bytes, messageBytes } from '../../services/bytes.js';
import { type Endpoint, formatEndpoint } from '../../services/net/address.js';
import type { Clock, TimerHandle } from '../../services/ports/clock.js';
import type { BoundSocket, SocketReader } from './bound-socket.js';
import type { UdpCalls } from './calls.js';
import { after, ENVELOPE, lengthAt, LONGEST, senderAt, writeEnvelope } from './envelope.js';

const READABLE = 1;
const WRITABLE = 2;
const { EAGAIN, EBADF, EMSGSIZE } = constants.errno;
/** Datagrams that wait while the system has no room for them. */
const MOST_WAITING = 1024;
/** More are not kept back until the turn is over. */
const MOST_TOGETHER = 64;
const MARKER = 4;
/** How long a socket rests whose error nothing explains: to watch it at once could go on for ever. */
const REST_MS = 1000;

/** All sockets of a thread use the same memory: no call begins before the last one is over. */
const incoming = new Uint8Array(2 * (ENVELOPE + LONGEST));
const outgoing = new Uint8Array(ENVELOPE + LONGEST);

interface Waiting {
  readonly remote: Endpoint;
  readonly bytes: Bytes;
  readonly marked: boolean;
}

export class PolledSocket implements BoundSocket {
  readonly #calls: UdpCalls;
  readonly #reader: SocketReader;
  readonly #polled: InstanceType<UdpCalls['Polled']>;
  readonly #clock: Clock;
  /** Until the turn is over, or until the system has room again. */
  readonly #waiting: Waiting[] = [];
  /** The system has no room, and says when it has. */
  #isBlocked = false;
  #whenSent: (() => void)[] = [];
  /** While it is not watched. */
  #rest: TimerHandle;
  /** It rests again and again for one reason, which is said once. */
  #isUnexplained = false;

  /** Owns the descriptor, unless it throws. */
  constructor(calls: UdpCalls, descriptor: number, reader: SocketReader, clock: Clock) {
    this.#calls = calls;
    this.#reader = reader;
    this.#clock = clock;
    this.#polled = new calls.Polled(descriptor, (events) => {
      if (events !== 0) this.#isUnexplained = false;
      if ((events & WRITABLE) !== 0) this.#sendWaiting();
      if (events !== WRITABLE) this.#receive(events === 0);
    });
    this.#polled.want(READABLE);
  }

  send(remote: Endpoint, bytes: Bytes, marked: boolean): void {
    if (this.#waiting.length === MOST_WAITING) {
      this.#failed(EAGAIN, remote);
      return;
    }
    this.#waiting.push({ remote, bytes, marked });
    if (this.#isBlocked) return;
    if (this.#waiting.length === MOST_TOGETHER) this.#sendWaiting();
    else if (this.#waiting.length === 1) process.nextTick(this.#sendTogether);
  }

  /**
   * What one turn answers leaves one behind the other: the first wakes who is to read them, which costs as much as to
   * send one, and the others find it awake.
   */
  readonly #sendTogether = (): void => {
    if (this.#waiting.length > 0 && !this.#isBlocked) this.#sendWaiting();
  };

  sent(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSent.push(resolve));
  }

  close(): Promise<void> {
    this.#clock.clearTimeout(this.#rest);
    this.#rest = undefined;
    // Their last chance: the system may have room by now.
    for (const { remote, bytes, marked } of this.#waiting) {
      const fault = this.#put(remote, bytes, marked);
      if (fault !== 0) this.#failed(fault, remote);
    }
    this.#nothingWaits();
    this.#polled.close();
    return Promise.resolve();
  }

  #watch(): void {
    if (this.#rest === undefined) this.#polled.want(this.#isBlocked ? READABLE | WRITABLE : READABLE);
  }

  /** 0, or `errno`. */
  #put(remote: Endpoint, bytes: Bytes, marked: boolean): number {
    const marker = marked ? MARKER : 0;
    const length = marker + bytes.length;
    if (length > LONGEST) return EMSGSIZE;
    writeEnvelope(outgoing, remote, length);
    if (marked) outgoing.fill(0, ENVELOPE, ENVELOPE + MARKER);
    outgoing.set(bytes, ENVELOPE + marker);
    return -this.#calls.sendDatagram(this.#polled.descriptor, outgoing);
  }

  #sendWaiting(): void {
    for (let sent = 0; sent < this.#waiting.length; sent++) {
      const next = this.#waiting[sent];
      if (next === undefined) break;
      const fault = this.#put(next.remote, next.bytes, next.marked);
      if (fault === EAGAIN) {
        this.#waiting.splice(0, sent);
        this.#block(true);
        return;
      }
      if (fault !== 0) this.#failed(fault, next.remote);
    }
    this.#nothingWaits();
    this.#block(false);
  }

  #block(isBlocked: boolean): void {
    if (this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#watch();
  }

  #nothingWaits(): void {
    this.#waiting.length = 0;
    const settled = this.#whenSent;
    this.#whenSent = [];
    for (const settle of settled) settle();
  }

  /** `inError`: it is watched no more until that is asked for; reading tells the error. */
  #receive(inError: boolean): void {
    const count = this.#calls.receiveDatagrams(this.#polled.descriptor, incoming);
    let at = 0;
    let fault = 0;
    for (let n = 0; n < count; n++) {
      const length = lengthAt(incoming, at);
      const remote = senderAt(incoming, at);
      if (remote === undefined) {
        fault = length;
        break;
      }
      const bytes = messageBytes(length);
      bytes.set(incoming.subarray(at + ENVELOPE, at + ENVELOPE + length));
      at = after(at, length);
      this.#reader.received(remote, bytes);
      // Whoever heard it may have closed us.
      if (this.#polled.descriptor < 0) return;
    }
    if (fault !== 0) this.#reader.failed(`receive ${getSystemErrorName(-fault)}`, undefined);
    if (!inError || fault === EBADF) return;
    if (count > 0 || this.#calls.dropErrors(this.#polled.descriptor) > 0) this.#watch();
    else this.#unexplained();
  }

  /** It goes on later, for what was wrong may pass. */
  #unexplained(): void {
    this.#rest = this.#clock.setTimeout(() => {
      this.#rest = undefined;
      this.#sendWaiting();
      this.#watch();
    }, REST_MS);
    if (this.#isUnexplained) return;
    this.#isUnexplained = true;
    this.#reader.failed('the socket is in error, and nothing says why', undefined);
  }

  /** In the words of Node. */
  #failed(errno: number, remote: Endpoint): void {
    this.#reader.failed(`send ${getSystemErrorName(-errno)} ${formatEndpoint(remote)}`, remote);
  }
}
