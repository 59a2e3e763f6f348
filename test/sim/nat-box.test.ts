/** The NAT box of the simulation does what masquerading does. */
import assert from 'node:assert/strict';
import { Dice } from './dice.js';
import { NatBox } from './nat-box.js';
import { SimulatedNetwork } from './simulated-network.js';
import { VirtualClock } from './virtual-clock.js';

const OUTER = '203.0.113.1';
const PEER = { address: '192.0.2.2', port: 500 };
const ONE = { address: '10.0.0.1', port: 500 };
const OTHER = { address: '10.0.0.2', port: 500 };

function box() {
  const clock = new VirtualClock();
  return { clock, nat: new NatBox(clock, { address: OUTER, idleMs: 30_000 }) };
}

describe('a simulated NAT box', () => {
  it('keeps a port that is free, and gives the second client behind it another', () => {
    const { nat } = box();
    assert.deepEqual(nat.outward(ONE, PEER), { address: OUTER, port: 500 });
    const second = nat.outward(OTHER, PEER);
    assert.equal(second.address, OUTER);
    assert.notEqual(second.port, 500);
    assert.deepEqual(nat.outward(ONE, PEER).port, 500, 'a mapping stays');
    assert.deepEqual(nat.inward(500, PEER), ONE);
    assert.deepEqual(nat.inward(second.port, PEER), OTHER);
  });

  it('lets in only whom somebody inside has spoken to', () => {
    const { nat } = box();
    nat.outward(ONE, PEER);
    assert.equal(nat.inward(500, { address: '192.0.2.3', port: 500 }), undefined);
    assert.equal(nat.inward(500, { ...PEER, port: 4500 }), undefined);
    assert.equal(nat.inward(4500, PEER), undefined);
  });

  it('forgets a mapping that nothing goes through, and not one that is used', () => {
    const { nat, clock } = box();
    nat.outward(ONE, PEER);
    clock.advance(20_000);
    assert.deepEqual(nat.inward(500, PEER), ONE);
    clock.advance(20_000);
    assert.equal(nat.mappings, 1);
    clock.advance(10_000);
    assert.equal(nat.mappings, 0);
    assert.equal(nat.inward(500, PEER), undefined);
  });

  it('gives other ports after a restart', () => {
    const { nat } = box();
    nat.outward(ONE, PEER);
    nat.rebind();
    assert.equal(nat.inward(500, PEER), undefined);
    assert.notEqual(nat.outward(ONE, PEER).port, 500);
  });

  it('stands between its host and the network', () => {
    const { nat, clock } = box();
    const network = new SimulatedNetwork(clock, new Dice(1));
    const seen: string[] = [];
    const inside = network.host(ONE.address, 500);
    const outside = network.host(PEER.address, 500);
    network.putBehind(nat, ONE.address);
    for (const [name, udp] of Object.entries({ inside, outside })) {
      udp.onDatagram(({ local, remote, bytes }) => {
        const from = `${remote.address}:${String(remote.port)}`;
        seen.push(`${name} ${local.address} from ${from}: ${String(bytes[0])}`);
      });
    }
    outside.send(PEER, { address: OUTER, port: 500 }, Uint8Array.of(1));
    outside.send(PEER, ONE, Uint8Array.of(2));
    clock.advance(100);
    inside.send(ONE, PEER, Uint8Array.of(3));
    clock.advance(100);
    outside.send(PEER, { address: OUTER, port: 500 }, Uint8Array.of(4));
    clock.advance(100);
    assert.deepEqual(seen, [
      `outside ${PEER.address} from ${OUTER}:500: 3`,
      `inside ${ONE.address} from 192.0.2.2:500: 4`,
    ]);
  });
});

describe('a simulated network', () => {
  it('loses what is longer than its MTU, headers included', () => {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork(clock, new Dice(1));
    network.mtu = 576;
    const lengths: number[] = [];
    network.host(PEER.address, 500).onDatagram(({ bytes }) => lengths.push(bytes.length));
    for (const length of [548, 549]) network.send(ONE, PEER, new Uint8Array(length));
    clock.advance(100);
    assert.deepEqual(lengths, [548]);
  });

  it('hears and carries nothing of a host that another has replaced', () => {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork(clock, new Dice(1));
    const heard: string[] = [];
    const first = network.host(PEER.address, 500);
    first.onDatagram(() => heard.push('first'));
    const second = network.host(PEER.address, 500);
    second.onDatagram(() => heard.push('second'));
    first.send(PEER, ONE, new Uint8Array(1));
    assert.equal(network.sent.length, 0);
    void first.close();
    network.send(ONE, PEER, new Uint8Array(1));
    clock.advance(100);
    assert.deepEqual(heard, ['second']);
    assert.deepEqual(first.endpoints(), []);
  });
});
