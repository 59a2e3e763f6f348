/** A `Kernel` that hands every call on, for wrappers to change some of them. */
import type { Kernel } from '../../services/ports/kernel.js';

export function boundKernel(kernel: Kernel): Kernel {
  return {
    name: kernel.name,
    open: (listener) => kernel.open(listener),
    getSpi: (...args) => kernel.getSpi(...args),
    update: (sa) => kernel.update(sa),
    add: (sa) => kernel.add(sa),
    moveRemote: (...args) => kernel.moveRemote(...args),
    delete: (sa) => kernel.delete(sa),
    usage: (sa) => kernel.usage(sa),
    policyFor: (...args) => kernel.policyFor(...args),
    policyForPacket: (packet) => kernel.policyForPacket(packet),
    answerAcquire: (...args) => {
      kernel.answerAcquire(...args);
    },
    held: () => kernel.held(),
    adopt: (earlier) => kernel.adopt(earlier),
    replacePolicies: (policies) => kernel.replacePolicies(policies),
    close: () => kernel.close(),
  };
}
