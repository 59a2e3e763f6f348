import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NumberIndex } from '../../../services/collections/number-index.js';

interface Item {
  readonly name: string;
}

describe('number index', () => {
  it('agrees with a plain list, whatever is put under few numbers and taken away', () => {
    const items = Array.from({ length: 6 }, (_, n): Item => ({ name: String(n) }));
    const step = fc.record({
      number: fc.constantFrom(0, 7, 0x8000_0001),
      item: fc.nat({ max: 5 }),
      add: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (plan) => {
        const index = new NumberIndex<Item>();
        const list: { readonly number: number; readonly item: Item }[] = [];
        for (const { number, item: which, add } of plan) {
          const item = items[which];
          assert.ok(item);
          const at = list.findIndex((entry) => entry.number === number && entry.item === item);
          if (add) {
            index.add(number, item);
            if (at < 0) list.push({ number, item });
          } else {
            assert.equal(index.delete(number, item), at >= 0);
            if (at >= 0) list.splice(at, 1);
          }
          const there = list.filter((entry) => entry.number === number).map((entry) => entry.item);
          assert.deepEqual(
            index.filter(number, () => true),
            there,
          );
          assert.equal(
            index.find(number, () => true),
            there.at(-1),
          );
          assert.equal(
            index.find(number, (one) => one === item),
            there.includes(item) ? item : undefined,
          );
        }
        const all = [...index.entries()].map(([number, { name }]) => `${String(number >>> 0)} ${name}`);
        assert.deepEqual(all.sort(), list.map(({ number, item }) => `${String(number)} ${item.name}`).sort());
        index.clear();
        assert.deepEqual([...index.entries()], []);
      }),
    );
  });
});
