import assert from 'node:assert/strict';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { hex } from '../../../services/bytes.js';

describe('random bytes', () => {
  it('has every length that is asked for, around the length of its pool as well', () => {
    const random = new NodeRandom();
    for (const length of [0, 1, 255, 256, 257, 4095, 4096, 4097, 10_000]) {
      assert.equal(random.bytes(length).length, length);
    }
  });

  it('gives nothing twice, through many fillings of the pool', () => {
    const random = new NodeRandom();
    const lengths = [8, 16, 20, 32, 52, 256];
    const drawn = Array.from({ length: 3000 }, (_, index) =>
      hex(random.bytes(lengths[index % lengths.length] ?? 8)),
    );
    const pieces = drawn.flatMap((text) => text.match(/.{16}/g) ?? []);
    assert.equal(new Set(pieces).size, pieces.length);
  });

  it('draws every bit as often set as not', () => {
    const random = new NodeRandom();
    const counts = Array.from({ length: 8 }, () => 0);
    for (let draw = 0; draw < 4000; draw += 1) {
      for (const byte of random.bytes(4)) {
        for (let bit = 0; bit < 8; bit += 1) counts[bit] = (counts[bit] ?? 0) + ((byte >> bit) & 1);
      }
    }
    // 16 000 throws of a coin: eight standard deviations are 506.
    for (const count of counts) assert.ok(Math.abs(count - 8000) < 506, counts.join(' '));
  });

  it('hands out memory of the caller, which may be wiped or written without harm to what comes next', () => {
    const random = new NodeRandom();
    const first = random.bytes(32);
    const again = hex(first);
    const second = random.bytes(32);
    const before = hex(second);
    first.fill(0);
    assert.equal(hex(second), before);
    assert.notEqual(before, again);
    assert.notEqual(first.buffer, second.buffer);
  });
});
