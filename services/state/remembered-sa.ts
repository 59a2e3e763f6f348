/** What is remembered of an SA beyond the life of the process: all that it takes to go on with it, and no key. */
import { NO_BYTES, sameBytes } from '../bytes.js';
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

/**
 * Undefined of an SA that nobody could go on with. `madeAt` in milliseconds since 1970; `shared`: what stands for an equal maker,
 * since the SAs of a Quick Mode have the same one.
 */
export function rememberedSa(
  sa: KernelSa,
  madeAt: number,
  shared: (maker: SaMaker) => SaMaker = (maker) => maker,
): RememberedSa | undefined {
  const { source, destination, protocol, spi, direction, mode, lifetimes } = sa;
  const { selectors, pairSpi, bundle, maker } = sa;
  if (maker === undefined) return undefined;
  const { softSeconds, hardSeconds } = lifetimes;
  // Written out: V8 gives an object that is spread together a hidden class of its own, 370 bytes, and there are many.
  return {
    source,
    destination,
    protocol,
    spi,
    direction,
    mode,
    madeAt,
    softSeconds,
    hardSeconds,
    selectors,
    pairSpi,
    bundle,
    maker: shared(maker),
  };
}

export function isSameMaker(one: SaMaker, other: SaMaker): boolean {
  const [ours, others] = [one.peer, other.peer];
  return (
    one.rule === other.rule &&
    one.localPort === other.localPort &&
    one.translated === other.translated &&
    ours.port === others.port &&
    ours.translated === others.translated &&
    ours.identity?.idType === others.identity?.idType &&
    sameBytes(ours.identity?.data ?? NO_BYTES, others.identity?.data ?? NO_BYTES)
  );
}
