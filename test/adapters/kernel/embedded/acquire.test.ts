import assert from 'node:assert/strict';
import { udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { hex } from '../../../../services/bytes.js';
import type { Address } from '../../../../services/net/address.js';
import {
  connect,
  HELLO,
  hexes,
  HOSTS,
  negotiate,
  PACKET,
  policy,
  selectors,
  side,
  Station,
  TUNNEL,
  WEST,
} from './two-kernels.js';

describe('ACQUIRE', () => {
  it('is raised once, and the packets that waited flow in order', async () => {
    const connection = await connect([TUNNEL]);
    const { west, east } = connection;
    const second = udpPacket('10.1.0.2', '10.2.0.1', 1, 2, HELLO);
    const buffer = Uint8Array.from(PACKET);
    assert.equal(west.kernel.output(buffer), 'held');
    buffer.fill(0);
    assert.equal(west.kernel.output(second), 'held');
    const [acquire, ...more] = west.acquires;
    assert.deepEqual(more, []);
    assert.deepEqual(acquire?.policy, TUNNEL);
    assert.deepEqual(acquire.packet, {
      local: side('10.1.0.1', 1000),
      remote: side('10.2.0.1', 2000),
      protocol: 17,
    });
    await negotiate(connection, acquire.policy);
    assert.equal(east.delivered.length, 0);
    west.kernel.answerAcquire(acquire.id, 'answered');
    assert.deepEqual(hexes(east.delivered), [hex(PACKET), hex(second)]);
    west.kernel.answerAcquire(acquire.id, 'answered');
    assert.equal(east.delivered.length, 2);
  });

  it('that is refused drops what waited; the next packet asks again', async () => {
    const { west } = await connect([TUNNEL]);
    west.kernel.output(PACKET);
    west.kernel.output(PACKET);
    west.kernel.answerAcquire(west.acquires[0]?.id ?? 0, 'refused');
    assert.deepEqual(west.drops, ['acquire-refused', 'acquire-refused']);
    assert.equal(west.kernel.output(PACKET), 'held');
    assert.equal(west.acquires.length, 2);
    assert.notEqual(west.acquires[0]?.id, west.acquires[1]?.id);
  });

  it('that brought no SA lets nothing out in the clear', async () => {
    const { west } = await connect([TUNNEL]);
    west.kernel.output(PACKET);
    west.kernel.answerAcquire(west.acquires[0]?.id ?? 0, 'answered');
    west.kernel.output(PACKET);
    void west.kernel.replacePolicies([]);
    west.kernel.answerAcquire(west.acquires[1]?.id ?? 0, 'answered');
    assert.deepEqual(west.drops, ['no-sa', 'no-sa']);
    assert.deepEqual(west.wire, []);
    assert.equal(west.acquires.length, 2);
  });

  it('that nobody answers lapses', async () => {
    const { clock, west } = await connect([TUNNEL]);
    west.kernel.output(PACKET);
    clock.advance(300_000);
    assert.equal(west.kernel.output(PACKET), 'held');
    assert.equal(west.acquires.length, 1, 'expire_timer has a default of 300 s');
    clock.advance(100_000);
    assert.deepEqual(west.drops, ['acquire-lapsed', 'acquire-lapsed']);
    west.kernel.output(PACKET);
    assert.equal(west.acquires.length, 2);
  });

  it('is one per pair of hosts in transport mode', async () => {
    const { west } = await connect([HOSTS]);
    const to = (destination: Address, port: number): void => {
      assert.equal(west.kernel.output(udpPacket(WEST, destination, 1, port, HELLO)), 'held');
    };
    to('192.0.2.2', 1);
    to('192.0.2.2', 2);
    to('192.0.2.3', 1);
    assert.deepEqual(
      west.acquires.map((acquire) => [acquire.policy.outer, acquire.policy.selectors]),
      ['192.0.2.2', '192.0.2.3'].map((remote) => [{ local: WEST, remote }, selectors(WEST, remote)]),
    );
  });

  it('stays one when the policies are read again', async () => {
    const { west } = await connect([TUNNEL]);
    west.kernel.output(PACKET);
    void west.kernel.replacePolicies([structuredClone(TUNNEL)]);
    west.kernel.output(PACKET);
    assert.equal(west.acquires.length, 1);
  });

  it('holds sixteen packets, and sixty-four in all, but still asks', async () => {
    const { west } = await connect([HOSTS]);
    const outcomes = (destination: Address): string[] =>
      Array.from({ length: 18 }, () => {
        const outcome = west.kernel.output(udpPacket(WEST, destination, 1, 2, HELLO));
        return typeof outcome === 'string' ? outcome : outcome.dropped;
      });
    const full = [...new Array<string>(16).fill('held'), 'hold-full', 'hold-full'];
    for (const last of [10, 11, 12, 13]) assert.deepEqual(outcomes(`192.0.2.${String(last)}`), full);
    assert.deepEqual(new Set(outcomes('192.0.2.14')), new Set(['hold-full']));
    assert.equal(west.acquires.length, 5);
    west.kernel.answerAcquire(west.acquires[0]?.id ?? 0, 'refused');
    assert.equal(west.kernel.output(udpPacket(WEST, '192.0.2.14', 1, 2, HELLO)), 'held');
  });

  it('does not ask without end', async () => {
    const wide = policy('transport', selectors('10.0.0.0/8', '10.0.0.0/8'));
    const { west } = await connect([wide]);
    for (let host = 0; host < 1000; host++) {
      west.kernel.output(
        udpPacket('10.0.0.1', `10.1.${String(host >> 8)}.${String(host & 255)}`, 1, 2, HELLO),
      );
    }
    assert.equal(west.acquires.length, 256);
  });

  it('may be answered from within', async () => {
    const station = new Station((await connect([])).clock, [TUNNEL]);
    await station.kernel.open({
      acquire: ({ id }) => {
        station.kernel.answerAcquire(id, 'refused');
      },
      expire: () => undefined,
      deleted: () => undefined,
      flushed: () => undefined,
    });
    station.kernel.output(PACKET);
    assert.deepEqual(station.drops, ['acquire-refused']);
  });

  it('has nobody to go to before open and after close', async () => {
    const { clock, west } = await connect([TUNNEL]);
    west.kernel.output(PACKET);
    await west.kernel.close();
    assert.deepEqual(west.kernel.output(PACKET), { dropped: 'no-key-manager' });
    assert.equal(clock.pending, 0);
  });
});
