/** What is remembered of an SA beyond the life of the process: all that it takes to go on with it, and no key. */
import type { EarlierSa, IpsecProtocol, KernelSa, SaMaker, TrafficSelectors } from '../ports/kernel.js';

export interface RememberedSa extends EarlierSa {
  readonly softSeconds: number | undefined;
  readonly selectors: TrafficSelectors;
  /** SPI of the SA of the other direction and the same protocol. */
  readonly pairSpi: number;
  /** All SAs of this direction that the same Quick Mode made. */
  readonly bundle: readonly { readonly protocol: IpsecProtocol; readonly spi: number }[];
  readonly maker: SaMaker;
}

/** Undefined of an SA that nobody could go on with. `madeAt` in milliseconds since 1970. */
export function rememberedSa(sa: KernelSa, madeAt: number): RememberedSa | undefined {
  const { source, destination, protocol, spi, direction, mode, lifetimes } = sa;
  const { selectors, pairSpi, bundle, maker } = sa;
  if (maker === undefined) return undefined;
  const { softSeconds, hardSeconds } = lifetimes;
  const ends = { source, destination, protocol, spi, direction, mode };
  return { ...ends, madeAt, softSeconds, hardSeconds, selectors, pairSpi, bundle, maker };
}
