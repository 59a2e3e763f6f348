import assert from 'node:assert/strict';
import { Reassembly } from '../../daemon/reassembly.js';
import type { Fragment } from '../../services/isakmp/fragment.js';
import { VirtualClock } from '../sim/virtual-clock.js';

function piece(number: number, last = false, id = 1, length = 4): Fragment {
  return { id, number, last, data: new Uint8Array(length).fill(number) };
}

function joined(reassembly: Reassembly, ...pieces: readonly Fragment[]): readonly string[] {
  return pieces.map((each) => {
    const result = reassembly.add('a', each);
    return result.outcome === 'whole' ? Buffer.from(result.message).toString('hex') : result.outcome;
  });
}

describe('reassembly of fragments', () => {
  const fresh = (): Reassembly => new Reassembly(new VirtualClock());

  it('takes them in any order', () => {
    assert.deepEqual(joined(fresh(), piece(3, true), piece(1), piece(2)), [
      'waiting',
      'waiting',
      '010101010202020203030303',
    ]);
  });

  it('is not put off by a fragment that comes again, the last one too', () => {
    const reassembly = fresh();
    assert.deepEqual(joined(reassembly, piece(2, true), piece(2, true), piece(1)), [
      'waiting',
      'waiting',
      '0101010102020202',
    ]);
    assert.deepEqual(
      joined(reassembly, piece(2, true)),
      ['waiting'],
      'a late copy begins anew, and joins nothing',
    );
  });

  it('gives up a message for the next one of the same peer', () => {
    assert.deepEqual(joined(fresh(), piece(1), piece(1, false, 2), piece(2, true, 1), piece(2, true, 2)), [
      'waiting',
      'waiting',
      'waiting',
      'waiting',
    ]);
  });

  it('keeps the messages of different negotiations apart', () => {
    const reassembly = fresh();
    reassembly.add('a', piece(1));
    assert.equal(reassembly.add('b', piece(2, true)).outcome, 'waiting');
    assert.equal(reassembly.add('a', piece(2, true)).outcome, 'whole');
  });

  it('refuses a 65th fragment, and more than 64 KiB', () => {
    assert.equal(fresh().add('a', piece(65)).outcome, 'refused');
    const reassembly = fresh();
    for (let number = 1; number <= 32; number++)
      assert.equal(reassembly.add('a', piece(number, false, 1, 2048)).outcome, 'waiting');
    assert.equal(reassembly.add('a', piece(33, true, 1, 1)).outcome, 'refused');
    assert.equal(reassembly.size, 0);
  });

  it('holds a bounded number of messages, and forgets the oldest first and the old in time', () => {
    const clock = new VirtualClock();
    const reassembly = new Reassembly(clock);
    for (let n = 0; n < 1000; n++) reassembly.add(String(n), piece(1));
    assert.equal(reassembly.size, 256);
    assert.equal(reassembly.add('999', piece(2, true)).outcome, 'whole');
    assert.equal(reassembly.add('1', piece(2, true)).outcome, 'waiting', 'it was forgotten');
    clock.advance(31_000);
    reassembly.add('new', piece(1));
    assert.equal(reassembly.size, 1);
  });
});
