/** SAs as they belong together: those of one Quick Mode, in both directions. */
import type { Address } from '../net/address.js';
import type { SpiPair } from '../ports/kernel.js';
import type { RememberedSa } from './remembered-sa.js';
import { saKey } from './sa-journal.js';

export interface RememberedPairs {
  readonly local: Address;
  readonly remote: Address;
  readonly pairs: readonly SpiPair[];
  /** All of them; the first is an inbound one. */
  readonly sas: readonly [RememberedSa, ...RememberedSa[]];
}

export interface Sorted {
  /** Oldest first. */
  readonly whole: readonly RememberedPairs[];
  /** What has lost its partner: a Quick Mode that was cut short, or was half deleted. */
  readonly single: readonly RememberedSa[];
}

export function sortedPairs(remembered: readonly RememberedSa[]): Sorted {
  const byKey = new Map(remembered.map((sa) => [saKey(sa), sa]));
  const used = new Set<RememberedSa>();
  const whole: RememberedPairs[] = [];
  for (const first of remembered) {
    if (first.direction !== 'inbound' || used.has(first)) continue;
    const { destination: local, source: remote } = first;
    const inbound = first.bundle.map((member) => byKey.get(saKey({ destination: local, ...member })));
    const both = inbound.flatMap((sa) => {
      const partner = sa && byKey.get(saKey({ destination: remote, protocol: sa.protocol, spi: sa.pairSpi }));
      const matches = partner?.direction === 'outbound' && partner.pairSpi === sa?.spi;
      return sa?.direction === 'inbound' && matches && partner.source === local ? [{ sa, partner }] : [];
    });
    if (both.length !== first.bundle.length) continue;
    const sas = [first, ...both.flatMap(({ sa, partner }) => [sa, partner])].filter(
      (sa, index, all) => all.indexOf(sa) === index,
    );
    for (const sa of sas) used.add(sa);
    const pairs = both.map(({ sa: { protocol, spi }, partner }) => ({
      protocol,
      inboundSpi: spi,
      outboundSpi: partner.spi,
    }));
    whole.push({ local, remote, pairs, sas: [first, ...sas.slice(1)] });
  }
  whole.sort((a, b) => a.sas[0].madeAt - b.sas[0].madeAt);
  return { whole, single: remembered.filter((sa) => !used.has(sa)) };
}
