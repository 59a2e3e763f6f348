/** Callers of other users, at both doors of a real daemon that runs as root. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFile, doorFile, EAST, type Ports, rule, WEST } from '../cli/in.iked/gateways.js';
import type { Ended } from '../interop/lab/shell.js';
import { ForeignPlace, portsOfRoot } from './foreign-users.js';

/** Nobody's numbers on a Debian host. */
const STRANGER = 54_321;
const GROUP = 54_322;

describe('callers of another user', () => {
  let ports: Ports;
  let place: ForeignPlace;
  let root: string;

  before(async () => {
    ports = await portsOfRoot();
  });
  beforeEach(() => {
    place = new ForeignPlace(ports);
    root = place.root;
    // What the daemon makes itself lets nobody in.
    mkdirSync(join(root, 'var/run'), { recursive: true, mode: 0o755 });
    chmodSync(root, 0o755);
  });
  afterEach(() => place.remove());

  async function start(...flags: readonly string[]): Promise<void> {
    await place.daemon('-p', '2', ...flags).running();
  }

  function ikeadm(groups: readonly number[], ...words: readonly string[]): Promise<Ended> {
    return place.ikeadm({ uid: STRANGER, groups }, ...words);
  }

  const asRoot = (...words: readonly string[]): Promise<Ended> => place.ikeadm({ uid: 0 }, ...words);

  it('cannot open the door, and are told who can', async () => {
    await start();
    assert.equal(statSync(doorFile(root)).mode & 0o777, 0o600);
    const { status, stdout, stderr } = await ikeadm([], 'dump', 'p1');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^Unable to communicate with in\.iked\nYou may not open \S+ike_door: run ikeadm as/);
    assert.match(stderr, /\nikeadm: open_door failed: Permission denied\nFatal error - exiting\.\n$/);
  });

  it('are refused everything where somebody has opened the file to them, and change nothing', async () => {
    await start();
    chmodSync(doorFile(root), 0o666);
    for (const line of ['get debug', 'set priv 0', 'dump preshared', 'write preshared F', 'flush p1']) {
      const words = line.replace('F', join(place.folder, 'keys')).split(' ');
      const { status, stdout, stderr } = await ikeadm([], ...words);
      assert.deepEqual([status, stdout], [1, ''], line);
      // The file of keys is where this user may not make one.
      assert.match(stderr, /User not authorized|open user-specified file: Permission denied/, line);
    }
    const priv = await asRoot('get', 'priv');
    assert.match(priv.stdout, /privilege level is 0x2/);
  });

  it('pass the daemon no file either', async () => {
    await start();
    chmodSync(doorFile(root), 0o666);
    const open = join(place.folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    writeFileSync(join(open, 'rule'), rule(EAST, '192.0.2.1'), { mode: 0o644 });
    const added = await ikeadm([], 'add', 'rule', join(open, 'rule'));
    assert.match(added.stderr, /User not authorized/);
    const log = await ikeadm([], 'set', 'debug', 'all', join(open, 'log'));
    assert.match(log.stderr, /User not authorized/);
    const written = await ikeadm([], 'write', 'preshared', join(open, 'keys'));
    assert.match(written.stderr, /User not authorized/);
    const rules = await asRoot('dump', 'rule');
    assert.doesNotMatch(rules.stdout, /192\.0\.2\.1/);
  });

  it('are served by whoever opens the file to them where there is no addon', async () => {
    rmSync(join(place.dist, 'ikechart.node'));
    await start();
    assert.match((await ikeadm([], 'get', 'priv')).stderr, /open_door failed: Permission denied/);
    chmodSync(doorFile(root), 0o666);
    assert.match((await ikeadm([], 'get', 'priv')).stdout, /privilege level is 0x2/);
  });

  it('may log in to tokens by the door of their group, and do nothing else', async () => {
    writeFileSync(configFile(root), `pkcs11_path "/nonexistent/library.so"\n${rule(EAST, WEST)}`);
    chmodSync(join(root, 'var/run'), 0o755);
    await start('--token-group', String(GROUP));
    const door = statSync(join(root, 'var/run/ike_token_door'));
    assert.deepEqual([door.mode & 0o777, door.gid], [0o660, GROUP]);
    for (const words of [
      ['token', 'logout', 'box'],
      ['token', 'login', 'box'],
    ]) {
      const member = await ikeadm([GROUP], ...words);
      // It is the daemon that answers: it knows no such token.
      assert.match(
        member.stderr,
        /^ikeadm: ERROR: PKCS#11 operation: (?!User not authorized)/,
        words.join(' '),
      );
      const other = await ikeadm([], ...words);
      assert.match(other.stderr, /open_door failed: Permission denied/, words.join(' '));
    }
    for (const words of [
      ['get', 'debug'],
      ['dump', 'preshared'],
      ['set', 'priv', '0'],
      ['flush', 'p1'],
    ]) {
      const member = await ikeadm([GROUP], ...words);
      assert.match(member.stderr, /User not authorized/, words.join(' '));
      assert.equal(member.status, 1);
    }
  });
});
