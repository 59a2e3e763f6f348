/** The kernels that speak PF_KEY, put together. */
import { SupportedAlgorithms } from './algorithm-numbers.js';
import { LinuxKeySystem } from './linux-system.js';
import { PfkeyKernel, type PfkeyKernelParts } from './pfkey-kernel.js';

export type PfkeySurroundings = Omit<PfkeyKernelParts, 'system' | 'supported' | 'firstSequence'>;

/** ACQUIREs of Linux count up from 1. */
const LINUX_SEQUENCES = 0x8000_0000;

export function linuxPfkeyKernel(parts: PfkeySurroundings): PfkeyKernel {
  const supported = new SupportedAlgorithms();
  const system = new LinuxKeySystem(supported, parts.note);
  return new PfkeyKernel({ ...parts, supported, system, firstSequence: LINUX_SEQUENCES });
}
