/** Whole runs of `ikeadm` in this process, against the real request handler; only the transport is left out. */
import assert from 'node:assert/strict';
import { runIkeadm, type Printed } from '../../../cli/ikeadm/run.js';
import type { World } from '../../../cli/ikeadm/session.js';
import { CMD, encodeError } from '../../../services/admin/door/heads.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import type { Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';
import { err, ok } from '../../../services/result.js';
import { phase1Sa, SimulatedAdministration } from '../../services/admin/simulated-administration.js';

const HOSTS: Readonly<Record<string, readonly Address[]>> = {
  alpha: ['192.0.2.1', '2001:db8::1'],
  beta: ['198.51.100.7', '2001:db8::7'],
};

function worldOf(
  admin: SimulatedAdministration | undefined,
  handle: (request: Bytes) => Promise<Bytes> = async (request) =>
    admin ? handleRequest(request, admin) : encodeError({ name: 'NO_OBJ' }),
): World {
  return {
    connect: () =>
      Promise.resolve(
        admin === undefined
          ? err({ operation: 'open', reason: 'No such file or directory', mend: 'Start it.' })
          : ok({ call: async (request: Bytes) => ok(await handle(request)), close: () => undefined }),
      ),
    names: {
      nameOf: (address) =>
        Promise.resolve(Object.entries(HOSTS).find(([, addresses]) => addresses.includes(address))?.[0]),
      addressesOf: (name) => Promise.resolve(HOSTS[name] ?? []),
    },
    now: () => 1_770_437_506,
    createDebugFile: (path) =>
      Promise.resolve(path === 'good' ? ok('/tmp/good') : err('open user-specified file: Permission denied')),
  };
}

function run(line: string, admin?: SimulatedAdministration): Promise<Printed> {
  return runIkeadm(line === '' ? [] : line.split(' '), () => worldOf(admin));
}

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
    ['set debug all bad', `ikeadm: open user-specified file: Permission denied\n${FATAL}`],
    ['set priv 3', `ikeadm: ERROR: Bad privilege flag: 3\n\n${FATAL}`],
    ['set priv 0 1', `ikeadm: Error: Too many arguments to "set priv"\n${FATAL}`],
    ['up 192.0.2.1', 'ikeadm: up needs a source and a destination address'],
    ['up 192.0.2.1 192.0.2.2 frob', 'ikeadm: ERROR: Unknown protocol frob;'],
    ['up 192.0.2.1 gamma', 'ikeadm: ERROR: Unknown address gamma.'],
    ['up 192.0.2.1 ::1', 'ikeadm: ERROR: The source and the destination are of different address families.'],
    ['', 'ikeadm: The interactive mode is not in this version yet'],
    ['get rule x', "ikeadm: 'get rule' is not in this version yet"],
    ['token login x', "ikeadm: 'token login' is not in this version yet"],
    ['dbg rbdump', "ikeadm: 'dbg rbdump' is not in this version yet"],
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

describe('ikeadm', () => {
  let admin: SimulatedAdministration;
  beforeEach(() => {
    admin = new SimulatedAdministration();
  });

  it('shows and sets the debug level', async () => {
    assert.equal(
      (await run('get debug', admin)).stdout,
      'Current debug level is 0x0\nNo debug categories enabled.\n',
    );
    assert.equal(
      (await run('set debug op+p1', admin)).stdout,
      'Successfully changed debug level from 0x0 to 0xc\nDebug categories enabled:\n\tOperational\n\tPhase 1 SA creation\n',
    );
    assert.equal(
      (await run('get debug', admin)).stdout,
      'Current debug level is 0xc\nDebug categories enabled:\n\tOperational\n\tPhase 1 SA creation\n',
    );
    assert.match(
      (await run('set debug 0x10 good', admin)).stdout,
      /^Successfully changed debug level from 0xc to 0x10\n/,
    );
    assert.equal(admin.debugFile, '/tmp/good');
    admin.setDebugResult = err({ name: 'NO_DESC' });
    const refusal = await run('set debug 0', admin);
    assert.deepEqual(
      [refusal.stderr, refusal.exit],
      ['ikeadm: error setting debug level: No destination provided\n', 1],
    );
    admin.setDebugResult = err({ name: 'SYS_ERR', errno: 13 });
    assert.equal(
      (await run('set debug 0 good', admin)).stderr,
      'ikeadm: error setting debug level: Permission denied\n',
    );
  });

  it('shows and lowers the privilege level', async () => {
    admin.level = 2;
    assert.equal(
      (await run('get priv', admin)).stdout,
      'Current privilege level is 0x2, access to keying material enabled\n',
    );
    assert.equal(
      (await run('set priv modkeys', admin)).stdout,
      'Successfully changed privilege level from 0x2 to 0x1\nNew privilege level 0x1 enables access to preshared key information\n',
    );
    const refusal = await run('set priv keymat', admin);
    assert.deepEqual(
      [refusal.stderr, refusal.exit],
      ['ikeadm: error setting privilege level: Not allowed at current privilege level\n', 1],
    );
  });

  it('dumps Phase 1 SAs, with names unless -n, with keys unless it may not', async () => {
    assert.equal((await run('dump p1', admin)).stdout, '\nCompleted dump of phase 1 SA info\n');
    admin
      .add(phase1Sa())
      .add(phase1Sa({ isInitiator: false, remote: { address: '203.0.113.9', port: 4500 } }));
    const named = await run('dump p1', admin);
    assert.match(
      named.stdout,
      /^\nIKESA: Cookies: Initiator 0x123456789abcdef {2}Responder 0xfedcba9876543210\n/,
    );
    assert.match(named.stdout, /\nLOCIP: AF_INET: port 500, 192\.0\.2\.1 \(alpha\)\.\n/);
    assert.match(named.stdout, /\nREMIP: AF_INET: port 4500, 203\.0\.113\.9 <unknown>\.\n/);
    assert.match(named.stdout, /\n\nIKESA: [^]*\n\nCompleted dump of phase 1 SA info\n$/);
    assert.equal(named.stdout.includes('KEY:'), false);
    assert.match((await run('-n dump p1', admin)).stdout, /\nLOCIP: AF_INET: port 500, 192\.0\.2\.1\.\n/);
    admin.level = 2;
    assert.match(
      (await run('dump p1', admin)).stdout,
      /\nKEY: {3}SKEYID \(20 bytes\): 0011[0-9a-f]{36}\/160\n/,
    );
    assert.match((await run('-p dump p1', admin)).stdout, /\nKEY: {3}SKEYID \(20 bytes\): (XX){20}\/160\n/);
  });

  it('gets and deletes one Phase 1 SA', async () => {
    admin.add(phase1Sa());
    const expected = (await run('get p1 192.0.2.1 198.51.100.7', admin)).stdout;
    assert.match(expected, /^\nIKESA: [^]*REMID: 198\.51\.100\.7\/32\n$/);
    for (const line of [
      'get p1 alpha beta',
      'get p1 0x123456789abcdef 0xfedcba9876543210',
      'get p1 0x123456789abcdef 18364758544493064720',
    ]) {
      assert.equal((await run(line, admin)).stdout, expected, line);
    }
    assert.deepEqual(await run('get p1 192.0.2.1 192.0.2.2', admin), {
      stdout: '',
      stderr: 'ikeadm: Could not find requested phase 1 SA.\n',
      exit: 0,
    });
    const deleted = { stdout: '', stderr: 'ikeadm: Successfully deleted selected phase 1 SA.\n', exit: 0 };
    assert.deepEqual(await run('del p1 alpha beta', admin), deleted);
    assert.equal(
      (await run('del p1 alpha beta', admin)).stderr,
      'ikeadm: Could not find requested phase 1 SA.\n',
    );
  });

  it('flushes Phase 1 SAs', async () => {
    admin.add(phase1Sa());
    assert.deepEqual(await run('flush p1', admin), {
      stdout: '',
      stderr: 'ikeadm: Successfully flushed P1 SAs.\n',
      exit: 0,
    });
    assert.equal(admin.sas.size, 0);
  });

  it('lists algorithms', async () => {
    const title = 'The values match the IPsec attribute assigned numbers published by IANA';
    assert.equal(
      (await run('dump groups', admin)).stdout,
      [
        '',
        'List of Diffie-Hellman groups for setting up IKE SAs',
        title,
        '',
        `Value Strength Description${' '.repeat(39)}`,
        `2     77       1024-bit MODP (group 2)${' '.repeat(27)}`,
        `14    110      2048-bit MODP (group 14)${' '.repeat(26)}`,
        '',
        'Completed dump of groups',
        '',
      ].join('\n'),
    );
    assert.equal(
      (await run('dump encralgs', admin)).stdout,
      [
        '',
        'List of encryption algorithms for IKE',
        title,
        '',
        'Value Name                Keylen range   ',
        '5     3des-cbc            N/A            ',
        '7     aes-cbc             128-256        ',
        '',
        'Completed dump of encralgs',
        '',
      ].join('\n'),
    );
    assert.equal(
      (await run('dump authalgs', admin)).stdout,
      [
        '',
        'List of authentication algorithms for IKE',
        title,
        '',
        'Value Name                ',
        '2     hmac-sha1           ',
        '4     hmac-sha256         ',
        '',
        'Completed dump of authalgs',
        '',
      ].join('\n'),
    );
  });

  it('prints the header of a list before the daemon refuses it', async () => {
    const refusing = worldOf(admin, () => Promise.resolve(encodeError({ name: 'CMD_NOTSUP' })));
    const { stdout, stderr, exit } = await runIkeadm(['dump', 'groups'], () => refusing);
    assert.match(stdout, /\nValue Strength Description +\n$/);
    assert.deepEqual([stderr, exit], ['ikeadm: error getting groups: Unknown command\n', 1]);
  });

  it('negotiates on demand and exits by the outcome', async () => {
    const good = await run('up alpha beta tcp', admin);
    assert.deepEqual(admin.asked, [{ source: '192.0.2.1', destination: '198.51.100.7', protocol: 6 }]);
    assert.match(good.stdout, /^established: ESP SPIs 0x00001234 \/ 0xdeadbeef, .* \(34 ms\)\n$/);
    assert.equal(good.exit, 0);
    admin.outcome = () =>
      Promise.resolve({
        outcome: 'failed',
        failure: {
          code: 'peer-silent',
          exchange: 'Main Mode',
          message: 1,
          blame: 'network',
          wire: { answer: 'silence' },
          explanation: '198.51.100.7 did not answer.',
          hint: 'Is UDP 500 open?',
        },
      });
    assert.deepEqual(await run('up 192.0.2.1 198.51.100.7', admin), {
      stdout: '',
      stderr:
        'ikeadm: failed in Main Mode, message 1: 198.51.100.7 did not answer.\nhint: Is UDP 500 open?\n',
      exit: 1,
    });
    const json = await run('-j up 192.0.2.1 198.51.100.7', admin);
    assert.deepEqual(JSON.parse(json.stdout), {
      outcome: 'failed',
      failure: {
        code: 'peer-silent',
        blame: 'network',
        exchange: 'Main Mode',
        message: 1,
        explanation: '198.51.100.7 did not answer.',
        hint: 'Is UDP 500 open?',
      },
    });
    assert.equal(json.exit, 1);
  });

  it('says that a reply cannot be read', async () => {
    const short = worldOf(admin, (request) => Promise.resolve(request.subarray(0, CMD.size)));
    for (const line of [
      'dump p1',
      'dump groups',
      'get p1 alpha beta',
      'get stats',
      'get defaults',
      'get debug',
      'get priv',
      'set priv 0',
      'set debug 0',
      'set debug 0 good',
      'up alpha beta',
    ]) {
      const { stderr, exit } = await runIkeadm(line.split(' '), () => short);
      assert.match(stderr, /the reply of in\.iked cannot be read/, line);
      assert.equal(exit, 1, line);
    }
  });

  it('stops a dump that goes round in a circle', async () => {
    admin.add(phase1Sa()).add(phase1Sa());
    const circling = worldOf(admin, async (request) => {
      const reply = await handleRequest(request, admin);
      reply.set([1], 8);
      return reply;
    });
    const { stderr, exit } = await runIkeadm(['dump', 'p1'], () => circling);
    assert.match(stderr, /go round in a circle/);
    assert.equal(exit, 1);
  });
});

describe('ikeadm -j', () => {
  const admin = new SimulatedAdministration().add(phase1Sa());
  admin.level = 2;

  for (const line of [
    ...['get debug', 'get priv', 'get stats', 'get defaults', 'dump p1', 'get p1 alpha beta', 'dump groups'],
    ...[
      'dump encralgs',
      'dump authalgs',
      'set debug all',
      'set priv 2',
      'up alpha beta',
      'help',
      'del p1 ::1 ::2',
    ],
    ...['exit', 'get', 'frob', 'get p1 x', 'get rule x', 'del p1 alpha beta', 'flush p1'],
  ]) {
    it(`prints one document for "${line}" and the same exit code`, async () => {
      const before = [...admin.sas];
      const plain = await run(line, admin);
      for (const [serial, sa] of before) admin.sas.set(serial, sa);
      const json = await run(`-j ${line}`, admin);
      for (const [serial, sa] of before) admin.sas.set(serial, sa);
      assert.equal(typeof JSON.parse(json.stdout), 'object');
      assert.deepEqual([json.stderr, json.exit], ['', plain.exit]);
    });
  }

  it('gives Phase 1 SAs as a list', async () => {
    const [sa, ...more] = JSON.parse((await run('-jp dump p1', admin)).stdout) as Record<string, unknown>[];
    assert.deepEqual(more, []);
    assert.equal(sa?.['initiatorCookie'], '0x0123456789abcdef');
    assert.equal(sa['state'], 'ACTIVE');
    assert.deepEqual(sa['local'], { address: '192.0.2.1', port: 500 });
    assert.deepEqual(sa['keys'], [{ type: 'SKEYID', key: `${'XX'.repeat(20)}/160` }]);
  });

  it('gives errors as {"error": ...}', async () => {
    const missing: unknown = JSON.parse((await run('-j get p1 192.0.2.1 192.0.2.2', admin)).stdout);
    assert.deepEqual(missing, {
      error: { message: 'Could not find requested phase 1 SA.', door: { name: 'NO_OBJ', code: 1 } },
    });
    const down: unknown = JSON.parse((await run('-j dump p1')).stdout);
    assert.deepEqual(down, {
      error: {
        message: 'open_door failed: No such file or directory',
        details: ['Unable to communicate with in.iked', 'Start it.'],
      },
    });
  });
});
