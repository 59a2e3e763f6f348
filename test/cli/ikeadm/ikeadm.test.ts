/** The real command as a process, over a real door, below a private root. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { OpenDoor } from '../../../adapters/door/door-access.js';
import { openDoor } from '../../../adapters/door/unix-door.js';
import { doorPath } from '../../../services/admin/door-path.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import { DIST } from '../in.iked/daemon-process.js';
import { phase1Sa, SimulatedAdministration } from '../../services/admin/simulated-administration.js';

describe('the command ikeadm', () => {
  let root: string;
  let door: OpenDoor;
  const admin = new SimulatedAdministration();

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'ikeadm-'));
    door = await openDoor(doorPath(root), (call) => handleRequest(call, admin));
  });

  after(async () => {
    await door.close();
    rmSync(root, { recursive: true });
  });

  async function ikeadm(
    ...args: readonly string[]
  ): Promise<{ stdout: string; stderr: string; exit: number | null }> {
    const child = spawn(process.execPath, [join(DIST, 'ikeadm.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, stderr, exit: child.exitCode };
  }

  it('dumps many Phase 1 SAs', async () => {
    for (let index = 0; index < 500; index++) admin.add(phase1Sa());
    const { stdout, stderr, exit } = await ikeadm('-n', '-R', root, 'dump', 'p1');
    assert.equal(stdout.split('IKESA: Current state is ACTIVE\n').length, 501);
    assert.match(stdout, /\nLIFTM: SA was created at Sat Feb {2}7 04:05:06 2026\n/);
    assert.match(stdout, /\n\nCompleted dump of phase 1 SA info\n$/);
    assert.deepEqual([stderr, exit], ['', 0]);
  });

  it('waits for a negotiation and prints its outcome', async () => {
    const { stdout, exit } = await ikeadm('-R', root, '-j', 'up', '192.0.2.1', '198.51.100.7', 'icmp');
    const answer: unknown = JSON.parse(stdout);
    assert.deepEqual(answer, {
      outcome: 'established',
      phase1: { initiatorCookie: '0123456789abcdef', responderCookie: 'fedcba9876543210' },
      pairs: [{ protocol: 'ESP', inboundSpi: 0x1234, outboundSpi: 0xdeadbeef }],
      rule: 'alpha to beta',
      milliseconds: 33.6,
    });
    assert.equal(exit, 0);
    assert.equal(admin.asked.at(-1)?.protocol, 1);
  });

  it('does not name a file of the debug output to a daemon that it cannot pass one to, and makes none', async () => {
    const file = join(root, 'debug.log');
    const { stderr, exit } = await ikeadm('-R', root, 'set', 'debug', 'p1', file);
    assert.match(stderr, /^ikeadm: error setting debug level: No destination provided\n.*\n.*--log FILE/);
    assert.equal(exit, 1);
    assert.equal(existsSync(file), false);
    assert.deepEqual([admin.debug, admin.debugFile], [0, undefined]);
  });

  it('explains a missing daemon', async () => {
    const { stdout, stderr, exit } = await ikeadm('-R', join(root, 'elsewhere'), 'dump', 'p1');
    const path = join(root, 'elsewhere/var/run/ike_door');
    assert.equal(
      stderr,
      [
        'Unable to communicate with in.iked',
        `No in.iked answers at ${path}: start it, or name the root it runs under with -R.`,
        'ikeadm: open_door failed: No such file or directory',
        'Fatal error - exiting.',
        '',
      ].join('\n'),
    );
    assert.deepEqual([stdout, exit], ['', 1]);
  });

  it('needs no daemon for help and usage', async () => {
    assert.equal((await ikeadm('-R', join(root, 'elsewhere'), 'help')).exit, 0);
    const wrong = await ikeadm('frobnicate');
    assert.match(wrong.stderr, /^ikeadm: Unrecognized command 'frobnicate'\nUsage:\tikeadm/);
    assert.equal(wrong.exit, 1);
  });
});
