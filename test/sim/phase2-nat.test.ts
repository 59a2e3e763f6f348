/** Quick Modes through a NAT box: encapsulation modes, original addresses, and AH, which cannot pass. */
import assert from 'node:assert/strict';
import type { IpsecPolicy, Protection } from '../../services/ports/kernel.js';
import { prefixRange, single } from '../../services/net/address.js';
import { NatBox } from './nat-box.js';
import { failedCodes, liveSas } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import {
  AES128_SHA1,
  configText,
  EAST,
  gatewayPlan,
  type Pair,
  presharedText,
  startPair,
  tunnelPolicy,
  WEST,
} from './two-gateways.js';

const OUTER = '203.0.113.1';
const WINDOW_MS = 60_000;

/** West knows east by the address that the box gives it. */
const seenFromWest = (text: string): string => text.replaceAll(EAST, OUTER);

async function behindBox(east: IpsecPolicy, west: IpsecPolicy): Promise<Pair & { readonly box: NatBox }> {
  const pair = await startPair(
    31,
    gatewayPlan('east', { policies: [east] }),
    gatewayPlan('west', {
      config: seenFromWest(configText('west')),
      preshared: seenFromWest(presharedText('west')),
      policies: [west],
    }),
  );
  const box = new NatBox(pair.clock, { address: OUTER, idleMs: 300_000 });
  pair.network.putBehind(box, EAST);
  return { ...pair, box };
}

async function ask(pair: Pair, from: string, to: string): Promise<void> {
  void pair.east.engine.up(from, to, 0);
  await runUntil(pair.clock, () => false, WINDOW_MS);
}

function tunnels(proposals: readonly (readonly Protection[])[]): readonly [IpsecPolicy, IpsecPolicy] {
  const west = { ...tunnelPolicy('west'), proposals, outer: { local: WEST, remote: OUTER } };
  return [{ ...tunnelPolicy('east'), proposals }, west];
}

function hosts(local: string, remote: string): IpsecPolicy {
  const side = (address: string) => ({ addresses: single(address), port: 0 });
  return {
    selectors: { local: side(local), remote: side(remote), protocol: 0 },
    mode: 'transport',
    outer: { local, remote },
    proposals: [[AES128_SHA1]],
    ruleLabel: undefined,
  };
}

describe('a Quick Mode through a NAT', () => {
  it('makes a tunnel in UDP, to the ports that IKE goes to', async () => {
    const pair = await behindBox(...tunnels([[AES128_SHA1]]));
    await ask(pair, '10.1.0.5', '10.2.0.9');
    assert.deepEqual([...failedCodes(pair.east), ...failedCodes(pair.west)], []);
    assert.deepEqual(liveSas(pair.east), liveSas(pair.west));
    assert.equal(liveSas(pair.east).length, 2);
    for (const { kernel } of [pair.east, pair.west]) {
      for (const { complete } of kernel.sas()) {
        assert.equal(complete?.mode, 'tunnel');
        assert.equal(complete.encapsulation?.localPort, 4500);
        assert.equal(complete.encapsulation.remotePort, 4500);
        assert.deepEqual(complete.encapsulation.original, { local: undefined, remote: undefined });
      }
    }
  });

  it('makes transport SAs in UDP, each end told which addresses the other believes in', async () => {
    const pair = await behindBox(hosts(EAST, WEST), hosts(WEST, OUTER));
    await ask(pair, EAST, WEST);
    assert.deepEqual([...failedCodes(pair.east), ...failedCodes(pair.west)], []);
    assert.deepEqual(liveSas(pair.east), liveSas(pair.west));
    const originals = ({ kernel }: Pair['east']) =>
      kernel.sas().map(({ complete }) => complete?.encapsulation?.original);
    // East is told how west sees it; west is told what east has itself (RFC 3947 5.2, example 1).
    assert.deepEqual(originals(pair.east), Array(2).fill({ local: OUTER, remote: WEST }));
    assert.deepEqual(originals(pair.west), Array(2).fill({ local: WEST, remote: EAST }));
    const [sa] = pair.west.kernel.sas();
    // The identity named the inner address; the traffic is between the addresses that west sees.
    assert.deepEqual(sa?.complete?.selectors.remote.addresses, single(OUTER));
  });

  it('follows its peer to the port that the box gives it after a restart', async () => {
    const pair = await behindBox(...tunnels([[AES128_SHA1]]));
    await ask(pair, '10.1.0.5', '10.2.0.9');
    const ports = () => pair.west.kernel.sas().map(({ complete }) => complete?.encapsulation?.remotePort);
    assert.deepEqual(ports(), [4500, 4500]);
    pair.box.rebind();
    await ask(pair, '10.1.0.5', '10.2.0.9');
    const [entry] = pair.west.engine.table.phase1();
    const port = entry?.sa.remote.port;
    assert.notEqual(port, 4500);
    assert.deepEqual(ports(), Array(4).fill(port));
  });

  it('offers no AH: the next alternative is taken', async () => {
    const pair = await behindBox(...tunnels([[{ protocol: 51, integrity: 'hmac-sha1-96' }], [AES128_SHA1]]));
    await ask(pair, '10.1.0.5', '10.2.0.9');
    const [entry] = pair.west.engine.table.phase2();
    assert.deepEqual(
      entry?.pairs.map(({ protocol }) => protocol),
      [50],
    );
  });

  it('says why there is no other way than AH', async () => {
    const pair = await behindBox(...tunnels([[{ protocol: 51, integrity: 'hmac-sha1-96' }]]));
    await ask(pair, '10.1.0.5', '10.2.0.9');
    assert.ok(failedCodes(pair.east).includes('ah-behind-nat'));
    assert.equal(pair.east.kernel.sas().length, 0);
    assert.ok(!pair.network.sent.some(({ bytes }) => bytes[18] === 32), 'no Quick Mode was begun');
  });

  it('leaves networks of a tunnel as they are named', async () => {
    const pair = await behindBox(...tunnels([[AES128_SHA1]]));
    await ask(pair, '10.1.0.5', '10.2.0.9');
    const [sa] = pair.west.kernel.sas();
    assert.deepEqual(sa?.complete?.selectors.remote.addresses, prefixRange('10.1.0.0', 16));
  });
});
