/** Real traffic: what comes from the device is protected or goes on in the clear, and what was opened goes back to it. */
import assert from 'node:assert/strict';
import type { DataPath, DataPathListener } from '../../../../services/ports/data-path.js';
import { KernelError } from '../../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../../services/result.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { policy, selectors, Station, TUNNEL, EAST } from './two-kernels.js';
import { udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { sa } from './lone-station.js';

class Path implements DataPath {
  listener: DataPathListener | undefined;
  readonly released: Uint8Array[] = [];
  readonly routed: number[] = [];
  readonly whole: Uint8Array[] = [];
  readonly limits: (readonly (readonly [string, number])[])[] = [];
  answer: Result<void, string> = ok(undefined);
  closed = 0;

  open(policies: readonly unknown[], listener: DataPathListener): Promise<Result<void, string>> {
    this.listener = listener;
    return this.route(policies);
  }
  route(policies: readonly unknown[]): Promise<Result<void, string>> {
    this.routed.push(policies.length);
    return Promise.resolve(this.answer);
  }
  limit(mtus: ReadonlyMap<string, number>): Promise<Result<void, string>> {
    this.limits.push([...mtus]);
    return Promise.resolve(ok(undefined));
  }
  deliver(): void {
    assert.fail('the composition delivers');
  }
  release(packet: Uint8Array): void {
    this.released.push(packet);
  }
  sendWhole(packet: Uint8Array): void {
    this.whole.push(packet);
  }
  sendEsp(): void {
    assert.fail('the composition sends');
  }
  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

const protectedPacket = (): Uint8Array => udpPacket('10.1.0.1', '10.2.0.1', 5, 6, Uint8Array.of(1));
const otherPacket = (): Uint8Array => udpPacket('10.1.0.1', '10.3.0.1', 5, 6, Uint8Array.of(1));

describe('the embedded kernel with a data path', () => {
  it('protects what a policy wants, asks for SAs, and lets the rest go', async () => {
    const path = new Path();
    const station = await new Station(new VirtualClock(), [TUNNEL], { path }).open();
    path.listener?.packet(otherPacket());
    assert.deepEqual(path.released, [otherPacket()]);
    path.listener?.packet(protectedPacket());
    assert.equal(station.acquires.length, 1);
    await station.kernel.add(sa(station));
    path.listener?.packet(protectedPacket());
    assert.equal(station.wire.length, 1);
    assert.equal(path.released.length, 1);
  });

  it('opens ESP that came alone', async () => {
    const path = new Path();
    const station = await new Station(new VirtualClock(), [TUNNEL], { path }).open();
    path.listener?.esp(EAST, '192.0.2.9', Uint8Array.of(0, 0, 9, 9, 0, 0, 0, 1));
    assert.deepEqual(station.drops, ['unknown-spi']);
  });

  it('carries AH: whole packets out, and in those that are proved, new and of the policy', async () => {
    const out = new Path();
    const west = await new Station(new VirtualClock(), [TUNNEL], { path: out }).open();
    const ah = { protocol: 51, encryption: undefined, mode: 'tunnel' } as const;
    const outbound = sa(west, { ...ah, selectors: TUNNEL.selectors });
    await west.kernel.add(outbound);
    out.listener?.packet(protectedPacket());
    const [packet] = out.whole;
    assert.ok(packet !== undefined);
    assert.equal(packet[9], 51);
    assert.deepEqual(west.wire, [], 'it does not go as ESP');

    const into = new Path();
    const east = await new Station(new VirtualClock(), [TUNNEL], { path: into }).open();
    const { local, remote } = TUNNEL.selectors;
    const inbound = sa(east, {
      ...ah,
      direction: 'inbound',
      selectors: { ...TUNNEL.selectors, local: remote, remote: local },
    });
    assert.ok(outbound.integrity !== undefined);
    const key = east.keys.put(Uint8Array.from(west.keys.bytes(outbound.integrity.key)));
    await east.kernel.add({ ...inbound, integrity: { ...outbound.integrity, key } });
    const { source, destination } = outbound;
    into.listener?.ah(destination, source, packet);
    assert.deepEqual(east.delivered, [protectedPacket()]);
    into.listener?.ah(destination, source, packet);
    const forged = Uint8Array.from(packet);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    forged[27 + 4] = 200; // another number
    into.listener?.ah(destination, source, forged);
    into.listener?.ah(destination, source, packet.subarray(0, 30));
    assert.deepEqual(east.drops, ['duplicate', 'bad-icv', 'truncated-ah']);
    assert.equal(east.delivered.length, 1);
  });

  it('limits the path to a peer where a router quotes a packet that was sent lately, and not otherwise', async () => {
    const path = new Path();
    const station = await new Station(new VirtualClock(), [TUNNEL], { path }).open();
    const { spi, destination: remote } = sa(station);
    await station.kernel.add(sa(station));
    for (let i = 0; i < 3; i++) path.listener?.packet(protectedPacket());
    const word = { remote, protocol: 50, spi, sequence: 3, mtu: 1400 } as const;
    path.listener?.tooBig({ ...word, spi: spi + 1 });
    path.listener?.tooBig({ ...word, remote: '192.0.2.77' });
    path.listener?.tooBig({ ...word, sequence: 4 });
    path.listener?.tooBig({ ...word, sequence: 0 });
    path.listener?.tooBig({ ...word, protocol: 51 });
    assert.deepEqual(path.limits, []);
    path.listener?.tooBig(word);
    assert.deepEqual(path.limits, [[[remote, 1400]]]);
    assert.ok(station.observed.some((what) => what.type === 'path.limited' && what.mtu === 1400));
  });

  it('routes what new policies protect, and closes with the kernel', async () => {
    const path = new Path();
    const station = await new Station(new VirtualClock(), [TUNNEL], { path }).open();
    await station.kernel.replacePolicies([TUNNEL, policy('tunnel', selectors('10.1.0.0/16', '10.4.0.0/16'))]);
    assert.deepEqual(path.routed, [1, 2]);
    await station.kernel.close();
    assert.equal(path.closed, 1);
  });

  it('says why it has no path, at the start and when policies change', async () => {
    const path = new Path();
    path.answer = err('There are no routes here.');
    const refused = new Station(new VirtualClock(), [TUNNEL], { path });
    await assert.rejects(refused.open(), new KernelError('open', 'There are no routes here.'));
    await assert.rejects(refused.kernel.replacePolicies([]), /There are no routes here/);
  });
});
