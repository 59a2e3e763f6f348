/** A real daemon from its start to its end: one for each root, SIGHUP, SIGTERM, the addresses it listens on. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../interop/lab/shell.js';
import { DaemonProcess, type LoggedEvent } from './daemon-process.js';
import {
  configFile,
  doorFile,
  EAST,
  freePorts,
  Gateway,
  type Gateways,
  ikeadm,
  INSIDE_EAST,
  INSIDE_WEST,
  presharedFile,
  presharedKey,
  rule,
  startGateways,
  tunnelPolicy,
  WEST,
  writeRoot,
} from './gateways.js';
import { makeScratch, type Scratch } from './scratch.js';

/** West's second address, and a host behind it. */
const SECOND_WEST = '127.0.0.3';
const INSIDE_SECOND_WEST = '10.3.0.7';

describe('the life of in.iked', () => {
  let scratch: Scratch;
  let stops: (() => Promise<void>)[];

  beforeEach(() => {
    scratch = makeScratch();
    stops = [];
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    scratch.remove();
  });

  async function pair(): Promise<Gateways> {
    const gateways = await startGateways(scratch.folder);
    stops.push(() => gateways.stop());
    return gateways;
  }

  /** One daemon in the root `name`, running. */
  async function alone(name: string, flags: readonly string[] = []): Promise<DaemonProcess> {
    const daemon = new DaemonProcess(['-R', join(scratch.folder, name), ...flags]);
    stops.push(() => daemon.stop());
    await daemon.running();
    return daemon;
  }

  it('SIGTERM deletes its SAs at the peer, closes the door, and ends with status 0', async () => {
    const { east, west } = await pair();
    assert.equal((await east.ikeadm('up', INSIDE_EAST, INSIDE_WEST)).status, 0);
    await eventually('west has both SAs', 10, () => (west.liveSpis().length === 2 ? true : undefined));
    const spis = east.liveSpis();
    const asked = performance.now();
    east.daemon.signal('SIGTERM');
    assert.equal(await east.daemon.ended(), 0);
    const took = performance.now() - asked;
    assert.ok(took < 2000, `${String(took)} ms`);
    assert.deepEqual(east.daemon.lastWords, []);
    assert.equal(existsSync(doorFile(east.root)), false);
    assert.deepEqual(east.liveSpis(), []);

    await eventually('west deletes them too', 10, () => (west.liveSpis().length === 0 ? true : undefined));
    const deleted = west.trace().filter(({ op }) => op === 'delete');
    assert.deepEqual(deleted.map(({ spi }) => spi).sort(), spis);
    assert.deepEqual(await west.asked('dump', 'p1'), []);
    const gone = await ikeadm(east.root, 'get', 'stats');
    assert.deepEqual([gone.status, gone.stdout], [1, '']);
    assert.match(gone.stderr, /^Unable to communicate with in\.iked\n/);
  });

  it('SIGINT ends it alike, also while a negotiation waits for a silent peer', async () => {
    const { east, west } = await pair();
    west.daemon.signal('SIGKILL');
    await west.daemon.ended();
    const asking = east.ikeadm('up', INSIDE_EAST, INSIDE_WEST);
    await east.daemon.event('message 1 goes out', (event) => event.type === 'message.sent');
    east.daemon.signal('SIGINT');
    assert.equal(await east.daemon.ended(), 0);
    const { status, stderr } = await asking;
    assert.deepEqual(
      [status, stderr],
      [
        1,
        'ikeadm: failed: The daemon is stopping and dropped the negotiation.\nhint: Start the daemon again.\n',
      ],
    );
  });

  it('replaces the door of a daemon that was killed', async () => {
    const { west } = await pair();
    west.daemon.signal('SIGKILL');
    assert.equal(await west.daemon.ended(), 'SIGKILL');
    assert.ok(existsSync(doorFile(west.root)));
    const again = new Gateway(west.root, [WEST], await freePorts(WEST), ['--no-inspect']);
    stops.push(() => again.daemon.stop());
    await again.daemon.running();
    assert.equal((await again.ikeadm('get', 'stats')).status, 0);
  });

  it('is refused a root where another daemon runs, whatever its ports', async () => {
    const { east } = await pair();
    const { port, nattPort } = await freePorts(EAST);
    const second = new DaemonProcess([
      ...['-R', east.root, '--listen', EAST],
      ...['--port', String(port), '--natt-port', String(nattPort)],
    ]);
    stops.push(() => second.stop());
    assert.equal(await second.ended(), 1);
    assert.deepEqual(second.lastWords, [
      `in.iked: Another in.iked answers at ${doorFile(east.root)}: stop it first, or run this one under another root with -R.`,
      'Fatal error - exiting.',
    ]);
    assert.equal((await east.ikeadm('get', 'stats')).status, 0);
  });

  it('listens on every address without --listen', async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .map(({ address }) => address)
      .filter((address) => !address.startsWith('fe80:'));
    assert.ok(addresses.includes(EAST));
    const ports = await freePorts(...addresses);
    writeRoot(join(scratch.folder, 'all'), {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: '',
    });
    const { port, nattPort } = ports;
    const daemon = await alone('all', ['--port', String(port), '--natt-port', String(nattPort)]);
    const opened = daemon.events.flatMap((event) =>
      event.type === 'socket.opened' ? [`${event.local.address} ${String(event.local.port)}`] : [],
    );
    assert.deepEqual(
      opened.sort(),
      addresses.flatMap((address) => [`${address} ${String(port)}`, `${address} ${String(nattPort)}`]).sort(),
    );
  });

  it('SIGHUP brings in an added rule, or says why not; live SAs are not disturbed', async () => {
    const ports = await freePorts(EAST, WEST, SECOND_WEST);
    const [eastRoot, westRoot] = [join(scratch.folder, 'east'), join(scratch.folder, 'west')];
    const key = '5a'.repeat(24);
    const keys = (local: string, remote: string): string => presharedKey(local, remote, key);
    const inEast = { network: 1, address: EAST };
    const inWest = { network: 2, address: WEST };
    const behindSecond = { network: 3, address: SECOND_WEST };
    writeRoot(eastRoot, {
      config: rule(EAST, WEST),
      preshared: keys(EAST, WEST),
      policy: tunnelPolicy(inEast, inWest) + tunnelPolicy(inEast, behindSecond),
    });
    writeRoot(westRoot, {
      config: rule(WEST, EAST) + rule(SECOND_WEST, EAST),
      preshared: keys(WEST, EAST) + keys(SECOND_WEST, EAST),
      policy: tunnelPolicy(inWest, inEast) + tunnelPolicy(behindSecond, inEast),
    });
    const east = new Gateway(eastRoot, [EAST], ports, ['--no-inspect']);
    const west = new Gateway(westRoot, [WEST, SECOND_WEST], ports, ['--no-inspect']);
    stops.push(
      () => east.daemon.stop(),
      () => west.daemon.stop(),
    );
    await Promise.all([east.daemon.running(), west.daemon.running()]);
    const refreshed = async (type: 'config.read' | 'config.refused'): Promise<LoggedEvent> => {
      const seen = east.daemon.events.length;
      east.daemon.signal('SIGHUP');
      const event = await east.daemon.event(type, (candidate) => candidate.type === type, seen);
      await east.daemon.event(
        'it runs again',
        (candidate) => candidate.type === 'daemon.state' && candidate.state === 'running',
        seen,
      );
      return event;
    };
    const firstTunnel = ['up', INSIDE_EAST, INSIDE_WEST] as const;
    const secondTunnel = ['up', INSIDE_EAST, INSIDE_SECOND_WEST] as const;
    assert.equal((await east.ikeadm(...firstTunnel)).status, 0);
    const spis = east.liveSpis();
    const before = JSON.stringify(await east.asked('dump', 'p1'));
    assert.equal(spis.length, 2);
    assert.match((await east.ikeadm(...secondTunnel)).stderr, /^ikeadm: failed: .*127\.0\.0\.3/);
    const labels = join(eastRoot, 'var/run/ipsec_kmc_map');
    const first = readFileSync(labels, 'utf8');
    assert.equal(first.split('\n').length, 2, first);
    assert.equal(statSync(labels).mode & 0o777, 0o600);

    const good = rule(EAST, WEST) + rule(EAST, SECOND_WEST);
    writeFileSync(configFile(eastRoot), good);
    writeFileSync(presharedFile(eastRoot), keys(EAST, WEST) + keys(EAST, SECOND_WEST));
    await refreshed('config.read');
    assert.deepEqual(east.liveSpis(), spis);
    const numbered = readFileSync(labels, 'utf8');
    assert.ok(numbered.startsWith(first) && numbered.split('\n').length === 3, numbered);
    assert.equal(JSON.stringify(await east.asked('dump', 'p1')), before);
    assert.equal((await east.ikeadm(...secondTunnel)).status, 0);
    const both = east.liveSpis();
    assert.equal(both.length, 4);

    writeFileSync(configFile(eastRoot), `${good}{ label "broken" local_addr 127.0.0.1 }\n`);
    const broken = await refreshed('config.refused');
    assert.match(broken.msg, /ike\/config:3:1: the rule has no `remote_addr`/);
    writeFileSync(configFile(eastRoot), good);
    chmodSync(presharedFile(eastRoot), 0o640);
    assert.match((await refreshed('config.refused')).msg, /ike\.preshared holds keys and has mode 0640/);
    chmodSync(presharedFile(eastRoot), 0o600);

    for (const tunnel of [firstTunnel, secondTunnel]) {
      assert.equal((await east.ikeadm(...tunnel)).status, 0, 'the old configuration is still in use');
    }
    assert.ok(both.every((spi) => east.liveSpis().includes(spi)));
    assert.ok(east.trace().every(({ op }) => op !== 'delete'));
    assert.equal(east.daemon.events.filter(({ type }) => type === 'phase1.established').length, 2);
    const sent = await east.ikeadm('packet', 'send', INSIDE_EAST, INSIDE_WEST);
    assert.equal(sent.stdout, 'sent\n');
  });
});
