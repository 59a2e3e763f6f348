/**
 * The key socket as questions and answers: one question at a time, its answers known by our process id and its number
 * (RFC 2367 3.1: replies go to every socket), everything else told to a listener. Nothing waits for ever: a question without
 * an answer ends by the clock.
 */
import type { Bytes } from '../../../services/bytes.js';
import type { Dialect } from '../../../services/pfkey/dialect.js';
import { decodeMessage, encodeMessage, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { Clock, TimerHandle } from '../../../services/ports/clock.js';
import type { KernelSockets, MessageSocket, SystemFault } from '../../../services/ports/kernel-socket.js';
import { err, ok, type Result } from '../../../services/result.js';

/** Registering may load ciphers from a disk. */
const ANSWER_MS = 10_000;
/** After an overrun the answer has probably been lost. */
const ANSWER_AFTER_OVERRUN_MS = 500;
/** Of questions that wait for their turn. */
const QUEUE_LENGTH = 4096;

export type KeyFault =
  | { readonly cause: 'refused'; readonly errno: number; readonly diagnostic: number }
  /** No answer came: whether it was done, a dump tells. */
  | { readonly cause: 'silent' }
  | { readonly cause: 'overloaded' }
  | { readonly cause: 'closed' }
  | { readonly cause: 'socket'; readonly message: string };

export type Question = Pick<PfkeyMessage, 'kind' | 'saType' | 'extensions'> & {
  /** Of the ACQUIRE that it answers; else a number of ours. */
  readonly sequence?: number | undefined;
};

/**
 * Is handed each answer, and gives a value when the last has come. Keys in an answer are wiped when it returns. Answers
 * with an errno come here only where `takesErrors`; else the first one ends the question.
 */
export interface Answers<T> {
  take(answer: PfkeyMessage): { readonly done: T } | 'more';
  readonly takesErrors?: true;
}

export interface ConversationParts {
  readonly sockets: KernelSockets;
  readonly clock: Clock;
  readonly dialect: Dialect;
  /** Of this process. */
  readonly pid: number;
  /** Our own numbers count from here, and stay in the half that the kernel's ACQUIREs do not use. */
  readonly firstSequence: number;
}

export interface ConversationListener {
  /** What is no answer to us. Keys in it are wiped when it returns. */
  told(message: PfkeyMessage): void;
  overrun(): void;
  /** The socket is of no use any more. */
  failed(fault: SystemFault): void;
}

interface Waiting {
  readonly kind: PfkeyMessage['kind'];
  readonly sequence: number;
  readonly bytes: Bytes;
  readonly takesErrors: boolean;
  /** Whether that was the last. */
  readonly answered: (answer: PfkeyMessage) => boolean;
  readonly ended: (fault: KeyFault) => void;
}

/** Parts of a dump carry other numbers than their question: Linux counts them down to 0, which is the last. */
const DUMPS: ReadonlySet<PfkeyMessage['kind']> = new Set(['DUMP', 'X_SPDDUMP']);
const SEQUENCES = 0x7fff_ffff;

export class KeyConversation {
  readonly #parts: ConversationParts;
  #listener: ConversationListener | undefined;
  #socket: MessageSocket | undefined;
  #count = 0;
  readonly #queue: Waiting[] = [];
  #current: Waiting | undefined;
  #timer: TimerHandle;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
  }

  open(listener: ConversationListener): Result<void, SystemFault> {
    const opened = this.#parts.sockets.key({
      message: (bytes) => {
        this.#receive(bytes);
      },
      overrun: () => {
        if (this.#current !== undefined) this.#await(ANSWER_AFTER_OVERRUN_MS);
        listener.overrun();
      },
      failed: (fault) => {
        this.#end({ cause: 'socket', message: fault.message });
        listener.failed(fault);
      },
    });
    if (!opened.ok) return opened;
    this.#listener = listener;
    this.#socket = opened.value;
    return ok(undefined);
  }

  /** Encodes the question before it returns; key bytes are then nowhere but in the message, and there until it is sent. */
  ask<T>(question: Question, answers: Answers<T>): Promise<Result<T, KeyFault>> {
    if (this.#socket === undefined) return Promise.resolve(err({ cause: 'closed' }));
    if (this.#queue.length >= QUEUE_LENGTH) return Promise.resolve(err({ cause: 'overloaded' }));
    const sequence = question.sequence ?? this.#nextSequence();
    const { dialect, pid } = this.#parts;
    const { kind, saType, extensions } = question;
    const message = { kind, errno: 0, saType, diagnostic: 0, sequence, pid, extensions };
    const encoded = encodeMessage(message, dialect);
    if (!encoded.ok) return Promise.resolve(err({ cause: 'socket', message: encoded.error }));
    return new Promise((resolve) => {
      this.#queue.push({
        kind,
        sequence,
        bytes: encoded.value,
        takesErrors: answers.takesErrors ?? false,
        answered: (answer) => {
          const taken = answers.take(answer);
          if (taken === 'more') return false;
          resolve(ok(taken.done));
          return true;
        },
        ended: (fault) => {
          resolve(err(fault));
        },
      });
      this.#next();
    });
  }

  /** A message without extensions that nobody answers: that an ACQUIRE has failed. */
  tell(message: Pick<PfkeyMessage, 'kind' | 'saType' | 'errno' | 'sequence'>): void {
    const { dialect, pid } = this.#parts;
    const { kind, errno, saType, sequence } = message;
    const whole = { kind, errno, saType, diagnostic: 0, sequence, pid, extensions: [] };
    const encoded = encodeMessage(whole, dialect);
    // Lost or not sent: the kernel's own timer ends its ACQUIRE.
    if (encoded.ok) this.#socket?.send(encoded.value);
  }

  close(): void {
    this.#listener = undefined;
    this.#socket?.close();
    this.#end({ cause: 'closed' });
  }

  #nextSequence(): number {
    this.#count = (this.#count % SEQUENCES) + 1;
    return this.#parts.firstSequence + this.#count - 1;
  }

  #next(): void {
    while (this.#current === undefined) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#current = next;
      const fault = this.#socket?.send(next.bytes);
      next.bytes.fill(0);
      if (fault === undefined) this.#await(ANSWER_MS);
      else this.#finish({ cause: 'socket', message: fault.message });
    }
  }

  #await(ms: number): void {
    const { clock } = this.#parts;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => {
      this.#finish({ cause: 'silent' });
      this.#next();
    }, ms);
  }

  #finish(fault: KeyFault | undefined): void {
    const current = this.#current;
    this.#parts.clock.clearTimeout(this.#timer);
    this.#current = undefined;
    if (fault !== undefined) current?.ended(fault);
  }

  /** All that were asked end with this, and nothing can be asked any more. */
  #end(fault: KeyFault): void {
    this.#socket = undefined;
    const waiting = this.#queue.splice(0);
    this.#finish(fault);
    for (const { bytes, ended } of waiting) {
      bytes.fill(0);
      ended(fault);
    }
  }

  #receive(bytes: Bytes): void {
    const decoded = decodeMessage(bytes, this.#parts.dialect);
    // A message that cannot be read is none: what was asked ends by the clock, what was told is found by a dump.
    if (!decoded.ok) return;
    const message = decoded.value;
    try {
      if (this.#isAnswer(message)) this.#answered(message);
      else this.#listener?.told(message);
    } finally {
      wipeKeys(bytes, message);
    }
  }

  #isAnswer({ kind, pid, sequence }: PfkeyMessage): boolean {
    const current = this.#current;
    return (
      current !== undefined &&
      pid === this.#parts.pid &&
      kind === current.kind &&
      (sequence === current.sequence || DUMPS.has(kind))
    );
  }

  #answered(message: PfkeyMessage): void {
    const current = this.#current;
    if (current === undefined) return;
    const { errno, diagnostic } = message;
    if (errno !== 0 && !current.takesErrors) this.#finish({ cause: 'refused', errno, diagnostic });
    else if (current.answered(message)) this.#finish(undefined);
    else this.#await(ANSWER_MS);
    this.#next();
  }
}

function wipeKeys(bytes: Bytes, { extensions }: PfkeyMessage): void {
  for (const extension of extensions) {
    if (extension.kind !== 'KEY_AUTH' && extension.kind !== 'KEY_ENCRYPT') continue;
    extension.key.fill(0);
    bytes.fill(0);
  }
}
