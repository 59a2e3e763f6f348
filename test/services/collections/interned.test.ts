import assert from 'node:assert/strict';
import { Interned } from '../../../services/collections/interned.js';

interface Pair {
  readonly one: number;
  readonly other?: string;
}

describe('interned values', () => {
  it('are one object where they are equal, and others where they are not', () => {
    const interned = new Interned<Pair>();
    const first = interned.of({ one: 1, other: 'a' });
    assert.equal(interned.of({ one: 1, other: 'a' }), first);
    for (const other of [{ one: 2, other: 'a' }, { one: 1, other: 'b' }, { one: 1 }]) {
      assert.equal(interned.of(other), other);
      assert.notEqual(other, first);
    }
    assert.equal(interned.of({ one: 1, other: 'a' }), first);
  });

  it('are forgotten when many others came since, and are kept while they are asked for', () => {
    const interned = new Interned<Pair>();
    const [kept, forgotten] = [interned.of({ one: -1 }), interned.of({ one: -2 })];
    for (let one = 0; one < 100; one++) {
      interned.of({ one });
      assert.equal(interned.of({ one: -1 }), kept);
    }
    assert.notEqual(interned.of({ one: -2 }), forgotten);
  });
});
