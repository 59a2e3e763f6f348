import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyStore } from '../../daemon/key-store.js';
import { fromHex, hex } from '../../services/bytes.js';

describe('key store', () => {
  it('keeps a copy, so that the caller may wipe its own', () => {
    const keys = new KeyStore();
    const mine = fromHex('00112233');
    const handle = keys.put(mine);
    mine.fill(0xff);
    assert.equal(hex(keys.bytes(handle)), '00112233');
  });

  it('zeroes on erasing, short keys and long', () => {
    const keys = new KeyStore();
    for (const length of [1, 32, 33, 64, 65, 256, 257, 1024]) {
      const handle = keys.put(new Uint8Array(length).fill(0xa5));
      const held = keys.bytes(handle);
      keys.erase(handle);
      assert.ok(
        held.every((byte) => byte === 0),
        `${String(length)} bytes`,
      );
    }
  });

  it('throws for an erased handle and forgives erasing twice', () => {
    const keys = new KeyStore();
    const handle = keys.put(fromHex('01'));
    keys.erase(handle, handle);
    keys.erase(handle);
    assert.equal(keys.size, 0);
    for (const use of [
      () => keys.bytes(handle),
      () => keys.lengthOf(handle),
      () => keys.copy(handle, new Uint8Array(1), 0),
    ])
      assert.throws(use, /it was erased/);
  });

  it('copies a key to where it fits whole, short keys and long, and else nothing', () => {
    const keys = new KeyStore();
    for (const length of [0, 1, 32, 256, 300]) {
      const handle = keys.put(new Uint8Array(length).fill(0xa5));
      const into = new Uint8Array(length + 2);
      assert.equal(keys.copy(handle, into, 1), length);
      assert.equal(hex(into), `00${'a5'.repeat(length)}00`);
      into.fill(0);
      assert.equal(keys.copy(handle, into, 3), length);
      assert.equal(keys.lengthOf(handle), length);
      assert.equal(hex(into), '00'.repeat(length + 2));
    }
  });

  it('never reuses a handle, though it reuses memory', () => {
    const keys = new KeyStore();
    const first = keys.put(fromHex('aaaaaaaa'));
    keys.erase(first);
    const second = keys.put(fromHex('bb'));
    assert.notEqual(first, second);
    assert.throws(() => keys.bytes(first));
    assert.equal(hex(keys.bytes(second)), 'bb');
  });

  it('leaves nothing of an erased key where a shorter one comes to stand', () => {
    const keys = new KeyStore();
    const first = keys.put(new Uint8Array(64).fill(0xee));
    const buffer = keys.bytes(first).buffer;
    keys.erase(first);
    keys.put(fromHex('01'));
    assert.ok(!new Uint8Array(buffer).includes(0xee));
  });

  it('never reuses a handle of a slot that is taken over and over', () => {
    const keys = new KeyStore();
    const seen = new Set<number>();
    for (let turn = 0; turn < 5000; turn += 1) {
      const handle = keys.put(Uint8Array.of(turn & 0xff));
      assert.ok(!seen.has(handle) && Number.isSafeInteger(handle));
      assert.equal(keys.bytes(handle)[0], turn & 0xff);
      seen.add(handle);
      keys.erase(handle);
    }
    assert.equal(keys.size, 0);
  });

  it('gives short handles until a million keys are held or their slots spent, and then others', () => {
    const keys = new KeyStore();
    const [isShort, byte] = [(handle: number) => handle < 2 ** 31, Uint8Array.of(7)];
    // As often as a slot has short handles.
    const spent = Array.from({ length: 2047 }, () => {
      const handle = keys.put(byte);
      keys.erase(handle);
      return handle;
    });
    assert.ok(spent.every(isShort));
    const held = Array.from({ length: 2 ** 20 + 999 }, (_, index) =>
      keys.put(Uint8Array.of(index & 0xff, index >> 8)),
    );
    assert.equal(
      held.findIndex((handle) => !isShort(handle)),
      2 ** 20 - 1,
    );
    assert.equal(new Set([...spent, ...held]).size, spent.length + held.length);
    for (const index of [0, 2 ** 20 - 2, 2 ** 20 - 1, 2 ** 20, held.length - 1]) {
      const handle = held[index];
      assert.ok(handle !== undefined);
      assert.deepEqual([...keys.bytes(handle)], [index & 0xff, (index >> 8) & 0xff]);
    }
    for (const handle of spent) assert.throws(() => keys.bytes(handle), /it was erased/);
    // The place that was spent is taken again when no other is left, and is then free whenever its key is gone.
    const again = held[2 ** 20 - 1];
    assert.ok(again !== undefined);
    const placeOf = (handle: number): number => handle % 2 ** 20;
    assert.equal(again % 2 ** 24, placeOf(spent[0] ?? 0));
    keys.erase(again);
    const once = keys.put(byte);
    assert.deepEqual([once % 2 ** 24, once === again], [again % 2 ** 24, false]);
    assert.throws(() => keys.bytes(again), /it was erased/);
    keys.erase(once);
    held.splice(2 ** 20 - 1, 1);
    keys.erase(...held.slice(0, 50_000), ...held.slice(-50_000));
    assert.equal(keys.size, held.length - 100_000);
    for (const handle of held.slice(-50_000)) assert.throws(() => keys.bytes(handle), /it was erased/);
  });

  it('counts what it holds, of every length, however often a key is erased', () => {
    const keys = new KeyStore();
    const handles = [10, 64, 200, 2000].map((length) => keys.put(new Uint8Array(length)));
    assert.equal(keys.size, 4);
    for (const handle of handles) keys.erase(handle, handle);
    assert.equal(keys.size, 0);
    keys.erase(...handles);
    assert.equal(keys.size, 0);
  });

  it('keeps a thousand keys of every length apart, and takes their places again', () => {
    const keys = new KeyStore();
    for (let round = 0; round < 2; round += 1) {
      const held = Array.from({ length: 1000 }, (_, index) => {
        const bytes = new Uint8Array([20, 64, 128, 256, 300][index % 5] ?? 0).fill(index & 0xff);
        return { handle: keys.put(bytes), bytes };
      });
      assert.equal(new Set(held.map(({ handle }) => handle)).size, 1000);
      for (const { handle, bytes } of held) assert.deepEqual(keys.bytes(handle), bytes);
      keys.erase(...held.map(({ handle }) => handle));
    }
    assert.equal(keys.size, 0);
  });

  it('holds an empty key', () => {
    const keys = new KeyStore();
    assert.equal(keys.bytes(keys.put(new Uint8Array(0))).length, 0);
    assert.equal(keys.size, 1);
  });

  it('keeps every key apart from the others through any run of puts and erasures', () => {
    const step = fc.oneof(
      fc.record({ put: fc.uint8Array({ maxLength: 300 }) }),
      fc.record({ erase: fc.nat({ max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const keys = new KeyStore();
        const model: { handle: ReturnType<KeyStore['put']>; text: string }[] = [];
        for (const action of steps) {
          if ('put' in action) {
            model.push({ handle: keys.put(action.put), text: hex(action.put) });
          } else {
            const [gone] = model.splice(action.erase, 1);
            if (gone !== undefined) keys.erase(gone.handle);
          }
        }
        assert.equal(keys.size, model.length);
        for (const { handle, text } of model) assert.equal(hex(keys.bytes(handle)), text);
      }),
      { numRuns: 50 },
    );
  });
});
