import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutboundIndex, type SaEnds } from '../../../../adapters/kernel/embedded/outbound-index.js';

interface Sa extends SaEnds {
  readonly spi: number;
}

const between = (source: string, destination: string, spi: number): Sa => ({ source, destination, spi });
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];
const address = fc.constantFrom(...ADDRESSES);

type Change =
  | { readonly add: true; readonly local: string; readonly remote: string }
  /** Which of those that are there, as a share of them. */
  | { readonly add: false; readonly share: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: fc.constant(true as const), local: address, remote: address }) },
  {
    weight: 2,
    arbitrary: fc.record({
      add: fc.constant(false as const),
      share: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
  },
);

describe('outbound SAs by their ends', () => {
  it('are found as by a look through all of them, however many a peer has', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200, size: 'max' }), (changes) => {
        const index = new OutboundIndex<Sa>();
        const all: Sa[] = [];
        for (const [spi, one] of changes.entries()) {
          if (one.add) {
            const sa = between(one.local, one.remote, 256 + spi);
            index.add(sa);
            all.push(sa);
          } else {
            const [gone] = all.splice(Math.floor(one.share * all.length), 1);
            if (gone !== undefined) index.remove(gone);
          }
          for (const local of ADDRESSES)
            for (const remote of ADDRESSES)
              for (const fits of [() => true, ({ spi: its }: Sa) => its % 3 === 0])
                assert.equal(
                  index.newest(local, remote, fits),
                  all.findLast((sa) => sa.source === local && sa.destination === remote && fits(sa)),
                );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of a peer that has many are found until each of them is gone, and then anew', () => {
    const index = new OutboundIndex<Sa>();
    const locals = Array.from({ length: 30 }, (_, n) => `198.51.100.${String(n)}`);
    const newest = (local: string): number | undefined => index.newest(local, '192.0.2.2', () => true)?.spi;
    for (let round = 0; round < 2; round++) {
      const sas = locals.map((local, n) => between(local, '192.0.2.2', 1000 * round + n));
      const renewed = locals.map((local, n) => between(local, '192.0.2.2', 1000 * round + 100 + n));
      for (const sa of [...sas, ...renewed]) index.add(sa);
      assert.deepEqual(
        locals.map(newest),
        renewed.map(({ spi }) => spi),
      );
      for (const sa of renewed) index.remove(sa);
      assert.deepEqual(
        locals.map(newest),
        sas.map(({ spi }) => spi),
      );
      for (const sa of sas) index.remove(sa);
      assert.ok(locals.every((local) => newest(local) === undefined));
      assert.equal(index.peers, 0);
    }
  });

  it('may be taken out twice, and all at once', () => {
    const index = new OutboundIndex<Sa>();
    const [one, other] = [between('192.0.2.1', '192.0.2.2', 256), between('192.0.2.1', '192.0.2.2', 257)];
    const newest = (): Sa | undefined => index.newest('192.0.2.1', '192.0.2.2', () => true);
    index.add(one);
    index.add(other);
    index.remove(other);
    index.remove(other);
    assert.equal(newest(), one);
    index.clear();
    assert.equal(newest(), undefined);
    index.remove(one);
  });
});
