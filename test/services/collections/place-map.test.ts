import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PlaceMap } from '../../../services/collections/place-map.js';

type Step = readonly ['set' | 'delete' | 'take' | 'clear', number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom<Step[0]>('set', 'set', 'set', 'delete', 'take', 'clear'),
  fc.nat({ max: 12 }),
);

describe('a map of places', () => {
  it('is a Map to whoever uses it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [map, places] = [new Map<number, object>(), new PlaceMap<number, object>()];
        for (const [what, key] of steps) {
          if (what === 'set') {
            const item = { key };
            map.set(key, item);
            places.set(key, item);
          } else if (what === 'delete') assert.equal(places.delete(key), map.delete(key));
          else if (what === 'take') {
            assert.equal(places.take(key), map.get(key));
            map.delete(key);
          } else {
            map.clear();
            places.clear();
          }
          assert.equal(places.get(key), map.get(key));
          assert.equal(places.has(key), map.has(key));
          assert.equal(places.size, map.size);
          assert.deepEqual([...places], [...map]);
          assert.deepEqual([...places.values()], [...map.values()]);
          assert.deepEqual([...places.keys()], [...map.keys()]);
        }
      }),
    );
  });

  it('may be emptied while somebody goes through it', () => {
    const places = new PlaceMap<string, { readonly name: string }>();
    for (const name of ['a', 'b', 'c']) places.set(name, { name });
    const seen: string[] = [];
    for (const { name } of places.values()) {
      seen.push(name);
      places.delete('b');
    }
    assert.deepEqual(seen, ['a', 'c']);
  });
});
