/** `in.iked -d` on a real terminal: plain lines, and a colour for each negotiation where the terminal can show one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DIST } from '../cli/in.iked/daemon-process.js';
import {
  configFile,
  EAST,
  freePorts,
  ikeadm,
  INSIDE_EAST,
  INSIDE_WEST,
  policyFile,
  presharedKey,
  rule,
  tunnelPolicy,
  WEST,
  writeRoot,
} from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { eventually } from '../interop/lab/shell.js';

describe('in.iked -d on a terminal', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = makeScratch();
    writeRoot(scratch.folder, {
      config: `retry_limit 1\nretry_timer_init 0.2\n${rule(EAST, WEST)}`,
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: tunnelPolicy({ network: 1, address: EAST }, { network: 2, address: WEST }),
    });
  });
  afterEach(() => {
    scratch.remove();
  });

  /** What the terminal gets of a daemon that negotiates twice with nobody. */
  async function shown(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const { port, nattPort } = await freePorts(EAST);
    const command = [
      ...[
        process.execPath,
        join(DIST, 'in.iked.js'),
        '-d',
        '--no-inspect',
        '--kernel',
        'embedded',
        '-R',
        scratch.folder,
      ],
      ...['-f', configFile(scratch.folder), '--policy', policyFile(scratch.folder), '--listen', EAST],
      ...['--port', String(port), '--natt-port', String(nattPort)],
    ];
    const { NO_COLOR: _, CI: __, ...inherited } = process.env;
    const terminal = spawn('script', ['-q', '-e', '-c', command.join(' '), '/dev/null'], {
      env: { ...inherited, TERM: 'xterm-256color', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    terminal.stdout.on('data', (part: Buffer) => (text += part.toString()));
    const closed = new Promise((resolve) => terminal.once('close', resolve));
    try {
      await eventually('it runs', 10, () => (text.includes('daemon: running') ? true : undefined));
      for (let times = 0; times < 2; times++)
        assert.equal((await ikeadm(scratch.folder, 'up', INSIDE_EAST, INSIDE_WEST)).status, 1);
    } finally {
      // The terminal's Ctrl-C.
      terminal.stdin.write('\u0003');
      await closed;
    }
    return text.split('\r\n');
  }

  function coloursOf(lines: readonly string[], negotiation: string): ReadonlySet<string> {
    const found = lines.filter((line) => line.includes(` ${negotiation} `));
    assert.ok(found.length > 1, `${negotiation} is in ${lines.join('\n')}`);
    return new Set(found.map((line) => line.split('m', 1)[0] ?? ''));
  }

  it('gives each negotiation a colour of its own, and everything else none', async () => {
    const lines = await shown({});
    const [first, second] = ['p1-1', 'p1-2'].map((negotiation) => coloursOf(lines, negotiation));
    assert.deepEqual([first?.size, second?.size], [1, 1], 'one colour each');
    assert.notDeepEqual(first, second);
    for (const line of lines.filter((candidate) => candidate.includes('daemon: ')))
      assert.match(line, /^(?:\^C)?\d\d:\d\d:\d\d\.\d{3} op /);
  });

  for (const [name, value] of [
    ['NO_COLOR', '1'],
    ['TERM', 'dumb'],
  ] as const) {
    it(`has none with ${name}=${value}`, async () => {
      const lines = await shown({ [name]: value });
      assert.deepEqual(
        lines.filter((line) => line.includes('\u001b')),
        [],
      );
      assert.ok(lines.some((line) => line.includes(' p1-1 ')));
    });
  }
});
