/** `--user` with `--tun`: who is not root any more carries packets, and changes raw sockets, routes and rules all the same. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertCarries } from '../kernel/lab/assert-carries.js';
import { mirrored, NO_PKI, useBench } from '../kernel/lab/bench.js';
import { ADDRESS } from './lab/addresses.js';
import { POLICY_FILE, writeDaemonFiles } from './lab/daemon-files.js';
import { scenario, type Scenario } from './lab/scenario.js';
import { attempt, succeed } from './lab/shell.js';

const USER = 'nobody';
const UID = 65_534;
const FILES = ['etc/inet/ike/config', 'etc/inet/secret/ike.preshared', POLICY_FILE] as const;

/** Adds the rule, the key and the policy of another scenario to what a daemon has. */
async function add(root: string, more: Scenario): Promise<void> {
  const other = mkdtempSync(join(tmpdir(), 'ikechart-more-'));
  try {
    await writeDaemonFiles(other, more, NO_PKI);
    for (const file of FILES) {
      const text = readFileSync(join(other, file), 'utf8');
      appendFileSync(join(root, file), text.slice(text.indexOf('{')).replace('"the peer"', '"over IPv6"'));
    }
  } finally {
    rmSync(other, { recursive: true });
  }
}

describe('in.iked --user with a TUN device', function () {
  this.timeout(90_000);
  const listen = (end: 'ours' | 'peers'): readonly string[] => [
    '--listen',
    Object.values(ADDRESS[end]).join(),
  ];
  const flags = { ours: listen('ours'), peers: listen('peers') };
  const bench = useBench({ kernel: 'embedded', peer: 'in.iked', scenario: scenario({}), user: USER, flags });
  const rules = (): Promise<string> =>
    succeed('ip', ['-n', bench().network.ours[0], 'rule']).then(async (four) => {
      return four + (await succeed('ip', ['-n', bench().network.ours[0], '-6', 'rule']));
    });

  it('carries packets', async () => {
    await bench().untilPing();
    await assertCarries(bench(), 'esp');
    const status = readFileSync(`/proc/${String(bench().daemon.pid)}/status`, 'utf8');
    assert.match(status, new RegExp(`^Uid:\t${String(UID)}\t`, 'm'));
  });

  it('keeps two rights in the thread that carries them, two in the main one, none elsewhere', () => {
    const tasks = `/proc/${String(bench().daemon.pid)}/task`;
    const rights = readdirSync(tasks).map((task) => {
      const [, bits = ''] = /^CapEff:\t(\w+)$/m.exec(readFileSync(join(tasks, task, 'status'), 'utf8')) ?? [];
      return parseInt(bits, 16);
    });
    // CAP_NET_BIND_SERVICE is 10, CAP_NET_ADMIN 12, CAP_NET_RAW 13.
    const [main, packets] = [2 ** 10 + 2 ** 12, 2 ** 12 + 2 ** 13];
    assert.equal(rights[0], main);
    assert.deepEqual(
      rights.slice(1).filter((bits) => bits !== 0),
      [packets],
    );
  });

  it('at a refresh it makes the raw socket and the routes of another address', async () => {
    const { daemon, peer, network } = bench();
    assert.ok(peer !== undefined);
    const more = scenario({ mode: 'transport', family: 6 });
    await add(daemon.root, more);
    await add(peer.root, mirrored(more));
    for (const { pid } of [daemon, peer]) process.kill(pid, 'SIGHUP');
    await bench().untilPing('ours', more.traffic[0]);
    await bench().transfer(1 << 20, more.traffic[0]);
    const { stdout } = await attempt('ip', ['-n', network.ours[0], '-6', 'route', 'show', 'table', '4500']);
    assert.match(stdout, /^2001:db8:99::2 dev iked0/m);
    assert.match(await rules(), /lookup 4500[^]*lookup 4500/);
    await assertCarries(bench(), 'esp');
  });

  it('at its end it leaves neither device nor rules', async () => {
    const { daemon, network } = bench();
    assert.equal(await daemon.stop(), 'ended');
    assert.doesNotMatch(await rules(), /lookup 4500/);
    assert.equal((await attempt('ip', ['-n', network.ours[0], 'link', 'show', 'iked0'])).status, 1);
  });
});
