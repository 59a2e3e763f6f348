/** Which worker has a negotiation. */
import assert from 'node:assert/strict';
import { freshCookie } from '../../../services/isakmp/header.js';
import { cookiesOf, workerOfBytes, workerOfCookie } from '../../../services/isakmp/worker-of-cookie.js';
import type { Random } from '../../../services/ports/random.js';

function counting(): Random {
  let next = 0;
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count).fill(7);
      new DataView(bytes.buffer).setUint32(0, (next += 1));
      return bytes;
    },
  };
}

describe('the worker of a negotiation', () => {
  it('is the remainder of the first half of the cookie', () => {
    assert.equal(workerOfCookie('0000000500000000', 3), 2);
    assert.equal(workerOfCookie('ffffffff00000001', 16), 15);
    assert.equal(workerOfCookie('0123456789abcdef', 1), 0);
  });

  it('is the one that begins it, whose cookies fit', () => {
    const random = counting();
    for (const count of [1, 2, 3, 7])
      for (let index = 0; index < count; index++)
        assert.equal(workerOfCookie(freshCookie(cookiesOf(random, { index, count })), count), index);
  });

  it('of an address is always the same, and each has some', () => {
    const workers = Array.from({ length: 256 }, (_, n) => workerOfBytes(Uint8Array.of(192, 0, 2, n), 3));
    assert.deepEqual(
      workers,
      Array.from({ length: 256 }, (_, n) => workerOfBytes(Uint8Array.of(192, 0, 2, n), 3)),
    );
    for (const index of [0, 1, 2]) assert.ok(workers.filter((worker) => worker === index).length > 64);
  });
});
