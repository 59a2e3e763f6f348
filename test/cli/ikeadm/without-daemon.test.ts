/** What `ikeadm` does when no daemon answers, and with command lines that are wrong. */
import assert from 'node:assert/strict';
import { run } from './simulated-world.js';

const FATAL = 'Fatal error - exiting.\n';

describe('ikeadm without a daemon', () => {
  it('says so, how to mend it, and exits 1', async () => {
    for (const line of [
      'dump p1',
      'get stats',
      'flush p1',
      'set debug all',
      'get p1 192.0.2.1 192.0.2.2',
      'up 192.0.2.1 192.0.2.2',
    ]) {
      const { stderr, exit } = await run(line);
      assert.deepEqual(
        [stderr, exit],
        [
          `Unable to communicate with in.iked\nStart it.\nikeadm: open_door failed: No such file or directory\n${FATAL}`,
          1,
        ],
        line,
      );
    }
  });

  it('prints help', async () => {
    for (const line of ['-h', 'help']) {
      const { stdout, stderr, exit } = await run(line);
      assert.match(
        stdout,
        /^Valid commands and objects:\n\tget {3}debug\|priv\|stats\|p1\|rule\|preshared\|defaults \[identifier\]\n/,
      );
      assert.deepEqual([stderr, exit], ['', 0]);
    }
    assert.match((await run('help dump')).stdout, /\tencralgs {3}ciphers of Phase 1\n/);
    assert.match((await run('dump p1 surplus')).stdout, /^Shows all of one kind\./);
    assert.equal((await run('get stats surplus')).exit, 0);
  });

  const WRONG: readonly (readonly [line: string, stderr: string])[] = [
    [
      'frob',
      "ikeadm: Unrecognized command 'frob'\nUsage:\tikeadm [ -hnp ] cmd obj [cmd-specific options]\n      \tikeadm help\n",
    ],
    ['Get stats', "ikeadm: Unrecognized command 'Get'\nUsage:"],
    ['get certcache', "ikeadm: Unrecognized object 'certcache'\nUsage:"],
    ['get', 'Usage:\tikeadm'],
    ['help frob', "ikeadm: Unrecognized command 'frob'\nUsage:"],
    ['-x', 'ikeadm: illegal option -- x\nUsage:'],
    ['get p1', `ikeadm: Error: not enough identification info\n${FATAL}`],
    ['del p1 192.0.2.1', `ikeadm: ERROR: invalid phase 1 SA identification\n\n${FATAL}`],
    [
      'get p1 gamma beta',
      `ikeadm: Unknown address gamma.\nikeadm: ERROR: invalid phase 1 SA identification\n\n${FATAL}`,
    ],
    ['-n get p1 192.0.2.1 beta', 'ikeadm: Unknown address beta.\n'],
    ['get p1 192.0.2.1 ::1', 'ikeadm: The two addresses are of different families.\n'],
    ['get p1 0x10000000000000000 1', 'ikeadm: failed to parse cookie 0x10000000000000000.\n'],
    ['set debug', `ikeadm: Error: unspecified level\n${FATAL}`],
    ['set debug frob', `ikeadm: ERROR: Bad debug flag: frob\n\n${FATAL}`],
    ['set debug all a b', `ikeadm: Error: Too many arguments to "set debug"\n${FATAL}`],
    ['set priv 3', `ikeadm: ERROR: Bad privilege flag: 3\n\n${FATAL}`],
    ['set priv 0 1', `ikeadm: Error: Too many arguments to "set priv"\n${FATAL}`],
    ['up 192.0.2.1', 'ikeadm: up needs a source and a destination address'],
    ['up 192.0.2.1 192.0.2.2 frob', 'ikeadm: ERROR: Unknown protocol frob;'],
    ['up 192.0.2.1 gamma', 'ikeadm: ERROR: Unknown address gamma.'],
    ['up 192.0.2.1 ::1', 'ikeadm: ERROR: The source and the destination are of different address families.'],
  ];
  for (const [line, start] of WRONG) {
    it(`refuses "${line}"`, async () => {
      const { stdout, stderr, exit } = await run(line);
      assert.equal(stderr.slice(0, start.length), start);
      assert.deepEqual([stdout, exit], ['', 1]);
    });
  }

  it('ends on exit and quit', async () => {
    for (const line of ['exit', 'quit'])
      assert.deepEqual(await run(line), { stdout: '', stderr: '', exit: 0 });
  });
});
