/** One kernel that talks to nobody, and SAs for it. */
import type { KernelSa } from '../../../../services/ports/kernel.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { AES_SHA1, EAST, freshKey, NO_LIMITS, Station, TUNNEL, WEST, type Suite } from './two-kernels.js';

export function shape(spi: number): Omit<KernelSa, 'encryption' | 'integrity'> {
  return {
    source: WEST,
    destination: EAST,
    protocol: 50,
    spi,
    direction: 'outbound',
    mode: 'tunnel',
    selectors: TUNNEL.selectors,
    lifetimes: NO_LIMITS,
    pairSpi: 0x1000,
    bundle: [{ protocol: 50, spi }],
    encapsulation: undefined,
  };
}

export function sa(at: Station, changes: Partial<KernelSa> = {}, suite: Suite = AES_SHA1): KernelSa {
  const made = { ...at.sa(shape(0x2000), suite, freshKey(suite)), ...changes };
  return { ...made, bundle: changes.bundle ?? [{ protocol: made.protocol, spi: made.spi }] };
}

export async function alone(parts = {}): Promise<{ clock: VirtualClock; station: Station }> {
  const clock = new VirtualClock();
  return { clock, station: await new Station(clock, [TUNNEL], parts).open() };
}
