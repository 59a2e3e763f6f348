import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SourceLedger } from '../../daemon/source-ledger.js';

describe('a ledger of sources', () => {
  it('takes everything while there is room', () => {
    const ledger = new SourceLedger({ total: 3, perSource: 2 });
    assert.deepEqual(
      [ledger.add('1', 'a'), ledger.add('2', 'a'), ledger.add('3', 'b')],
      [undefined, undefined, undefined],
    );
    assert.equal(ledger.size, 3);
  });

  it('puts out the oldest of a source that has its share', () => {
    const ledger = new SourceLedger({ total: 10, perSource: 2 });
    ledger.add('1', 'a');
    ledger.add('2', 'a');
    assert.equal(ledger.add('3', 'a'), '1');
    assert.equal(ledger.add('4', 'a'), '2');
    assert.equal(ledger.size, 2);
  });

  it('when full puts out the oldest of the source with most, and no other', () => {
    const ledger = new SourceLedger({ total: 5, perSource: 4 });
    ledger.add('quiet', 'b');
    for (const id of ['1', '2', '3', '4']) ledger.add(id, 'a');
    assert.equal(ledger.add('c1', 'c'), '1');
    assert.equal(ledger.add('c2', 'c'), '2');
    assert.ok(ledger.has('quiet'));
  });

  it('of equals puts out the one that is there for longest', () => {
    const ledger = new SourceLedger({ total: 3, perSource: 3 });
    for (const source of ['a', 'b', 'c']) ledger.add(`${source}1`, source);
    assert.equal(ledger.add('d1', 'd'), 'a1');
    assert.equal(ledger.add('e1', 'e'), 'b1');
  });

  it('has room again for what has left, and forgives leaving twice', () => {
    const ledger = new SourceLedger({ total: 1, perSource: 1 });
    ledger.add('1', 'a');
    ledger.delete('1');
    ledger.delete('1');
    assert.equal(ledger.size, 0);
    assert.equal(ledger.add('2', 'b'), undefined);
  });

  it('agrees with a list that is searched, whatever comes and goes', () => {
    const limits = { total: 8, perSource: 3 };
    const step = fc.record({ source: fc.constantFrom('a', 'b', 'c', 'd'), leaves: fc.option(fc.nat(30)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const ledger = new SourceLedger(limits);
        const list: { readonly id: string; readonly source: string }[] = [];
        steps.forEach(({ source, leaves }, index) => {
          if (leaves !== null) {
            const gone = list.findIndex(({ id }) => id === String(leaves));
            if (gone >= 0) list.splice(gone, 1);
            ledger.delete(String(leaves));
            return;
          }
          const countOf = (name: string) => list.filter((entry) => entry.source === name).length;
          const most = Math.max(...list.map((entry) => countOf(entry.source)), 0);
          const full = countOf(source) >= limits.perSource || list.length >= limits.total;
          const displaced = ledger.add(String(index), source);
          assert.equal(displaced !== undefined, full);
          if (displaced !== undefined) {
            const gone = list.findIndex(({ id }) => id === displaced);
            const loser = list[gone];
            assert.ok(loser);
            assert.equal(
              list.find((entry) => entry.source === loser.source),
              loser,
              'its oldest',
            );
            if (countOf(source) >= limits.perSource) assert.equal(loser.source, source);
            else assert.equal(countOf(loser.source), most, 'of the source with most');
            list.splice(gone, 1);
          }
          list.push({ id: String(index), source });
          assert.equal(ledger.size, list.length);
        });
        for (const { id } of list) assert.ok(ledger.has(id));
      }),
    );
  });
});
