/** `in.iked --background`: the command ends when the daemon runs, and the daemon keeps nothing of its caller's. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Ended, eventually } from '../../interop/lab/shell.js';
import { DIST } from './daemon-process.js';
import { configFile, EAST, freePorts, ikeadm, presharedKey, rule, WEST, writeRoot } from './gateways.js';
import { makeScratch, type Scratch } from './scratch.js';

describe('in.iked --background', () => {
  let scratch: Scratch;
  let flags: readonly string[];

  beforeEach(async () => {
    scratch = makeScratch();
    writeRoot(scratch.folder, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: '',
    });
    const { port, nattPort } = await freePorts(EAST);
    flags = [
      ...['-R', scratch.folder, '--listen', EAST, '--kernel', 'embedded'],
      ...['--port', String(port), '--natt-port', String(nattPort)],
    ];
  });
  afterEach(() => {
    scratch.remove();
  });

  /** Ends when nobody holds its stdout and stderr any more. */
  function inBackground(...more: readonly string[]): Promise<Ended & { readonly pid: number | undefined }> {
    const child = spawn(process.execPath, [join(DIST, 'in.iked.js'), ...flags, '--background', ...more]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    return new Promise((resolve) => {
      child.once('close', (code) => {
        resolve({ status: code ?? -1, stdout, stderr, pid: child.pid });
      });
    });
  }

  function daemonOf(): number {
    const found = readdirSync('/proc').find((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return words.includes(scratch.folder) && words.some((word) => word.endsWith('in.iked.js'));
      } catch {
        return false;
      }
    });
    assert.ok(found !== undefined, 'the daemon runs');
    return Number(found);
  }

  async function end(pid: number): Promise<void> {
    process.kill(pid, 'SIGTERM');
    await eventually('it ends', 10, () => (existsSync(`/proc/${String(pid)}`) ? undefined : true));
  }

  /** Lines of TCP sockets of the process that wait for connections. */
  function listening(pid: number): readonly string[] {
    const descriptors = `/proc/${String(pid)}/fd`;
    const sockets = readdirSync(descriptors).map((name) => readlinkSync(join(descriptors, name)));
    assert.ok(sockets.some((name) => name.startsWith('socket:')));
    return ['tcp', 'tcp6']
      .flatMap((table) =>
        readFileSync(`/proc/${String(pid)}/net/${table}`, 'utf8')
          .trimEnd()
          .split('\n'),
      )
      .filter((line) => {
        const [, , , state, , , , , , inode = ''] = line.trim().split(/\s+/);
        return state === '0A' && sockets.includes(`socket:[${inode}]`);
      });
  }

  it('ends with 0 when the daemon runs, which holds on to nothing of its caller and leaves no core file', async () => {
    const { status, stdout } = await inBackground();
    const pid = daemonOf();
    try {
      assert.deepEqual([status, stdout], [0, '']);
      const refused = await ikeadm(scratch.folder, 'set', 'debug', 'all');
      assert.deepEqual(
        [refused.status, refused.stderr.includes('No destination provided')],
        [1, true],
        'there is nowhere to write',
      );
      const limits = readFileSync(`/proc/${String(pid)}/limits`, 'utf8');
      assert.match(limits, /^Max core file size +0 +0 /m, 'it leaves no core file');
      assert.equal(statSync(`/proc/${String(pid)}/fd/0`).isCharacterDevice(), true, 'stdin is /dev/null');
    } finally {
      await end(pid);
    }
  });

  it('ends with 1 and the reasons when it cannot run', async () => {
    writeFileSync(configFile(scratch.folder), 'broken');
    const { status, stderr } = await inBackground();
    assert.equal(status, 1);
    assert.match(stderr, /in\.iked: \S+config:1:1: unknown keyword `broken`.+\nFatal error - exiting\.\n$/);
  });

  it('SIGUSR1 reopens the log and lets no debugger in', async () => {
    const log = join(scratch.folder, 'log');
    const { status } = await inBackground('--log', log, '--log-format', 'text');
    const pid = daemonOf();
    try {
      assert.equal(status, 0);
      renameSync(log, `${log}.0`);
      process.kill(pid, 'SIGUSR1');
      await eventually('there is a new log', 10, () =>
        existsSync(log) && readFileSync(log, 'utf8').includes('opened again') ? true : undefined,
      );
      assert.deepEqual(listening(pid), []);
    } finally {
      await end(pid);
    }
  });
});
