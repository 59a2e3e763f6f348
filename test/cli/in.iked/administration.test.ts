/** `ikeadm` at the door of a real daemon that has a real peer. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { statSync } from 'node:fs';
import { type Ended, eventually } from '../../interop/lab/shell.js';
import {
  doorFile,
  EAST,
  type Gateways,
  IMPATIENT,
  INSIDE_EAST,
  INSIDE_WEST,
  startGateways,
  traceFile,
  WEST,
} from './gateways.js';
import { makeScratch, type Scratch } from './scratch.js';

/** What `ikeadm dump p1` lists, or `-j dump p1` has as its cookies. */
const COOKIES = /^IKESA: Cookies: Initiator (0x[0-9a-f]+) {2}Responder (0x[0-9a-f]+)$/m;

describe('ikeadm and a real in.iked', () => {
  let scratch: Scratch;
  let gateways: Gateways;
  let first: Ended;

  before(async () => {
    scratch = makeScratch();
    gateways = await startGateways(scratch.folder, { globals: 'p1_lifetime_secs 7200\n' });
    first = await gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST);
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  async function up(): Promise<void> {
    const { status, stderr } = await gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST);
    assert.deepEqual([status, stderr], [0, '']);
  }

  async function phase1OfWest(count: number): Promise<void> {
    await eventually(`west holds ${String(count)} Phase 1 SAs`, 10, async () => {
      const list = await gateways.west.asked('dump', 'p1');
      return Array.isArray(list) && list.length === count ? true : undefined;
    });
  }

  it('is its owner’s alone', () => {
    assert.equal(statSync(doorFile(gateways.east.root)).mode & 0o777, 0o600);
    assert.equal(statSync(traceFile(gateways.east.root)).mode & 0o777, 0o600);
  });

  it('negotiates on demand', async () => {
    const { east, west } = gateways;
    const { status, stdout, stderr } = first;
    assert.deepEqual([status, stderr], [0, '']);
    const spis =
      /^established: ESP SPIs 0x([0-9a-f]{8}) \/ 0x([0-9a-f]{8}), Phase 1 0x[0-9a-f]+\/0x[0-9a-f]+, rule "127\.0\.0\.1 to 127\.0\.0\.2" \(\d+ ms\)\n$/.exec(
        stdout,
      );
    assert.ok(spis, stdout);
    assert.deepEqual(east.liveSpis(), spis.slice(1).sort());
    await eventually('west has both SAs', 10, () => (west.liveSpis().length === 2 ? true : undefined));
    assert.deepEqual(west.liveSpis(), east.liveSpis());
    const keys = (lines: typeof east): readonly unknown[] =>
      lines
        .trace()
        .map(({ spi, src, dst, enc, auth }) => ({ spi, src, dst, enc, auth }))
        .sort((a, b) => a.spi.localeCompare(b.spi));
    assert.deepEqual(keys(west), keys(east));
  });

  it('logs which key is used and what is agreed, and never the key', async () => {
    for (const { daemon } of [gateways.east, gateways.west]) {
      const agreed = await eventually('both suites are logged', 10, () => {
        const found = daemon.events.flatMap((event) =>
          event.type === 'negotiation.agreed' ? [event.msg] : [],
        );
        return found.length >= 2 ? found : undefined;
      });
      assert.match(
        agreed[0] ?? '',
        /^agreed on auth_method preshared oakley_group 14 auth_alg sha1 encr_alg aes\(128\), 7200 s$/,
      );
      assert.match(
        agreed[1] ?? '',
        /^agreed on encr_algs aes-cbc\(128\) encr_auth_algs hmac-sha1-96, tunnel mode, 28800 s$/,
      );
      const keys = daemon.events.filter((event) => event.type === 'negotiation.key');
      assert.match(keys[0]?.msg ?? '', /^The key used is that of .*ike\.preshared:1/);
      assert.ok(!JSON.stringify(daemon.events).includes(gateways.key));
    }
  });

  it('says why it cannot, and exits 1', async () => {
    const { status, stdout, stderr } = await gateways.east.ikeadm('up', INSIDE_EAST, '10.77.0.1');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^ikeadm: failed: No IPsec policy protects packets from 10\.1\.0\.5 to 10\.77\.0\.1\.\nhint: .+\n$/,
    );
  });

  it('shows the Phase 1 SA at both ends', async () => {
    const { east, west } = gateways;
    const [atEast, atWest] = await Promise.all([
      east.ikeadm('-n', 'dump', 'p1'),
      west.ikeadm('-n', 'dump', 'p1'),
    ]);
    for (const [text, role, local, remote] of [
      [atEast.stdout, 'initiator', EAST, WEST],
      [atWest.stdout, 'responder', WEST, EAST],
    ] as const) {
      const port = String(gateways.ports.port);
      for (const line of [
        `IKESA: The local host is the ${role}.`,
        'IKESA: Current state is ACTIVE',
        'XFORM: Encryption alg: aes-cbc(128); Authentication alg: hmac-sha1',
        `LOCIP: AF_INET: port ${port}, ${local}.`,
        `REMIP: AF_INET: port ${port}, ${remote}.`,
        'LIFTM: 7200 seconds (2.00 hours); 0 kbytes protected',
        'STATS: 2 Quick Mode SAs created; 0 Quick Mode SAs deleted',
        '',
        'Completed dump of phase 1 SA info',
      ]) {
        assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`);
      }
    }
    assert.deepEqual(COOKIES.exec(atEast.stdout)?.slice(1), COOKIES.exec(atWest.stdout)?.slice(1));
  });

  it('gives the same as JSON', async () => {
    const text = (await gateways.east.ikeadm('-n', 'dump', 'p1')).stdout;
    const [, initiatorCookie, responderCookie] = COOKIES.exec(text) ?? [];
    const list = await gateways.east.asked('dump', 'p1');
    assert.ok(Array.isArray(list));
    const only: unknown = list[0];
    assert.ok(list.length === 1 && typeof only === 'object' && only !== null);
    const of = (name: string): unknown => Reflect.get(only, name);
    assert.deepEqual(
      [of('role'), of('state'), of('local')],
      ['initiator', 'ACTIVE', { address: EAST, port: gateways.ports.port }],
    );
    // The text leaves leading zeros out.
    const short = (cookie: unknown): string => `0x${BigInt(String(cookie)).toString(16)}`;
    assert.deepEqual(
      [short(of('initiatorCookie')), short(of('responderCookie'))],
      [initiatorCookie, responderCookie],
    );
  });

  it('counts', async () => {
    const { stdout } = await gateways.east.ikeadm('get', 'stats');
    assert.match(stdout, /^Current: +initiator: +1 +responder: +0$/m);
    assert.match(stdout, /^Attempted: +initiator: +1 +responder: +0$/m);
    assert.match(
      (await gateways.west.ikeadm('get', 'stats')).stdout,
      /^Total: +initiator: +0 +responder: +1$/m,
    );
  });

  it('shows the values of the configuration beside those built in', async () => {
    const { stdout } = await gateways.east.ikeadm('get', 'defaults');
    assert.match(stdout, /^p1_lifetime_secs +config +7200 seconds +phase 1 lifetime *$/m);
    assert.match(stdout, /^p1_nonce_len +default +20 bytes +phase 1 nonce length *$/m);
    assert.match(
      stdout,
      new RegExp(`^- +\\w+ +${String(gateways.ports.nattPort)} +NAT-T port number *$`, 'm'),
    );
  });

  it('sends a packet that the peer receives, and lists both forms of it', async () => {
    const text = 'Is anybody in the west?';
    const { status, stdout } = await gateways.east.ikeadm('packet', 'send', INSIDE_EAST, INSIDE_WEST, text);
    assert.deepEqual([status, stdout], [0, 'sent\n']);
    const arrived = await eventually('the packet arrives', 10, async () => {
      const list = (await gateways.west.ikeadm('packet', 'list')).stdout;
      return list.includes('clear') ? list : undefined;
    });
    const [, onWire, inside] =
      /^in {2}esp {3}127\.0\.0\.2 <- 127\.0\.0\.1 ([0-9a-f]+)\nin {2}clear ([0-9a-f]+)\n$/.exec(arrived) ??
      [];
    assert.ok(onWire !== undefined && inside !== undefined, arrived);
    assert.ok(inside.endsWith(Buffer.from(text).toString('hex')));
    assert.ok(!onWire.includes(Buffer.from(text).toString('hex')));
    assert.equal(
      (await gateways.east.ikeadm('packet', 'list')).stdout,
      `out esp   ${EAST} -> ${WEST} ${onWire}\n`,
    );
  });

  it('counts packets, and says what the reasons mean for which some were dropped', async () => {
    const gone = createSocket('udp4');
    const bytes = new Uint8Array(64).fill(1);
    await new Promise<void>((resolve, reject) => {
      gone.send(bytes, gateways.ports.nattPort, EAST, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    gone.close();
    const text = await eventually('the packet is dropped', 10, async () => {
      const { stdout } = await gateways.east.ikeadm('packet', 'stats');
      return stdout.includes('unknown-spi') ? stdout : undefined;
    });
    assert.match(text, /^ +1 sent +protected, and sent to a peer$/m);
    assert.match(text, /^Dropped on the way in:\n +1 unknown-spi +no SA here has its SPI: .+doctor"$/m);
  });

  it('says who asked for what, and nothing else when only the door is of interest', async () => {
    const { east } = gateways;
    const { stdout } = await east.ikeadm('set', 'debug', 'door');
    assert.match(
      stdout,
      /^Successfully changed debug level from 0x7ff to 0x100\nDebug categories enabled:\n\tDoor interface\n$/,
    );
    const shown = east.daemon.events.length;
    await up();
    const events = await eventually('the log names the request', 10, () => {
      const since = east.daemon.events.slice(shown);
      return since.some((event) => JSON.stringify(event).includes('"UP"')) ? since : undefined;
    });
    for (const event of events) assert.equal(event.type, 'door.request', JSON.stringify(event));
    assert.equal((await east.ikeadm('set', 'debug', 'all')).status, 0);
  });

  it('deletes by addresses, by cookies, and all', async () => {
    const { east } = gateways;
    const done = { status: 0, stdout: '', stderr: 'ikeadm: Successfully deleted selected phase 1 SA.\n' };
    await phase1OfWest(1);
    assert.deepEqual(await east.ikeadm('del', 'p1', EAST, WEST), done);
    await phase1OfWest(0);
    assert.deepEqual(await east.asked('dump', 'p1'), []);
    assert.equal(
      (await east.ikeadm('del', 'p1', EAST, WEST)).stderr,
      'ikeadm: Could not find requested phase 1 SA.\n',
    );

    await up();
    await phase1OfWest(1);
    const [, ...cookies] = COOKIES.exec((await east.ikeadm('-n', 'dump', 'p1')).stdout) ?? [];
    assert.deepEqual(await east.ikeadm('del', 'p1', ...cookies), done);
    await phase1OfWest(0);

    await up();
    await phase1OfWest(1);
    assert.deepEqual(await east.ikeadm('flush', 'p1'), {
      status: 0,
      stdout: '',
      stderr: 'ikeadm: Successfully flushed P1 SAs.\n',
    });
    await phase1OfWest(0);
    assert.deepEqual(await east.asked('dump', 'p1'), []);
  });

  it('lowers the privilege, after which nobody sees keys, and never raises it', async () => {
    const { east } = gateways;
    await up();
    assert.equal(
      (await east.ikeadm('get', 'priv')).stdout,
      'Current privilege level is 0x2, access to keying material enabled\n',
    );
    const before = (await east.ikeadm('-n', 'dump', 'p1')).stdout;
    assert.match(before, /^KEY: {3}SKEYID_e \(20 bytes\): [0-9a-f]{40}\/160$/m);
    assert.equal((await east.ikeadm('set', 'priv', 'base')).status, 0);
    const after = (await east.ikeadm('-n', 'dump', 'p1')).stdout;
    assert.match(after, COOKIES);
    assert.doesNotMatch(after, /^KEY:/m);
    const raised = await east.ikeadm('set', 'priv', 'keymat');
    assert.deepEqual(
      [raised.status, raised.stderr],
      [1, 'ikeadm: error setting privilege level: Not allowed at current privilege level\n'],
    );
    assert.equal((await east.ikeadm('packet', 'list')).status, 1);
    assert.match((await east.ikeadm('get', 'priv')).stdout, /^Current privilege level is 0x0,/);
  });
});

describe('ikeadm up with a peer that holds another key', () => {
  it('fails at both ends with the probable cause', async () => {
    const scratch = makeScratch();
    const gateways = await startGateways(scratch.folder, { ...IMPATIENT, westKey: 'ab'.repeat(24) });
    try {
      const { east, west } = gateways;
      const { status, stdout, stderr } = await east.ikeadm('up', INSIDE_EAST, INSIDE_WEST);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(
        stderr,
        /^ikeadm: failed in Main Mode, message 5: .+\nhint: .+ hold different keys: compare .+\n$/,
      );
      const ended = await west.daemon.event('its end', (event) => event.type === 'negotiation.ended');
      assert.match(ended.msg, /wrong-preshared-key/);
      for (const end of [east, west])
        assert.deepEqual([await end.asked('dump', 'p1'), end.trace()], [[], []]);
    } finally {
      await gateways.stop();
      scratch.remove();
    }
  });
});
