/** `in.iked --workers`: several threads on one port, and one `ikeadm` over all of them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLoad } from '../../../services/admin/load.js';
import { isRecord } from '../../../services/admin/door/own-explanations.js';
import { eventually } from '../../interop/lab/shell.js';
import { DaemonProcess, type LoggedEvent } from './daemon-process.js';
import {
  configFile,
  doorFile,
  EAST,
  freePorts,
  Gateway,
  ikeadm,
  INSIDE_EAST,
  INSIDE_WEST,
  policyFile,
  presharedKey,
  rule,
  tunnelPolicy,
  WEST,
  writeRoot,
} from './gateways.js';
import { makeScratch, type Scratch } from './scratch.js';

describe('in.iked with workers', () => {
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

  it('negotiates with whoever begins, shows all as one, and says goodbye', async () => {
    const ports = await freePorts(EAST, WEST);
    const key = randomBytes(24).toString('hex');
    const inEast = { network: 1, address: EAST };
    const inWest = { network: 2, address: WEST };
    const root = join(scratch.folder, 'east');
    const config = 'retry_timer_init 0.4\n';
    writeRoot(root, {
      config: config + rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, key),
      policy: tunnelPolicy(inEast, inWest),
    });
    writeRoot(join(scratch.folder, 'west'), {
      config: config + rule(WEST, EAST),
      preshared: presharedKey(WEST, EAST, key),
      policy: tunnelPolicy(inWest, inEast),
    });
    const west = new Gateway(join(scratch.folder, 'west'), [WEST], ports, ['--no-inspect']);
    stops.push(() => west.daemon.stop());
    const { port, nattPort } = ports;
    const east = new DaemonProcess([
      ...['-R', root, '--listen', EAST, '--port', String(port), '--natt-port', String(nattPort)],
      ...['--policy', policyFile(root), '-d', '--workers', '3'],
    ]);
    stops.push(() => east.stop());
    await Promise.all([east.running(), west.daemon.running()]);

    // Each begins with another cookie, and comes to whichever worker has it.
    for (let round = 0; round < 3; round++) {
      assert.equal((await west.ikeadm('up', INSIDE_WEST, INSIDE_EAST)).status, 0);
      assert.equal((await west.ikeadm('flush', 'p1')).status, 0);
      await eventually('the SA is gone in the east', 10, async () =>
        (await ikeadm(root, '-j', 'dump', 'p1')).stdout.trim() === '[]' ? true : undefined,
      );
    }
    assert.match((await ikeadm(root, 'get', 'stats')).stdout, /Total: +initiator: +0 +responder: +3/);
    assert.equal((await ikeadm(root, 'up', INSIDE_EAST, INSIDE_WEST)).status, 0);
    assert.match((await ikeadm(root, 'get', 'stats')).stdout, /Current: +initiator: +1 +responder: +0/);
    const names = east.events.flatMap((event) =>
      event.type === 'negotiation.started' ? [event.negotiation] : [],
    );
    assert.equal(new Set(names).size, names.length, 'no name is given twice');
    assert.equal((await ikeadm(root, 'get', 'p1', EAST, WEST)).status, 0);
    const packet = await ikeadm(root, 'packet', 'send', INSIDE_EAST, INSIDE_WEST, 'hello');
    assert.deepEqual([packet.status, packet.stderr], [0, '']);
    await eventually('the packet has arrived', 10, async () =>
      (await west.ikeadm('packet', 'list')).stdout.includes(Buffer.from('hello').toString('hex'))
        ? true
        : undefined,
    );

    // ESP finds the worker that has its SA.
    assert.equal((await west.ikeadm('packet', 'send', INSIDE_WEST, INSIDE_EAST, 'back')).status, 0);
    await eventually('a worker has opened it', 10, async () =>
      (await ikeadm(root, 'packet', 'stats')).stdout.includes('1 received') ? true : undefined,
    );

    const load: unknown = JSON.parse((await ikeadm(root, '-j', 'get', 'load')).stdout);
    const shares = isRecord(load) ? readLoad(load.workers) : undefined;
    assert.deepEqual(
      shares?.map(({ astray }) => astray),
      [0, 0, 0],
    );
    assert.ok(shares.reduce((sum, { messages }) => sum + messages, 0) >= 20, JSON.stringify(load));
    assert.equal(
      shares.reduce((sum, { phase1 }) => sum + phase1, 0),
      1,
    );

    const page = await ikeadm(root, 'inspect', 'on');
    assert.equal(page.status, 1);
    assert.match(page.stderr, /run it without --workers/);

    const told = west.daemon.events.length;
    east.signal('SIGTERM');
    assert.equal(await east.ended(), 0);
    assert.deepEqual(east.lastWords, []);
    assert.equal(existsSync(doorFile(root)), false);
    // What is asked of `dump p1` may come after west has begun anew, a second later, since its operator wants a tunnel.
    await west.daemon.event('west has no Phase 1 SA left', ({ type }) => type === 'phase1.gone', told);
  });

  it('reads a file that it is given, and its own, in all of them or in none', async () => {
    const root = join(scratch.folder, 'east');
    const { port, nattPort } = await freePorts(EAST);
    writeRoot(root, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, 'ab'.repeat(16)),
      policy: '',
    });
    const east = new DaemonProcess([
      ...['-R', root, '--listen', EAST, '--port', String(port), '--natt-port', String(nattPort)],
      ...['-d', '--workers', '2'],
    ]);
    stops.push(() => east.stop());
    await east.running();
    // A file that one of them has read to its end is read by the others from its beginning.
    const added = join(scratch.folder, 'added.rule');
    writeFileSync(added, rule(EAST, '192.0.2.77').replace(/label "[^"]*"/, 'label "added"'));
    assert.equal((await ikeadm(root, 'add', 'rule', added)).status, 0);
    assert.equal((await ikeadm(root, 'del', 'rule', 'added')).status, 0, 'all of them had it');

    const isRead = ({ type }: { readonly type: string }): boolean => type === 'config.read';
    const isOver = (event: LoggedEvent): boolean =>
      event.type === 'daemon.state' && event.state === 'running';
    const first = east.events.length;
    east.signal('SIGHUP');
    await east.event('the files are read again', isRead, first);
    // By all of them: else some would read what is written next.
    await east.event('all have read them', isOver, first);
    const good = readFileSync(configFile(root), 'utf8');
    writeFileSync(configFile(root), '{ label');
    const second = east.events.length;
    east.signal('SIGHUP');
    const refused = await east.event('they are refused', ({ type }) => type === 'config.refused', second);
    assert.match(refused.msg, /config:1/);
    await east.event('that is over', isOver, second);
    writeFileSync(configFile(root), good);
    assert.match((await ikeadm(root, 'dump', 'rule')).stdout, /Label/, 'the old rules stay');
    assert.deepEqual(east.lastWords, []);
  });
});
