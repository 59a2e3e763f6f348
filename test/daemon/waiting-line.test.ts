import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Waiting, WaitingLine } from '../../daemon/waiting-line.js';
import { decodeHeader } from '../../services/isakmp/header.js';

const LIMITS = { total: 5, perSource: 3 };
const place = { address: '192.0.2.1', port: 500 };

function waiting(source: string, since: number): Waiting {
  const bytes = new Uint8Array(28);
  return {
    arrival: { datagram: { local: place, remote: place, bytes }, header: decodeHeader(bytes) },
    source,
    since,
  };
}

describe('first messages that wait', () => {
  it('leave in the order of their coming, bounded, and bounded for each source', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constant(undefined)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (sources) => {
        const line = new WaitingLine(LIMITS);
        let model: Waiting[] = [];
        sources.forEach((source, now) => {
          assert.equal(line.first(), model[0]);
          if (source === undefined) assert.equal(line.take(), model.shift());
          else {
            const one = waiting(source, now);
            const own = model.filter((other) => other.source === source).length;
            const displaced =
              own >= LIMITS.perSource ? one : model.length >= LIMITS.total ? model[0] : undefined;
            assert.equal(line.add(one), displaced);
            if (displaced !== one) model = [...model.filter((other) => other !== displaced), one];
          }
          assert.equal(line.size, model.length);
        });
      }),
    );
  });
});
