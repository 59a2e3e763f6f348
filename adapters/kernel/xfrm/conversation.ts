/**
 * A netlink socket as questions and answers: one question at a time, known by its number, and by the clock at an end when
 * no answer comes. News come by a socket of their own, so that no flood of them loses an answer.
 */
import type { Bytes } from '../../../services/bytes.js';
import type { Clock, TimerHandle } from '../../../services/ports/clock.js';
import type { KernelSockets, MessageSocket, SystemFault } from '../../../services/ports/kernel-socket.js';
import { err, ok, type Result } from '../../../services/result.js';
import { decodeXfrm, encodeXfrm, type XfrmMessage } from '../../../services/xfrm/message.js';
import { encodeNetlink, outcomeOf, splitDatagram } from '../../../services/xfrm/netlink.js';
import { NETLINK_FLAG, XFRM_TYPE } from '../../../services/xfrm/registry.js';
import { NO_BYTES } from '../../../services/bytes.js';

/** A first SA may load its modules from a disk. */
const ANSWER_MS = 10_000;
/** Of questions that wait for their turn. */
const QUEUE_LENGTH = 4096;
/** What changes while it is dumped is dumped again. */
const DUMPS = 8;

export type XfrmFault =
  | { readonly cause: 'refused'; readonly errno: number; readonly why: string | undefined }
  /** No answer came: whether it was done, a look at the SA tells. */
  | { readonly cause: 'silent' }
  | { readonly cause: 'unsettled' }
  | { readonly cause: 'overloaded' }
  | { readonly cause: 'closed' }
  | { readonly cause: 'socket'; readonly message: string };

/** Everything of a kind, or one message. `fill` puts the keys into the bytes that are sent, which are wiped afterwards. */
export type Question =
  | { readonly dump: 'GETSA' | 'GETPOLICY' }
  | { readonly message: XfrmMessage; readonly fill?: (sent: XfrmMessage) => void };

/** Is handed each answer; what is a key in it is wiped when it returns. */
export type Take = (answer: XfrmMessage) => void;

interface Waiting {
  readonly question: Question;
  /** Forgets what was taken: it is told again from the beginning. */
  readonly restart: () => void;
  readonly take: Take;
  readonly end: (outcome: Result<undefined, XfrmFault>) => void;
}

export class XfrmConversation {
  readonly #sockets: KernelSockets;
  readonly #clock: Clock;
  #socket: MessageSocket | undefined;
  #fault: XfrmFault = { cause: 'closed' };
  readonly #queue: Waiting[] = [];
  #current: { readonly waiting: Waiting; readonly sequence: number; readonly dumps: number } | undefined;
  #timer: TimerHandle;
  #sequence = 0;
  /** Of what is answered now. */
  #interrupted = false;

  constructor(sockets: KernelSockets, clock: Clock) {
    this.#sockets = sockets;
    this.#clock = clock;
  }

  open(): Result<undefined, SystemFault> {
    const socket = this.#sockets.xfrm([], {
      message: (bytes) => {
        this.#received(bytes);
        bytes.fill(0);
      },
      // What was lost was an answer; the question ends by the clock.
      overrun: () => undefined,
      failed: ({ message }) => {
        this.#fail({ cause: 'socket', message });
      },
    });
    if (!socket.ok) return socket;
    this.#socket = socket.value;
    return ok(undefined);
  }

  close(): void {
    this.#fail({ cause: 'closed' });
  }

  /** `collect` makes a new collection, and gives what it is in the end. */
  ask<T>(
    question: Question,
    collect: () => { readonly take: Take; readonly value: () => T },
  ): Promise<Result<T, XfrmFault>> {
    if (this.#socket === undefined) return Promise.resolve(err(this.#fault));
    if (this.#queue.length >= QUEUE_LENGTH) return Promise.resolve(err({ cause: 'overloaded' }));
    return new Promise((resolve) => {
      let collection = collect();
      this.#queue.push({
        question,
        restart: () => {
          collection = collect();
        },
        take: (answer) => {
          collection.take(answer);
        },
        end: (outcome) => {
          resolve(outcome.ok ? ok(collection.value()) : outcome);
        },
      });
      this.#next();
    });
  }

  /** A question whose answer is that it was done. */
  tell(message: XfrmMessage, fill?: (sent: XfrmMessage) => void): Promise<Result<undefined, XfrmFault>> {
    return this.ask({ message, ...(fill === undefined ? {} : { fill }) }, () => ({
      take: () => undefined,
      value: () => undefined,
    }));
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const waiting = this.#queue.shift();
    if (waiting !== undefined) this.#put(waiting, 1);
  }

  #put(waiting: Waiting, dumps: number): void {
    this.#sequence = (this.#sequence + 1) >>> 0 || 1;
    this.#current = { waiting, sequence: this.#sequence, dumps };
    this.#interrupted = false;
    const bytes = bytesOf(waiting.question, this.#sequence);
    const fault = this.#socket?.send(bytes);
    bytes.fill(0);
    if (fault !== undefined) {
      this.#end(err({ cause: 'socket', message: fault.message }));
      return;
    }
    this.#timer = this.#clock.setTimeout(() => {
      this.#end(err({ cause: 'silent' }));
    }, ANSWER_MS);
  }

  #received(bytes: Bytes): void {
    const messages = splitDatagram(bytes);
    if (!messages.ok) return;
    for (const message of messages.value) {
      const current = this.#current;
      // What is late answers nothing any more.
      if (current?.sequence !== message.sequence) continue;
      if ((message.flags & NETLINK_FLAG.dumpInterrupted) !== 0) this.#interrupted = true;
      const outcome = outcomeOf(message);
      if (outcome === undefined) {
        const answer = decodeXfrm(message.type, message.body);
        if (answer.ok && answer.value !== undefined) current.waiting.take(answer.value);
      } else if (outcome.errno !== 0) this.#end(err({ cause: 'refused', ...outcome }));
      else if (!this.#interrupted) this.#end(ok(undefined));
      else if (current.dumps >= DUMPS) this.#end(err({ cause: 'unsettled' }));
      else {
        this.#clock.clearTimeout(this.#timer);
        current.waiting.restart();
        this.#put(current.waiting, current.dumps + 1);
      }
    }
  }

  #end(outcome: Result<undefined, XfrmFault>): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#current = undefined;
    current.waiting.end(outcome);
    this.#next();
  }

  #fail(fault: XfrmFault): void {
    this.#fault = fault;
    this.#socket?.close();
    this.#socket = undefined;
    const queued = this.#queue.splice(0);
    this.#end(err(fault));
    for (const waiting of queued) waiting.end(err(fault));
  }
}

function bytesOf(question: Question, sequence: number): Bytes {
  if ('dump' in question) {
    const flags = NETLINK_FLAG.request | NETLINK_FLAG.dump;
    return encodeNetlink({ type: XFRM_TYPE[question.dump], flags, sequence, port: 0, body: NO_BYTES });
  }
  const { message, fill } = question;
  const flags = NETLINK_FLAG.request | NETLINK_FLAG.acknowledge;
  const { type, body } = encodeXfrm(message);
  const bytes = encodeNetlink({ type, flags, sequence, port: 0, body });
  if (fill !== undefined) {
    // Keys go in last, into the bytes that are sent and wiped: on the way there they would leave copies.
    const [sent] = valueOf(splitDatagram(bytes)) ?? [];
    const decoded = sent && valueOf(decodeXfrm(sent.type, sent.body));
    if (decoded !== undefined) fill(decoded);
  }
  return bytes;
}

function valueOf<T>(result: Result<T, unknown>): T | undefined {
  return result.ok ? result.value : undefined;
}
