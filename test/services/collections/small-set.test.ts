import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SmallSet } from '../../../services/collections/small-set.js';

describe('small set', () => {
  it('agrees with a set, in its order too, whatever is added and removed', () => {
    const steps = fc.array(fc.record({ member: fc.nat({ max: 4 }), add: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (plan) => {
        const [small, plain] = [new SmallSet<number>(), new Set<number>()];
        for (const { member, add } of plan) {
          if (add) {
            small.add(member);
            plain.add(member);
          } else assert.equal(small.delete(member), plain.delete(member));
          assert.equal(small.size, plain.size);
          assert.deepEqual([...small], [...plain]);
          assert.equal(small.has(member), plain.has(member));
        }
      }),
    );
  });

  it('can lose its members while they are gone through', () => {
    for (const size of [1, 2, 5]) {
      const members = Array.from({ length: size }, (_, number) => ({ number }));
      const set = new SmallSet(members);
      const seen: number[] = [];
      for (const member of set) {
        seen.push(member.number);
        set.delete(member);
      }
      assert.deepEqual(
        seen,
        members.map(({ number }) => number),
      );
      assert.equal(set.size, 0);
    }
  });
});
