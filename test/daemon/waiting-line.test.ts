import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Waiting, WaitingLine } from '../../daemon/waiting-line.js';
import type { Arrival } from '../../daemon/arrival.js';
import { decodeHeader } from '../../services/isakmp/header.js';

const LIMITS = { total: 5, perSource: 3 };
const MOST = 6;

function arrivalFrom(address: string): Arrival {
  const bytes = new Uint8Array(28);
  const local = { address: '192.0.2.1', port: 500 };
  return { datagram: { local, remote: { address, port: 500 }, bytes }, header: decodeHeader(bytes) };
}

describe('first messages that wait', () => {
  it('leave in the order of their coming, bounded, and bounded for each source', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constant(undefined)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (sources) => {
        const line = new WaitingLine(MOST);
        const model: Waiting[] = [];
        sources.forEach((source, now) => {
          assert.deepEqual(line.first(), model[0]);
          if (source === undefined) assert.deepEqual(line.take(), model.shift());
          else {
            const own = model.filter((other) => other.source === source).length;
            const hasRoom = model.length < LIMITS.total && own < LIMITS.perSource;
            assert.equal(line.hasRoom(source, LIMITS), hasRoom);
            const arrival = arrivalFrom(source);
            if (hasRoom) line.add(arrival, now);
            if (hasRoom) model.push({ arrival, source, since: now });
          }
          assert.equal(line.size, model.length);
        });
      }),
    );
  });

  it('are never more than there is memory for, nor are those of one IPv6 subscriber', () => {
    const line = new WaitingLine(MOST);
    const limits = { total: 100, perSource: MOST - 1 };
    for (let number = 1; number < MOST; number++) line.add(arrivalFrom(`2001:db8::${String(number)}`), 0);
    assert.equal(line.hasRoom('2001:db8::99', limits), false);
    assert.equal(line.hasRoom('2001:db8:0:1::1', limits), true);
    line.add(arrivalFrom('2001:db8:0:1::1'), 0);
    assert.equal(line.hasRoom('2001:db8:0:2::1', limits), false);
  });
});
