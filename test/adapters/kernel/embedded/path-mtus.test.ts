/** How long packets to a peer may be: what is learnt, what is not believed, and when it is forgotten. */
import assert from 'node:assert/strict';
import { PathMtus } from '../../../../adapters/kernel/embedded/path-mtus.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';

const PEER = '198.51.100.2';
const SIXTH = '2001:db8::2';
const MINUTES = 60_000;

describe('the length of packets on a path', () => {
  it('comes down, never below what every path takes, and is forgotten after ten minutes', () => {
    const clock = new VirtualClock();
    const told: (readonly (readonly [string, number])[])[] = [];
    const paths = new PathMtus(clock, (mtus) => told.push([...mtus]));
    assert.equal(paths.learn(PEER, 1400), 1400);
    assert.equal(paths.learn(PEER, 1500), undefined, 'a longer one is not believed');
    assert.equal(paths.learn(PEER, 1400), undefined);
    assert.equal(paths.learn(SIXTH, 68), 1280);
    clock.advance(5 * MINUTES);
    assert.equal(paths.learn(PEER, 68), 576);
    assert.deepEqual(
      new Map(told.at(-1)),
      new Map([
        [PEER, 576],
        [SIXTH, 1280],
      ]),
    );
    clock.advance(5 * MINUTES);
    assert.deepEqual(told.at(-1), [[PEER, 576]]);
    clock.advance(5 * MINUTES);
    assert.deepEqual(told.at(-1), []);
    assert.equal(told.length, 5);
  });

  it('is forgotten with the kernel, and nobody is told', () => {
    const clock = new VirtualClock();
    let told = 0;
    const paths = new PathMtus(clock, () => (told += 1));
    paths.learn(PEER, 1400);
    paths.clear();
    clock.advance(20 * MINUTES);
    assert.equal(told, 1);
  });
});
