/** Real traffic through the embedded kernel's TUN device, to charon with ESP in user space of its own (kernel-libipsec). */
import assert from 'node:assert/strict';
import { useLab, type Pair } from './lab/lab.js';
import { establish, ROLES, type Role } from './lab/roles.js';
import { scenario, type Traffic } from './lab/scenario.js';
import { attempt, eventually, succeed } from './lab/shell.js';
import { receiver, send } from './lab/transfer.js';

const MEGABYTE = 1 << 20;

describe('real traffic through a TUN device', function () {
  this.timeout(120_000);
  const lab = useLab({ kernel: 'libipsec', flags: ['--tun'] });

  /** The networks of the two ends, an address of each on its end's loopback. */
  before(async () => {
    for (const [namespace, address] of [
      [lab.network.ours[0], '10.1.1.1/24'],
      [lab.network.peers[0], '10.1.2.1/24'],
    ] as const) {
      await succeed('ip', ['-n', namespace, 'addr', 'add', address, 'dev', 'lo']);
    }
  });

  const inOurs = (...command: readonly string[]): Promise<string> =>
    succeed('ip', ['netns', 'exec', lab.network.ours[0], ...command]);
  const ours = (): string => lab.network.ours[0];
  const peers = (): string => lab.network.peers[0];

  /** One ping comes back; those before it may wait for the SAs. */
  function pings(namespace: string, to: string, ...more: readonly string[]): Promise<boolean> {
    return eventually(`${to} answers`, 20, async () => {
      const command = ['netns', 'exec', namespace, 'ping', '-c', '1', '-W', '1', ...more, to];
      return (await attempt('ip', command)).status === 0 ? true : undefined;
    });
  }

  /** The role that begins does so because of a packet, not of a command. */
  async function begin(role: Role, pair: Pair, traffic: Traffic): Promise<void> {
    if (role === 'responder') await establish(role, pair, traffic);
    else await pings(ours(), traffic.to);
  }

  /** Frames of the cable, not of the device nor of the loopback, which the capture sees, too. */
  const cable = (filter: string): Promise<readonly (readonly string[])[]> =>
    lab.capture.rows(`sll.hatype == 1 && ${filter}`, 'ip.src', 'ip.dst');

  async function assertProtected(): Promise<void> {
    assert.deepEqual(await cable('(ip.addr == 10.1.0.0/16)'), []);
    assert.ok((await cable('esp')).length >= 2);
  }

  for (const suite of ['aes128-sha1', 'aes256-sha256', '3des-sha1', 'null-sha256', 'aes128gcm16']) {
    for (const role of ROLES) {
      it(`${role}: ${suite} pings through`, async () => {
        const pair = await lab.arrange(scenario({ phase2: suite }));
        const [traffic] = pair.scenario.traffic;
        await begin(role, pair, traffic);
        await pings(ours(), traffic.to);
        await pings(peers(), traffic.from, '-I', traffic.to);
        await assertProtected();
      });
    }
  }

  for (const role of ROLES) {
    it(`${role}: 100 MB over TCP, each way, arrive as they were`, async () => {
      const pair = await lab.arrange(scenario({}));
      const [{ from, to }] = pair.scenario.traffic;
      await begin(role, pair, pair.scenario.traffic[0]);
      for (const [sender, target, receiving] of [
        [ours(), to, peers()],
        [peers(), from, ours()],
      ] as const) {
        const there = await receiver(receiving, target);
        const sent = await send(sender, sender === ours() ? from : to, target, there.port, 100 * MEGABYTE);
        assert.equal(await there.digest(), sent.digest);
        console.log(`        ${String(Math.round((800 * 1.048576) / sent.seconds))} Mbit/s`);
      }
    });
  }

  it('a negotiation comes to its end while a transfer goes on, and the transfer with it', async () => {
    const pair = await lab.arrange(scenario({ networks: 2 }));
    const [first, second] = pair.scenario.traffic;
    assert.ok(second !== undefined);
    await begin('initiator', pair, first);
    const there = await receiver(peers(), first.to);
    let done = false;
    const sending = send(ours(), first.from, first.to, there.port, 200 * MEGABYTE).finally(
      () => (done = true),
    );
    const answer = await pair.daemon.up(second);
    assert.equal(answer.outcome, 'established', answer.failure?.explanation);
    assert.equal(done, false, 'the transfer is still going on');
    assert.equal(await there.digest(), (await sending).digest);
  });

  it('long packets: fragments go through, and what must not be fragmented is told its limit', async () => {
    const pair = await lab.arrange(scenario({}));
    const [{ to }] = pair.scenario.traffic;
    await begin('initiator', pair, pair.scenario.traffic[0]);
    await pings(ours(), to, '-s', '3000');
    const refused = await attempt('ip', [
      ...['netns', 'exec', ours(), 'ping', '-c', '1', '-W', '1', '-M', 'do', '-s', '1400', to],
    ]);
    assert.notEqual(refused.status, 0);
    assert.match(refused.stdout + refused.stderr, /mtu[ =]1399/i);
  });

  it('what no policy protects goes on in the clear', async () => {
    await lab.arrange(scenario({}));
    await pings(ours(), '10.99.0.2');
  });

  it('the end takes away device, rules and routes; after kill -9 the next start does', async () => {
    const whole = scenario({});
    const first = await lab.arrange(whole);
    const { ours: ourPlace } = first.scenario.place;
    assert.ok(ourPlace.own[4] !== '');
    await eventually('the route is there', 5, async () => {
      const routes = await inOurs('ip', 'route', 'show', 'table', '4500');
      return routes.includes('10.1.2.0/24 dev iked0') ? true : undefined;
    });
    await first.daemon.kill();
    assert.equal((await attempt('ip', ['-n', ours(), 'link', 'show', 'iked0'])).status, 1);
    assert.match(await inOurs('ip', 'rule'), /lookup 4500/);
    const second = await lab.arrange(whole);
    assert.equal((await inOurs('ip', 'rule')).match(/lookup 4500/g)?.length, 1);
    await second.daemon.stop();
    assert.doesNotMatch(await inOurs('ip', 'rule'), /lookup 4500/);
    assert.equal((await attempt('ip', ['-n', ours(), 'link', 'show', 'iked0'])).status, 1);
    assert.doesNotMatch(await inOurs('ip', '-6', 'rule'), /lookup 4500/);
  });
});
