/** The kernels that speak PF_KEY, put together. */
import { SupportedAlgorithms } from './algorithm-numbers.js';
import { IllumosKeySystem } from './illumos-system.js';
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

/** ACQUIREs of illumos have the high bit, and count down. */
const ILLUMOS_SEQUENCES = 1;

/** `labelOf`: of the rule with that number in `ipsec_kmc_map`. */
export function illumosPfkeyKernel(
  parts: PfkeySurroundings & { readonly labelOf: (cookie: number) => string | undefined },
): PfkeyKernel {
  const supported = new SupportedAlgorithms();
  const system = new IllumosKeySystem(parts.labelOf);
  return new PfkeyKernel({ ...parts, supported, system, firstSequence: ILLUMOS_SEQUENCES });
}
