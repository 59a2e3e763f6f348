import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DropCounter } from '../../daemon/drop-counter.js';
import { EventStream } from '../../daemon/event-stream.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { VirtualClock } from '../sim/virtual-clock.js';

interface Told {
  readonly at: number;
  readonly source: string;
  readonly reason: string;
  readonly count: number;
}

function counter() {
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  const told: Told[] = [];
  events.subscribe((event: StampedEvent) => {
    if (event.type !== 'datagram.dropped') return;
    told.push({ at: event.at, source: event.remote.address, reason: event.reason, count: event.count });
  });
  const drops = new DropCounter(clock, events);
  const drop = (source: string, reason = 'noise'): void => {
    drops.drop({ address: source, port: 500 }, reason);
  };
  return { clock, drops, drop, told };
}

describe('drop counter', () => {
  it('reports the first at once, and with the next after a second how many there were', () => {
    const { clock, drops, drop, told } = counter();
    drop('192.0.2.1', 'first');
    clock.advance(400);
    drop('192.0.2.1', 'second');
    clock.advance(599);
    drop('192.0.2.1', 'third');
    clock.advance(1);
    drop('192.0.2.1', 'fourth');
    assert.deepEqual(told, [
      { at: 0, source: '192.0.2.1', reason: 'first', count: 1 },
      { at: 1000, source: '192.0.2.1', reason: 'fourth', count: 3 },
    ]);
    assert.equal(drops.total, 4);
  });

  it('keeps sources apart, and takes the ports of one address for one source', () => {
    const { drops, drop, told } = counter();
    drop('192.0.2.1');
    drop('192.0.2.2');
    drops.drop({ address: '192.0.2.2', port: 4500 }, 'noise');
    assert.deepEqual(
      told.map(({ source }) => source),
      ['192.0.2.1', '192.0.2.2'],
    );
  });

  it('tells at most once a second of each source, from however many they come', () => {
    const { clock, drops, drop, told } = counter();
    for (let index = 0; index < 30_000; index++) {
      drop(`10.0.${String((index % 3000) >> 8)}.${String(index & 255)}`);
      clock.advance(0.2);
    }
    assert.equal(drops.total, 30_000);
    const last = new Map<string, number>();
    for (const { at, source } of told) {
      assert.ok(at - (last.get(source) ?? -1000) >= 1000 - 1e-6, `${source} at ${String(at)}`);
      last.set(source, at);
    }
    assert.ok(told.length <= 7 * 1024, `${String(told.length)} events in 6 s`);
  });

  it('hears a new source again when the flood is over', () => {
    const { clock, drop, told } = counter();
    for (let index = 0; index < 5000; index++) drop(`10.0.${String(index >> 8)}.${String(index & 255)}`);
    drop('192.0.2.1');
    assert.ok(told.every(({ source }) => source !== '192.0.2.1'));
    clock.advance(1000);
    drop('192.0.2.1');
    assert.equal(told.at(-1)?.source, '192.0.2.1');
  });

  it('loses no count of a single source', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 100 }), (gaps) => {
        const { clock, drops, drop, told } = counter();
        for (const gap of gaps) {
          drop('192.0.2.1');
          clock.advance(gap);
        }
        clock.advance(1000);
        drop('192.0.2.1');
        assert.equal(
          told.reduce((sum, { count }) => sum + count, 0),
          gaps.length + 1,
        );
        assert.equal(drops.total, gaps.length + 1);
      }),
    );
  });

  it('counts by reason, exactly, and no more reasons than there is room for', () => {
    const { drops, drop } = counter();
    for (let n = 0; n < 3; n++) drop('192.0.2.1', 'noise');
    for (let n = 0; n < 1000; n++) drop('192.0.2.2', `reason ${'x'.repeat(n)}`);
    assert.equal(drops.reasons.get('noise'), 3);
    assert.ok(drops.reasons.size <= 65, String(drops.reasons.size));
    assert.equal(
      [...drops.reasons.values()].reduce((sum, count) => sum + count, 0),
      1003,
    );
  });

  it('counts a reason once, whatever numbers a datagram holds: 64 of them left no room for other reasons', () => {
    const { drops, drop } = counter();
    for (let n = 0; n < 1000; n++) drop('192.0.2.2', `it claims a length of ${String(n)} bytes and has 28`);
    for (let n = 0; n < 5; n++) drop('192.0.2.1', 'too many messages wait');
    assert.deepEqual(
      [...drops.reasons],
      [
        ['it claims a length of N bytes and has N', 1000],
        ['too many messages wait', 5],
      ],
    );
  });
});
