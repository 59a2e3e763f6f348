/**
 * The daemon's side of an embedded kernel that runs in a thread of its own: the `Kernel` port, each call a message. Keys
 * are copied before a call returns, into a buffer that the message takes along, so that this thread keeps nothing to wipe.
 */
import type { Bytes } from '../../../../services/bytes.js';
import type { Address, Endpoint } from '../../../../services/net/address.js';
import {
  type HeldSa,
  type IpsecPolicy,
  type IpsecProtocol,
  type Kernel,
  KernelError,
  type KernelListener,
  type KernelSa,
  type SaIdentity,
  type SaUsage,
  type TrafficSelectors,
} from '../../../../services/ports/kernel.js';
import type { Keys } from '../../../../services/ports/keys.js';
import type { PacketCounters } from '../../../../services/ports/packet-counters.js';
import type { OutputOutcome } from '../embedded-kernel.js';
import type { Answer, Call, FromThread, KeyedSa, ToThread } from './messages.js';

export interface KernelInThreadParts {
  readonly keys: Keys;
  readonly post: (message: ToThread, transfer: readonly ArrayBuffer[]) => void;
  /** One sentence for an operator. */
  readonly unable: (explanation: string) => void;
  readonly note: (note: string) => void;
  readonly defect: (error: string) => void;
  readonly trace: (line: string) => void;
}

interface Waiting {
  readonly settle: (answer: Answer) => void;
  readonly fail: (error: KernelError) => void;
  readonly operation: KernelError['operation'];
}

export class KernelInThread implements Kernel {
  readonly name = 'embedded';
  readonly #parts: KernelInThreadParts;
  readonly #waiting = new Map<number, Waiting>();
  #listener: KernelListener | undefined;
  #lastCall = 0;
  /** Why there is no thread any more. */
  #lost: string | undefined;

  constructor(parts: KernelInThreadParts) {
    this.#parts = parts;
  }

  /** What the thread says. */
  heard(message: FromThread): void {
    switch (message.type) {
      case 'answer':
        this.#settled(message.id)?.settle(message.answer);
        break;
      case 'fault':
        this.#settled(message.id)?.fail(new KernelError(message.operation, message.message));
        break;
      case 'acquire':
        this.#listener?.acquire(message.acquire);
        break;
      case 'expire':
        this.#listener?.expire(message.expiry);
        break;
      case 'unable':
        this.#parts.unable(message.explanation);
        break;
      case 'note':
        this.#parts.note(message.note);
        break;
      case 'defect':
        this.#parts.defect(message.error);
        break;
      case 'trace':
        this.#parts.trace(message.line);
        break;
      // Heard by whoever started it, before there was a kernel.
      case 'ready':
      case 'refused':
        break;
    }
  }

  /** The thread has ended, and its SAs with it: what waits for an answer is refused, as is all that is asked later. */
  lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { fail, operation } of waiting) fail(new KernelError(operation, why));
    this.#listener?.flushed();
  }

  async open(listener: KernelListener): Promise<void> {
    if (this.#listener !== undefined) throw new KernelError('open', 'The embedded kernel is open already.');
    this.#listener = listener;
    await this.#ask({ op: 'open' }, 'open');
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    if (this.#lost === undefined) await this.#ask({ op: 'close' }, 'open');
  }

  async getSpi(source: Address, destination: Address, protocol: IpsecProtocol): Promise<number> {
    return (await this.#ask({ op: 'getSpi', source, destination, protocol }, 'getSpi')).spi;
  }

  async update(sa: KernelSa): Promise<void> {
    await this.#ask({ op: 'update', sa: this.#keyed(sa) }, 'update');
  }

  async add(sa: KernelSa): Promise<void> {
    await this.#ask({ op: 'add', sa: this.#keyed(sa) }, 'add');
  }

  async moveRemote(sa: SaIdentity, remote: Endpoint): Promise<void> {
    await this.#ask({ op: 'moveRemote', sa: identity(sa), remote }, 'moveRemote');
  }

  /** Where the thread is lost, the SA is gone as it was to be. */
  async delete(sa: SaIdentity): Promise<void> {
    if (this.#lost === undefined) await this.#ask({ op: 'delete', sa: identity(sa) }, 'delete');
  }

  async usage(sa: SaIdentity): Promise<SaUsage | undefined> {
    return (await this.#ask({ op: 'usage', sa: identity(sa) }, 'usage')).usage;
  }

  async policyFor(
    outer: IpsecPolicy['outer'],
    selectors: TrafficSelectors,
  ): Promise<IpsecPolicy | undefined> {
    return (await this.#ask({ op: 'policyFor', outer, selectors }, 'policyFor')).policy;
  }

  async policyForPacket(packet: TrafficSelectors): Promise<IpsecPolicy | undefined> {
    return (await this.#ask({ op: 'policyForPacket', packet }, 'policyForPacket')).policy;
  }

  answerAcquire(acquire: number, outcome: 'answered' | 'refused'): void {
    if (this.#lost === undefined) this.#parts.post({ type: 'acquire answered', acquire, outcome }, []);
  }

  /** SAs of an earlier run went with its process. */
  adopt(): Promise<readonly HeldSa[]> {
    return Promise.resolve([]);
  }

  async held(): Promise<readonly HeldSa[]> {
    return (await this.#ask({ op: 'held' }, 'held')).sas;
  }

  async replacePolicies(policies: readonly IpsecPolicy[]): Promise<void> {
    await this.#ask({ op: 'replacePolicies', policies }, 'replacePolicies');
  }

  /** A packet by hand. */
  async output(packet: Bytes): Promise<OutputOutcome> {
    return (await this.#ask({ op: 'output', packet: Uint8Array.from(packet) }, 'held')).outcome;
  }

  /** What the thread may do is put aside when the process becomes another user. 0, or `errno`. */
  async keepRights(): Promise<number> {
    return (await this.#ask({ op: 'keepRights' }, 'open')).fault;
  }

  /** It takes up what it needs of that, and nothing else. */
  async takeRights(): Promise<number> {
    return (await this.#ask({ op: 'takeRights' }, 'open')).fault;
  }

  async counters(): Promise<PacketCounters> {
    return (await this.#ask({ op: 'counters' }, 'held')).counters;
  }

  /** A socket beside IKE's for ESP in UDP. */
  socketOpened(local: Address, descriptor: number): void {
    this.#parts.post({ type: 'socket opened', local, descriptor }, []);
  }

  socketClosed(local: Address): void {
    this.#parts.post({ type: 'socket closed', local }, []);
  }

  /** ESP that came to IKE's own socket. */
  input(local: Address, remote: Address, esp: Bytes): void {
    if (this.#lost === undefined) this.#parts.post({ type: 'esp', local, remote, esp }, []);
  }

  #ask<Op extends Call['op']>(
    call: Call & { readonly op: Op },
    operation: KernelError['operation'],
  ): Promise<Extract<Answer, { readonly op: Op }>> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) throw new KernelError(operation, this.#lost);
      this.#lastCall += 1;
      const settle = (answer: Answer): void => {
        if (answersTo(call.op, answer)) resolve(answer);
        else reject(new Error(`The kernel answered ${answer.op} to ${call.op}.`));
      };
      this.#waiting.set(this.#lastCall, { settle, fail: reject, operation });
      this.#parts.post({ type: 'call', id: this.#lastCall, call }, keyBuffers(call));
    });
  }

  #settled(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #keyed(sa: KernelSa): KeyedSa {
    const { encryption, integrity, ...rest } = sa;
    return {
      encryption: encryption && { ...encryption, key: this.#copy(encryption.key) },
      integrity: integrity && { ...integrity, key: this.#copy(integrity.key) },
      ...rest,
    };
  }

  /** In memory of its own: only such can change hands. */
  #copy(key: Parameters<Keys['bytes']>[0]): Bytes {
    const bytes = this.#parts.keys.bytes(key);
    const copy = new Uint8Array(new ArrayBuffer(bytes.length));
    copy.set(bytes);
    return copy;
  }
}

function answersTo<Op extends Call['op']>(
  op: Op,
  answer: Answer,
): answer is Extract<Answer, { readonly op: Op }> {
  return answer.op === op;
}

function keyBuffers(call: Call): readonly ArrayBuffer[] {
  if (call.op !== 'add' && call.op !== 'update') return [];
  return [call.sa.encryption, call.sa.integrity].flatMap((part) =>
    part?.key.buffer instanceof ArrayBuffer ? [part.key.buffer] : [],
  );
}

/** No more than that: what asks may hold anything else. */
function identity({ destination, protocol, spi }: SaIdentity): SaIdentity {
  return { destination, protocol, spi };
}
