import assert from 'node:assert/strict';
import { parseIpPacket, udpPacket, ipPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { trafficOf, type Traffic } from '../../../../adapters/kernel/embedded/selector-match.js';
import { Spd } from '../../../../adapters/kernel/embedded/spd.js';
import { NO_BYTES, u16, type Bytes } from '../../../../services/bytes.js';
import { single } from '../../../../services/net/address.js';
import { EAST, mirrored, policy, selectors, side, TUNNEL, WEST } from './two-kernels.js';

function outbound(packet: Bytes): Traffic {
  const parsed = parseIpPacket(packet);
  assert.ok(parsed !== undefined);
  return trafficOf(parsed, 'outbound');
}

function udp(source: string, destination: string, sourcePort = 1000, destinationPort = 2000): Traffic {
  return outbound(udpPacket(source, destination, sourcePort, destinationPort, NO_BYTES));
}

function laterFragment(source: string, destination: string): Traffic {
  const packet = udpPacket(source, destination, 1000, 2000, NO_BYTES);
  packet.set(u16(1), 6);
  return outbound(packet);
}

const DNS = policy('tunnel', {
  local: side('10.1.0.0/16'),
  remote: side('10.2.0.0/16', 53),
  protocol: 17,
});

describe('SPD lookup', () => {
  it('finds the policy whose ranges hold both addresses', () => {
    const spd = new Spd([TUNNEL]);
    assert.equal(spd.lookup(udp('10.1.0.0', '10.2.255.255')), TUNNEL);
    assert.equal(spd.lookup(udp('10.1.0.1', '10.3.0.0')), 'none');
    assert.equal(spd.lookup(udp('10.0.255.255', '10.2.0.1')), 'none');
    assert.equal(spd.lookup(udp('10.2.0.1', '10.1.0.1')), 'none', 'the wrong way round');
  });

  it('looks at protocol and ports', () => {
    const spd = new Spd([DNS]);
    assert.equal(spd.lookup(udp('10.1.0.1', '10.2.0.1', 9, 53)), DNS);
    assert.equal(spd.lookup(udp('10.1.0.1', '10.2.0.1', 53, 9)), 'none');
    assert.equal(spd.lookup(outbound(ipPacket('10.1.0.1', '10.2.0.1', 1, NO_BYTES))), 'none');
    const anyProtocol = policy('tunnel', { ...DNS.selectors, protocol: 0 });
    assert.equal(
      new Spd([anyProtocol]).lookup(outbound(ipPacket('10.1.0.1', '10.2.0.1', 1, NO_BYTES))),
      'none',
    );
  });

  it('takes the first that fits', () => {
    const spd = new Spd([DNS, TUNNEL]);
    assert.equal(spd.lookup(udp('10.1.0.1', '10.2.0.1', 9, 53)), DNS);
    assert.equal(spd.lookup(udp('10.1.0.1', '10.2.0.1', 9, 54)), TUNNEL);
  });

  it('does not guess the ports of a fragment', () => {
    assert.equal(new Spd([TUNNEL]).lookup(laterFragment('10.1.0.1', '10.2.0.1')), TUNNEL);
    assert.equal(new Spd([DNS, TUNNEL]).lookup(laterFragment('10.1.0.1', '10.2.0.1')), 'hidden');
    assert.equal(new Spd([DNS]).lookup(laterFragment('10.9.0.1', '10.2.0.1')), 'none');
  });

  it('does not mix the families', () => {
    const wide = policy('tunnel', selectors('2001:db8:1::/48', '2001:db8:2::/48'));
    const spd = new Spd([TUNNEL, wide]);
    assert.equal(spd.lookup(udp('2001:db8:1::1', '2001:db8:2:0:ffff::')), wide);
    assert.equal(spd.lookup(udp('2001:db8:3::1', '2001:db8:2::1')), 'none');
  });

  it('narrows a transport policy to the two hosts and keeps its ports', () => {
    const web = policy('transport', {
      local: side('192.0.2.0/24'),
      remote: side('192.0.2.0/24', 80),
      protocol: 17,
    });
    const found = new Spd([web]).lookup(udp('192.0.2.7', '192.0.2.8', 4000, 80));
    assert.deepEqual(found, {
      ...web,
      outer: { local: '192.0.2.7', remote: '192.0.2.8' },
      selectors: { local: side('192.0.2.7'), remote: side('192.0.2.8', 80), protocol: 17 },
    });
  });
});

describe('SPD forecast', () => {
  const packet = selectors('10.1.0.1', '10.2.0.1');

  it('names the policy a packet would meet', () => {
    const spd = new Spd([DNS, TUNNEL]);
    assert.equal(spd.forecast({ ...packet, protocol: 1 }), TUNNEL);
    assert.equal(spd.forecast({ ...packet, protocol: 17, remote: side('10.2.0.1', 54) }), TUNNEL);
    assert.equal(spd.forecast({ ...packet, protocol: 17, remote: side('10.2.0.1', 53) }), DNS);
    assert.equal(spd.forecast(mirrored(packet)), undefined);
  });

  it('takes the first that fits what is said', () => {
    const spd = new Spd([DNS, TUNNEL]);
    assert.equal(spd.forecast(packet), DNS);
    assert.equal(spd.forecast({ ...packet, protocol: 17 }), DNS);
  });

  it('narrows a transport policy to the two hosts, and no further', () => {
    const net = policy('transport', selectors('192.0.2.0/24', '192.0.2.0/24'));
    const hosts = selectors(WEST, EAST);
    assert.deepEqual(new Spd([net]).forecast({ ...hosts, protocol: 6 }), {
      ...net,
      outer: { local: WEST, remote: EAST },
      selectors: hosts,
    });
  });
});

describe('inverse SPD lookup', () => {
  const ends = { local: WEST, remote: EAST };

  it('answers with the selectors asked for', () => {
    const asked = selectors('10.1.2.0/24', '10.2.0.1', 6);
    assert.deepEqual(new Spd([TUNNEL]).covering(ends, asked), { ...TUNNEL, selectors: asked });
  });

  it('has none that covers only a part', () => {
    const spd = new Spd([TUNNEL]);
    assert.equal(spd.covering(ends, selectors('10.0.0.0/8', '10.2.0.0/16')), undefined);
    assert.equal(new Spd([DNS]).covering(ends, TUNNEL.selectors), undefined);
    assert.equal(spd.covering(ends, mirrored(TUNNEL.selectors)), undefined);
  });

  it('asks for the tunnel ends of the policy', () => {
    const spd = new Spd([TUNNEL]);
    assert.equal(spd.covering({ local: WEST, remote: '192.0.2.99' }, TUNNEL.selectors), undefined);
    assert.equal(spd.covering({ local: '192.0.2.99', remote: EAST }, TUNNEL.selectors), undefined);
  });

  it('takes the first of several', () => {
    const strict = { ...TUNNEL, ruleLabel: 'strict' };
    assert.equal(new Spd([strict, TUNNEL]).covering(ends, TUNNEL.selectors)?.ruleLabel, 'strict');
    const dns = { ...DNS.selectors };
    assert.equal(new Spd([TUNNEL, DNS]).covering(ends, dns)?.proposals, TUNNEL.proposals);
  });

  it('in transport mode wants the traffic to be that of the ends', () => {
    const net = policy('transport', selectors('192.0.2.0/24', '192.0.2.0/24'));
    const spd = new Spd([net]);
    const hosts = { local: '192.0.2.7', remote: '192.0.2.8' };
    const asked = selectors('192.0.2.7', '192.0.2.8', 17);
    assert.deepEqual(spd.covering(hosts, asked), { ...net, outer: hosts, selectors: asked });
    assert.equal(spd.covering(ends, asked), undefined);
    assert.equal(spd.covering(hosts, { ...asked, local: side('192.0.2.0/24') }), undefined);
    assert.equal(
      spd.covering(
        { local: '198.51.100.1', remote: EAST },
        { ...asked, local: { addresses: single('198.51.100.1'), port: 0 } },
      ),
      undefined,
    );
  });

  it('keeps the families apart', () => {
    assert.equal(new Spd([TUNNEL]).covering(ends, selectors('2001:db8::1', '2001:db8::2')), undefined);
  });
});

describe('an SPD of three hundred policies', () => {
  // Some cover all of another's traffic, some part of it; the first in file order decides.
  const policies = Array.from({ length: 300 }, (_, n) => {
    const wide = n % 50 === 49;
    const local = wide ? `10.${String(n % 4)}.0.0/16` : `10.${String(n % 4)}.${String(n % 200)}.0/24`;
    const protocol = n % 7 === 0 ? 17 : 0;
    return policy('tunnel', selectors(local, `10.9.${String(n % 250)}.0/24`, protocol));
  });
  const spd = new Spd(policies);
  /** Each policy alone, in their order: no index. */
  const alone = policies.map((one) => new Spd([one]));

  it('decides as each of them alone, the first that fits', () => {
    for (let n = 0; n < 100; n++) {
      const [from, to] = [
        `10.${String(n % 5)}.${String((n * 7) % 210)}.1`,
        `10.9.${String((n * 3) % 255)}.1`,
      ];
      for (const traffic of [udp(from, to), laterFragment(from, to)]) {
        const expected =
          alone.map((one) => one.lookup(traffic)).find((answer) => answer !== 'none') ?? 'none';
        assert.deepEqual(spd.lookup(traffic), expected, `${from} ${to}`);
      }
      const asked = selectors(from, to);
      const first = alone.map((one) => one.forecast(asked)).find((answer) => answer !== undefined);
      assert.deepEqual(spd.forecast(asked), first);
      const { outer } = TUNNEL;
      const covering = alone.map((one) => one.covering(outer, asked)).find((answer) => answer !== undefined);
      assert.deepEqual(spd.covering(outer, asked), covering);
    }
  });
});
