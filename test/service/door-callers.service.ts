/** Callers of other users, at both doors of a real daemon that runs as root: setpriv(1) makes them. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonProcess, DIST } from '../cli/in.iked/daemon-process.js';
import {
  configFile,
  doorFile,
  EAST,
  freePorts,
  type Ports,
  presharedKey,
  rule,
  WEST,
  writeRoot,
} from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { attempt, type Ended } from '../interop/lab/shell.js';

/** Nobody's numbers on a Debian host. */
const STRANGER = 54_321;
const GROUP = 54_322;

describe('callers of another user', () => {
  let scratch: Scratch;
  let root: string;
  let dist: string;
  let ports: Ports;
  let daemon: DaemonProcess | undefined;

  before(async () => {
    assert.equal(process.geteuid?.(), 0, 'this test must be run by root');
    ports = await freePorts(EAST);
  });

  beforeEach(() => {
    scratch = makeScratch();
    // Others must find the commands, and the doors.
    chmodSync(scratch.folder, 0o755);
    dist = join(scratch.folder, 'dist');
    cpSync(DIST, dist, { recursive: true });
    root = join(scratch.folder, 'root');
    mkdirSync(join(root, 'var/run'), { recursive: true });
    writeRoot(root, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: '',
    });
  });

  afterEach(async () => {
    await daemon?.stop();
    scratch.remove();
  });

  async function start(...flags: readonly string[]): Promise<void> {
    const { port, nattPort } = ports;
    const places = ['-R', root, '--listen', EAST, '--port', String(port), '--natt-port', String(nattPort)];
    daemon = new DaemonProcess([...places, '-p', '2', ...flags], {}, dist);
    await daemon.running();
  }

  function ikeadm(groups: readonly number[], ...words: readonly string[]): Promise<Ended> {
    const who = ['--reuid', String(STRANGER), '--regid', String(STRANGER)];
    const more = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')];
    const line = [process.execPath, join(dist, 'ikeadm.js'), '-R', root, ...words];
    // A PIN is the first line of the pipe.
    return attempt('sh', ['-c', 'echo 1234 | exec setpriv "$@"', 'sh', ...who, ...more, ...line]);
  }

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
      const words = line.replace('F', join(scratch.folder, 'keys')).split(' ');
      const { status, stdout, stderr } = await ikeadm([], ...words);
      assert.deepEqual([status, stdout], [1, ''], line);
      // The file of keys is where this user may not make one.
      assert.match(stderr, /User not authorized|open user-specified file: Permission denied/, line);
    }
    const priv = await attempt(process.execPath, [join(dist, 'ikeadm.js'), '-R', root, 'get', 'priv']);
    assert.match(priv.stdout, /privilege level is 0x2/);
  });

  it('pass the daemon no file either', async () => {
    await start();
    chmodSync(doorFile(root), 0o666);
    const open = join(scratch.folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    writeFileSync(join(open, 'rule'), rule(EAST, '192.0.2.1'), { mode: 0o644 });
    const added = await ikeadm([], 'add', 'rule', join(open, 'rule'));
    assert.match(added.stderr, /User not authorized/);
    const log = await ikeadm([], 'set', 'debug', 'all', join(open, 'log'));
    assert.match(log.stderr, /User not authorized/);
    const written = await ikeadm([], 'write', 'preshared', join(open, 'keys'));
    assert.match(written.stderr, /User not authorized/);
    const rules = await attempt(process.execPath, [join(dist, 'ikeadm.js'), '-R', root, 'dump', 'rule']);
    assert.doesNotMatch(rules.stdout, /192\.0\.2\.1/);
  });

  it('are served by whoever opens the file to them where there is no addon', async () => {
    rmSync(join(dist, 'ikechart.node'));
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
