/** The thread's side: an embedded kernel that does what messages ask, and tells what happens in it. */
import type { Bytes } from '../../../../services/bytes.js';
import { KernelError, type KernelSa } from '../../../../services/ports/kernel.js';
import type { Keys } from '../../../../services/ports/keys.js';
import type { MaybePromise } from '../../../../services/ports/maybe-promise.js';
import type { EmbeddedKernel } from '../embedded-kernel.js';
import type { Answer, Call, FromThread, KeyedSa, ToThread } from './messages.js';

/** Of the thread itself; 0, or `errno`. */
export interface ThreadRights {
  readonly keep: () => number;
  readonly take: () => number;
}

export interface ServedKernel {
  readonly rights: ThreadRights;
  readonly kernel: EmbeddedKernel;
  /** For the time of one call; empty otherwise. */
  readonly keys: Keys;
  readonly post: (message: FromThread) => void;
  /** A descriptor that is this thread's own from now on, or undefined: the socket of that address is closed. */
  readonly socket: (local: string, descriptor: number | undefined) => void;
}

/** What to do with each message. */
export function serveKernel(served: ServedKernel): (message: ToThread) => void {
  const { kernel, post, socket } = served;
  return (message) => {
    switch (message.type) {
      case 'call':
        void answer(served, message.id, message.call).then(post);
        break;
      case 'acquire answered':
        kernel.answerAcquire(message.acquire, message.outcome);
        break;
      case 'esp':
        kernel.input(message.local, message.remote, message.esp);
        break;
      case 'socket opened':
        socket(message.local, message.descriptor);
        break;
      case 'socket closed':
        socket(message.local, undefined);
        break;
    }
  };
}

async function answer(served: ServedKernel, id: number, call: Call): Promise<FromThread> {
  try {
    return { type: 'answer', id, answer: await done(served, call) };
  } catch (error) {
    const operation = error instanceof KernelError ? error.operation : 'open';
    return { type: 'fault', id, operation, message: error instanceof Error ? error.message : String(error) };
  }
}

async function done({ kernel, keys, post, rights }: ServedKernel, call: Call): Promise<Answer> {
  switch (call.op) {
    case 'open':
      await kernel.open({
        acquire: (acquire) => {
          post({ type: 'acquire', acquire });
        },
        expire: (expiry) => {
          post({ type: 'expire', expiry });
        },
        // Nobody else comes to this kernel.
        deleted: () => undefined,
        flushed: () => undefined,
      });
      break;
    case 'getSpi':
      return { op: call.op, spi: await kernel.getSpi(call.source, call.destination, call.protocol) };
    case 'update':
      await withHandles(keys, call.sa, (sa) => kernel.update(sa));
      break;
    case 'add':
      await withHandles(keys, call.sa, (sa) => kernel.add(sa));
      break;
    case 'moveRemote':
      await kernel.moveRemote(call.sa, call.remote);
      break;
    case 'delete':
      await kernel.delete(call.sa);
      break;
    case 'usage':
      return { op: call.op, usage: await kernel.usage(call.sa) };
    case 'policyFor':
      return { op: call.op, policy: await kernel.policyFor(call.outer, call.selectors) };
    case 'policyForPacket':
      return { op: call.op, policy: await kernel.policyForPacket(call.packet) };
    case 'held':
      return { op: call.op, sas: await kernel.held() };
    case 'replacePolicies':
      await kernel.replacePolicies(call.policies);
      break;
    case 'output':
      return { op: call.op, outcome: kernel.output(call.packet) };
    case 'counters':
      return { op: call.op, counters: kernel.statistics };
    case 'keepRights':
      return { op: call.op, fault: rights.keep() };
    case 'takeRights':
      return { op: call.op, fault: rights.take() };
    case 'close':
      await kernel.close();
      break;
  }
  return { op: call.op };
}

/** The kernel copies keys before its call returns; afterwards neither message nor handle has any. */
function withHandles(keys: Keys, sa: KeyedSa, run: (sa: KernelSa) => MaybePromise<void>): MaybePromise<void> {
  const take = (bytes: Bytes): ReturnType<Keys['put']> => {
    const handle = keys.put(bytes);
    bytes.fill(0);
    return handle;
  };
  const encryption = sa.encryption && { ...sa.encryption, key: take(sa.encryption.key) };
  const integrity = sa.integrity && { ...sa.integrity, key: take(sa.integrity.key) };
  try {
    return run({ ...sa, encryption, integrity });
  } finally {
    for (const part of [encryption, integrity]) if (part !== undefined) keys.erase(part.key);
  }
}
