import assert from 'node:assert/strict';
import { HALF_OPEN_LIMITS, HalfOpen, type HalfOpenLimits, sourceOf } from '../../daemon/half-open.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const PLENTY = { perSecond: 1000, burst: 1_000_000 };
const FEW: HalfOpenLimits = {
  unanswered: { total: 4, perSource: 3 },
  answered: { total: 2, perSource: 2 },
  offers: PLENTY,
  computations: PLENTY,
  aggressive: PLENTY,
  aggressiveInAll: PLENTY,
};

function halfOpen(changes: Partial<HalfOpenLimits> = {}): HalfOpen {
  return new HalfOpen(new VirtualClock(), { ...FEW, ...changes });
}

function admitted(table: HalfOpen, id: string, address: string, mode: 'main' | 'aggressive' = 'main') {
  const result = table.admit(id, address, mode);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

describe('half-open negotiations', () => {
  it('of one flooder displace each other and nobody else', () => {
    const table = halfOpen();
    assert.equal(admitted(table, 'good', '192.0.2.1'), undefined);
    for (let n = 0; n < 3; n++) assert.equal(admitted(table, `f${String(n)}`, '198.51.100.1'), undefined);
    for (let n = 3; n < 50; n++)
      assert.equal(admitted(table, `f${String(n)}`, '198.51.100.1'), `f${String(n - 3)}`);
    assert.equal(table.size, 4);
  });

  it('of forged addresses displace nobody who has answered', () => {
    const table = halfOpen();
    admitted(table, 'good', '192.0.2.1');
    assert.equal(table.answered('good'), undefined);
    for (let n = 0; n < 100; n++) admitted(table, `f${String(n)}`, `198.51.100.${String(n)}`);
    assert.equal(table.size, 5);
    assert.ok(table.mayCompute('good'));
    // Answering again changes nothing.
    assert.equal(table.answered('good'), undefined);
  });

  it('that have answered share their room in the same way', () => {
    const table = halfOpen();
    for (const [id, address] of [
      ['a1', '192.0.2.1'],
      ['a2', '192.0.2.1'],
      ['b1', '192.0.2.2'],
    ] as const) {
      admitted(table, id, address);
    }
    table.answered('a1');
    table.answered('a2');
    assert.equal(table.answered('b1'), 'a1');
    assert.equal(table.size, 2);
  });

  it('are counted for the /64 of an IPv6 address and for a whole IPv4 address', () => {
    assert.equal(sourceOf('2001:db8:1:2:3:4:5:6'), sourceOf('2001:db8:1:2::1'));
    assert.notEqual(sourceOf('2001:db8:1:2::1'), sourceOf('2001:db8:1:3::1'));
    assert.notEqual(sourceOf('192.0.2.1'), sourceOf('192.0.2.2'));
    const table = halfOpen();
    for (let n = 1; n <= 3; n++)
      assert.equal(admitted(table, `n${String(n)}`, `2001:db8::${String(n)}`), undefined);
    assert.equal(admitted(table, 'n4', '2001:db8::4'), 'n1');
  });

  it('of one source are begun no faster than its rate, but for those that proved themselves', () => {
    const clock = new VirtualClock();
    const table = new HalfOpen(clock);
    let begun = 0;
    for (let n = 0; n < 1000; n++) begun += table.admit(`n${String(n)}`, '198.51.100.1', 'main').ok ? 1 : 0;
    assert.equal(begun, HALF_OPEN_LIMITS.offers.burst);
    assert.equal(table.admit('other', '198.51.100.2', 'main').ok, true);
    const busy = new HalfOpen(clock);
    for (let n = 0; n < 1000; n++) {
      const id = `n${String(n)}`;
      admitted(busy, id, '192.0.2.1');
      busy.answered(id);
      assert.ok(busy.mayCompute(id));
      busy.ended(id, true);
    }
    assert.equal(busy.size, 0);
  });

  it('get Diffie-Hellman once each, and no faster than the rate of their source', () => {
    const clock = new VirtualClock();
    const table = new HalfOpen(clock, {
      ...FEW,
      answered: { total: 99, perSource: 99 },
      unanswered: { total: 99, perSource: 99 },
      computations: { perSecond: 10, burst: 3 },
    });
    for (let n = 0; n < 10; n++) admitted(table, `n${String(n)}`, '198.51.100.1');
    const allowed = () => Array.from({ length: 10 }, (_, n) => table.mayCompute(`n${String(n)}`));
    assert.deepEqual(allowed().filter(Boolean).length, 3);
    assert.deepEqual(
      allowed().slice(0, 4),
      [true, true, true, false],
      'a repeated message costs nothing more',
    );
    clock.advance(100);
    assert.equal(allowed().filter(Boolean).length, 4);
  });

  it('of Aggressive Mode are limited harder, for one source and for all', () => {
    const table = new HalfOpen(new VirtualClock());
    const count = (address: (n: number) => string) => {
      let begun = 0;
      for (let n = 0; n < 500; n++)
        begun += table.admit(`${address(n)} ${String(n)}`, address(n), 'aggressive').ok ? 1 : 0;
      return begun;
    };
    const one = count(() => '198.51.100.1');
    assert.equal(one, HALF_OPEN_LIMITS.aggressive.burst);
    assert.equal(one + count((n) => `203.0.113.${String(n % 256)}`), HALF_OPEN_LIMITS.aggressiveInAll.burst);
  });
});
