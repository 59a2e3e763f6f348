/** `in.iked --user`: root opens, somebody else goes on. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DaemonProcess } from '../cli/in.iked/daemon-process.js';
import { configFile, doorFile, EAST, type Ports, presharedFile, rule } from '../cli/in.iked/gateways.js';
import { attempt, type Ended, eventually } from '../interop/lab/shell.js';
import { ForeignPlace, portsOfRoot } from './foreign-users.js';

/** A user that every Debian host has, and does nothing with. */
const USER = 'nobody';
const UID = 65_534;

describe('in.iked --user', () => {
  let ports: Ports;
  let place: ForeignPlace;
  let root: string;

  before(async () => {
    ports = await portsOfRoot();
  });
  beforeEach(() => {
    place = new ForeignPlace(ports);
    root = place.root;
    execFileSync('chown', ['-R', USER, root]);
  });
  afterEach(() => place.remove());

  async function start(...flags: readonly string[]): Promise<DaemonProcess> {
    const daemon = place.daemon('--user', USER, ...flags);
    await daemon.running();
    return daemon;
  }

  const ikeadm = (uid: number, ...words: readonly string[]): Promise<Ended> =>
    place.ikeadm({ uid }, ...words);

  /** Lines of /proc/PID/task/TID/status that begin with one of the names. */
  function threads(pid: number, ...names: readonly string[]): readonly (readonly string[])[] {
    return readdirSync(`/proc/${String(pid)}/task`).map((thread) =>
      readFileSync(`/proc/${String(pid)}/task/${thread}/status`, 'utf8')
        .split('\n')
        .filter((line) => names.some((name) => line.startsWith(`${name}:`))),
    );
  }

  async function pidOf(running: DaemonProcess): Promise<number> {
    const { stdout } = await attempt('sh', ['-c', `pgrep -f -- "-R ${root}"`]);
    assert.ok(running.events.length > 0);
    return Number(stdout.split('\n')[0]);
  }

  async function twoRightsInOneThread(running: DaemonProcess): Promise<void> {
    const pid = await pidOf(running);
    const [main, ...others] = threads(pid, 'Uid', 'Gid', 'CapEff', 'CapPrm');
    assert.ok(main && others.length > 0);
    const ids = `\t${`${String(UID)}\t`.repeat(4).trim()}`;
    const identity = [`Uid:${ids}`, `Gid:${ids}`];
    // CAP_NET_BIND_SERVICE is 10, CAP_NET_ADMIN 12.
    const rights = `\t${(2 ** 10 + 2 ** 12).toString(16).padStart(16, '0')}`;
    assert.deepEqual(main, [...identity, `CapPrm:${rights}`, `CapEff:${rights}`]);
    const none = `\t${'0'.repeat(16)}`;
    for (const other of others) assert.deepEqual(other, [...identity, `CapPrm:${none}`, `CapEff:${none}`]);
  }

  it('is that user in all of its threads, and keeps two rights in one of them', async () => {
    await twoRightsInOneThread(await start());
  });

  it('keeps none without the addon, and says what that costs', async () => {
    rmSync(join(place.dist, 'ikechart.node'));
    const running = await start();
    const none = `\t${'0'.repeat(16)}`;
    for (const [, , permitted] of threads(await pidOf(running), 'Uid', 'Gid', 'CapPrm')) {
      assert.equal(permitted, `CapPrm:${none}`);
    }
    const { note } = await running.event(
      'it says what is lost',
      (event): event is typeof event & { note: string } =>
        event.type === 'config.note' && event.note.includes('no rights over the network left'),
    );
    assert.match(note, /^As nobody, in\.iked/);
  });

  it('serves that user and root at its door', async () => {
    const daemon = await start();
    assert.deepEqual([statSync(doorFile(root)).uid, statSync(doorFile(root)).mode & 0o777], [UID, 0o600]);
    assert.match((await ikeadm(UID, 'get', 'priv')).stdout, /privilege level is 0x0/);
    assert.match((await ikeadm(0, 'get', 'priv')).stdout, /privilege level is 0x0/);
    assert.match((await ikeadm(54_321, 'get', 'priv')).stderr, /Permission denied/);
    await daemon.stop();
    assert.equal(existsSync(doorFile(root)), false);
  });

  it('reads its files again, and writes its log to a new file after a rotation', async () => {
    const log = join(root, 'in.iked.log');
    const daemon = place.daemon('--user', USER, '--log', log);
    await eventually('the log says that it runs', 10, () =>
      existsSync(log) && readFileSync(log, 'utf8').includes('"state":"running"') ? true : undefined,
    );
    assert.equal(statSync(log).uid, UID);
    appendFileSync(configFile(root), rule(EAST, '127.0.0.3'));
    renameSync(log, `${log}.0`);
    daemon.signal('SIGHUP');
    await eventually('the new log tells of two rules', 10, () =>
      existsSync(log) && /"config.read".*"rules":2/.test(readFileSync(log, 'utf8')) ? true : undefined,
    );
    await eventually('the map has both', 5, () =>
      readFileSync(join(root, 'var/run/ipsec_kmc_map'), 'utf8').includes('127.0.0.3') ? true : undefined,
    );
  });

  it('goes on in a folder of root: the map of labels is written, the door is left and replaced', async () => {
    mkdirSync(join(root, 'var/run'), { recursive: true });
    chownSync(join(root, 'var'), 0, 0);
    chownSync(join(root, 'var/run'), 0, 0);
    chmodSync(join(root, 'var'), 0o755);
    chmodSync(join(root, 'var/run'), 0o755);
    const running = await start();
    appendFileSync(configFile(root), rule(EAST, '127.0.0.3'));
    const before = running.events.length;
    running.signal('SIGHUP');
    await running.event('the files are read', (event) => event.type === 'config.read', before);
    await eventually('the map has both', 5, () =>
      readFileSync(join(root, 'var/run/ipsec_kmc_map'), 'utf8').includes('127.0.0.3') ? true : undefined,
    );
    await running.stop();
    assert.ok(existsSync(doorFile(root)));
    await start();
    assert.match((await ikeadm(UID, 'dump', 'rule')).stdout, /127\.0\.0\.3/);
  });

  it('with workers reads its files as that user in each of them, at the start and again', async () => {
    const running = await start('--workers', '2');
    await twoRightsInOneThread(running);
    const before = running.events.length;
    running.signal('SIGHUP');
    await running.event('they are read again', ({ type }) => type === 'config.read', before);
    await running.event(
      'by all of them',
      (event) => event.type === 'daemon.state' && event.state === 'running',
      before,
    );
    await running.stop();
  });

  it('does not start with files that it could not read again', async () => {
    chownSync(presharedFile(root), 0, 0);
    const refused = place.daemon('--user', USER);
    assert.equal(await refused.ended(), 1);
    assert.match(refused.lastWords.join('\n'), /ike\.preshared may not be read by this user/);
    assert.equal(existsSync(doorFile(root)), false);
  });

  it('is refused to whoever is not root, and for users that are not there, or root', async () => {
    const line = [process.execPath, join(place.dist, 'in.iked.js'), '-R', root];
    const stranger = await attempt('setpriv', ['--reuid', '54321', ...line, '--user', USER]);
    assert.deepEqual([stranger.status, stranger.stdout], [1, '']);
    assert.match(stranger.stderr, /^in\.iked: --user needs root, who alone can become nobody: start/);
    for (const [user, says] of [
      ['nobody-of-that-name', /There is no user "nobody-of-that-name" in \/etc\/passwd/],
      ['root', /That is root, who has all privileges/],
      ['nobody:no-such-group', /There is no group "no-such-group"/],
    ] as const) {
      const [command, ...words] = [...line, '--user', user];
      const wrong = await attempt(command, words);
      assert.equal(wrong.status, 1);
      assert.match(wrong.stderr, says);
    }
  });
});
