/** What a kernel tells, told to the engine. */
import type { KernelListener } from '../services/ports/kernel.js';
import type { Engine } from './engine.js';

export function kernelListener(engine: Engine): KernelListener {
  return {
    acquire: (acquire) => {
      engine.acquired(acquire);
    },
    expire: (expiry) => {
      engine.expired(expiry);
    },
    deleted: (sa) => {
      engine.deletedInKernel(sa);
    },
    flushed: () => {
      engine.flushed();
    },
    mapped: (sa, remote) => {
      engine.mapped(sa, remote);
    },
  };
}
