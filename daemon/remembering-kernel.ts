/** A kernel whose SAs are remembered: no SA of ours is in it that is not in the file. */
import { Interned } from '../services/collections/interned.js';
import type { Clock } from '../services/ports/clock.js';
import type { Endpoint } from '../services/net/address.js';
import type { MaybePromise } from '../services/ports/maybe-promise.js';
import type { Kernel, KernelListener, KernelSa, SaIdentity, SaMaker } from '../services/ports/kernel.js';
import { isSameMaker, type RememberedSa, rememberedSa } from '../services/state/remembered-sa.js';
import type { SaMemory } from './sa-memory.js';

export function rememberingKernel(kernel: Kernel, memory: SaMemory, clock: Clock): Kernel {
  const makers = new Interned<SaMaker>(isSameMaker);
  const put = async (sa: KernelSa, run: () => MaybePromise<void>): Promise<void> => {
    const remembered = rememberedSa(sa, clock.wallTime(), (maker) => makers.of(maker));
    const before = memory.find(sa);
    if (remembered !== undefined) memory.made(remembered);
    try {
      await run();
    } catch (error) {
      // Where its SPI is taken, the SA that has it is still there.
      if (before === undefined) memory.gone(sa);
      else memory.made(before);
      throw error;
    }
  };
  const remove = async (sa: SaIdentity): Promise<void> => {
    await kernel.delete(sa);
    memory.gone(sa);
  };
  return {
    name: kernel.name,
    open: (listener) => kernel.open(forgetting(listener, memory)),
    getSpi: (...args) => kernel.getSpi(...args),
    update: (sa) => put(sa, () => kernel.update(sa)),
    add: (sa) => put(sa, () => kernel.add(sa)),
    moveRemote: async (sa, remote) => {
      const before = memory.find(sa);
      const after = before && movedTo(before, remote, clock.wallTime());
      if (after !== undefined) memory.made(after);
      await kernel.moveRemote(sa, remote);
      if (before !== undefined && before.destination !== after?.destination) memory.gone(before);
    },
    delete: remove,
    usage: (sa) => kernel.usage(sa),
    policyFor: (...args) => kernel.policyFor(...args),
    policyForPacket: (packet) => kernel.policyForPacket(packet),
    answerAcquire: (id, outcome) => {
      kernel.answerAcquire(id, outcome);
    },
    held: () => kernel.held(),
    adopt: (earlier) => kernel.adopt(earlier),
    replacePolicies: (policies) => kernel.replacePolicies(policies),
    close: async () => {
      try {
        for (const sa of memory.list()) await remove(sa);
      } catch {
        // A kernel that does not answer is not asked about the others; they stay remembered.
      }
      await kernel.close();
      memory.close();
    },
  };
}

function forgetting(listener: KernelListener, memory: SaMemory): KernelListener {
  return {
    acquire: (acquire) => {
      listener.acquire(acquire);
    },
    expire: (expiry) => {
      if (expiry.limit === 'hard') memory.gone(expiry.sa);
      listener.expire(expiry);
    },
    deleted: (sa) => {
      memory.gone(sa);
      listener.deleted(sa);
    },
    flushed: () => {
      memory.allGone();
      listener.flushed();
    },
    mapped: (sa, remote) => listener.mapped?.(sa, remote),
  };
}

/** The peer's end is there now; a kernel that makes another SA for another address notes another moment, too. */
function movedTo(sa: RememberedSa, remote: Endpoint, now: number): RememberedSa {
  const { maker, madeAt, softSeconds, hardSeconds } = sa;
  const moved = { ...sa, maker: { ...maker, peer: { ...maker.peer, port: remote.port } } };
  const there = sa.direction === 'inbound' ? sa.source : sa.destination;
  if (there === remote.address) return moved;
  const age = Math.max(0, Math.floor((now - madeAt) / 1000));
  const left = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : Math.max(1, seconds - age);
  const life = { madeAt: now, softSeconds: left(softSeconds), hardSeconds: left(hardSeconds) };
  const end = sa.direction === 'inbound' ? { source: remote.address } : { destination: remote.address };
  return { ...moved, ...life, ...end };
}
