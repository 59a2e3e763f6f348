/** The command as it ships without a command: lines from a pipe, one session, one daemon that comes and goes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DIST } from '../../in.iked/daemon-process.js';
import {
  EAST,
  freePorts,
  Gateway,
  presharedKey,
  rule,
  tunnelPolicy,
  WEST,
  writeRoot,
} from '../../in.iked/gateways.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

const scratch = makeScratch();
const PRIV = 'Current privilege level is 0x2, access to keying material enabled\n';

describe('ikeadm as it ships, at the prompt', () => {
  let gateway: Gateway;
  let start: () => Gateway;
  const typed = (input: string, ...options: readonly string[]): Promise<Ran> =>
    ikeadm(['-R', gateway.root, ...options], { input });

  before(async () => {
    const root = join(scratch.folder, 'east');
    writeRoot(root, {
      config: rule(EAST, WEST, { label: 'two gateways' }),
      preshared: presharedKey(EAST, WEST, 'ab'.repeat(16)),
      policy: tunnelPolicy({ network: 1, address: EAST }, { network: 2, address: WEST }),
    });
    const ports = await freePorts(EAST);
    start = () => new Gateway(root, [EAST], ports, ['--no-inspect']);
    gateway = start();
    await gateway.daemon.running();
  });
  after(async () => {
    await gateway.daemon.stop();
    scratch.remove();
  });

  it('runs line after line, and ends with status 0 at the end of the input, exit and quit', async () => {
    for (const end of ['', 'exit\n', 'quit\n', 'quit now\nget priv\n']) {
      assert.deepEqual(await typed(`get priv\n\nget priv\n${end}`), {
        stdout: PRIV + PRIV,
        stderr: '',
        status: 0,
      });
    }
  });

  it('ignores lines whose first character that is no blank is #', async () => {
    assert.deepEqual(await typed('# get priv\n  \t# get priv\nget priv\n'), {
      stdout: PRIV,
      stderr: '',
      status: 0,
    });
  });

  it('keeps blanks within quotes, which vanish', async () => {
    const { stdout } = await typed('get rule "two gateways"\nget rule two" "gateways\n');
    assert.equal(stdout.split("\nGLOBL: Label 'two gateways', ").length, 3);
  });

  it('takes a line that ends with a backslash together with the next', async () => {
    assert.deepEqual(await typed('get\\\n  \\\npriv\n'), { stdout: PRIV, stderr: '', status: 0 });
  });

  it('returns to the prompt after errors of every kind', async () => {
    const { stdout, stderr, status } = await typed(
      'frob\nget p1\nset priv x\nget rule nowhere\nread rule /none\nget priv\n',
    );
    assert.equal(
      stderr,
      [
        "ikeadm: Unrecognized command 'frob'",
        '',
        'Type help for usage info',
        'ikeadm: Error: not enough identification info',
        'ikeadm: ERROR: Bad privilege flag: x',
        '',
        'ikeadm: Could not find requested policy rule.',
        'ikeadm: open user-specified file: No such file or directory',
        '',
      ].join('\n'),
    );
    assert.deepEqual([stdout, status], [PRIV, 0]);
  });

  it('drops lines of more than 4096 bytes', async () => {
    const padded = `get priv${' '.repeat(4096 - 'get priv'.length)}`;
    assert.deepEqual(await typed(`${padded}\n${padded} \nget priv\n`), {
      stdout: PRIV + PRIV,
      stderr: 'ikeadm: Line too long (max=4096 chars)\n',
      status: 0,
    });
  });

  it('prints a document a line for -j', async () => {
    const { stdout, stderr } = await typed('get priv\nget rule nowhere\ndump p1\n', '-j');
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
      [
        { level: 2, name: 'keymat' },
        { error: { message: 'Could not find requested policy rule.', door: { name: 'NO_OBJ', code: 1 } } },
        [],
      ],
    );
    assert.equal(stderr, '');
  });

  it('shows the general help, without a usage of the command line', async () => {
    assert.match((await typed('help\n')).stdout, /^Valid commands and objects:\n/);
  });

  it('outlives the daemon: says so while it is away, and opens the door again when it is back', async () => {
    const child = spawn(process.execPath, [join(DIST, 'ikeadm.js'), '-R', gateway.root], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stderr = text(child.stderr);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
    });
    const answers = async (count: number): Promise<void> => {
      while (stdout.length < PRIV.length * count) await once(child.stdout, 'data');
    };
    child.stdin.write('get priv\n');
    await answers(1);
    await gateway.daemon.stop();
    gateway = start();
    await gateway.daemon.running();
    child.stdin.write('get priv\n');
    await answers(2);
    child.stdin.end();
    const [status] = (await once(child, 'close')) as [number];
    assert.deepEqual([stdout, await stderr, status], [PRIV + PRIV, '', 0]);
  });

  it('ignores Ctrl-C', async () => {
    const child = spawn(process.execPath, [join(DIST, 'ikeadm.js'), '-R', gateway.root], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout = text(child.stdout);
    child.stdin.write('get priv\nfrob\n');
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    child.stdin.end('get priv\n');
    const [status] = (await once(child, 'close')) as [number | null];
    assert.deepEqual([await stdout, status], [PRIV + PRIV, 0]);
  });
});
