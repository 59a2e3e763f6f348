/** Whole runs of `ikeadm` in this process, against the real request handler; only the transport is left out. */
import assert from 'node:assert/strict';
import { CMD, encodeError } from '../../../services/admin/door/heads.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import { err, ok } from '../../../services/result.js';
import { phase1Sa, SimulatedAdministration } from '../../services/admin/simulated-administration.js';
import { run, runIn, worldOf } from './simulated-world.js';

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
    admin.setDebugResult = err({ name: 'NO_DESC' });
    const refusal = await run('set debug 0', admin);
    assert.deepEqual(
      [refusal.stderr, refusal.exit],
      ['ikeadm: error setting debug level: No destination provided\n', 1],
    );
    admin.setDebugResult = err({ name: 'SYS_ERR', errno: 13 });
    assert.equal(
      (await run('set debug 0', admin)).stderr,
      'ikeadm: error setting debug level: Permission denied\n',
    );
  });

  it('passes no file to a daemon that does not know whether it takes any, and says so to a stranger', async () => {
    for (const [answer, says] of [
      ['CMD_INVALID', /^ikeadm: error setting debug level: No destination provided\nThis door cannot pass/],
      ['NO_AUTH', /^ikeadm: error setting debug level: User not authorized\n$/],
    ] as const) {
      const asked: number[] = [];
      const world = worldOf(admin, {
        connect: () =>
          Promise.resolve(
            ok({
              passesFiles: true,
              call: (request: Uint8Array) => {
                asked.push(CMD.read(request)?.number('cmd') ?? -1);
                return Promise.resolve(ok(encodeError({ name: answer })));
              },
              close: () => undefined,
            }),
          ),
      });
      const { stderr, exit } = await runIn(world, ['set', 'debug', 'all', '/nonexistent/log']);
      assert.match(stderr, says);
      assert.equal(exit, 1);
      assert.deepEqual(asked, [OWN_SERVICE.ABOUT_DOOR]);
    }
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
    const refusing = worldOf(admin, { handle: () => Promise.resolve(encodeError({ name: 'CMD_NOTSUP' })) });
    const { stdout, stderr, exit } = await runIn(refusing, ['dump', 'groups']);
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
    const short = worldOf(admin, { handle: (request) => Promise.resolve(request.subarray(0, CMD.size)) });
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
      'up alpha beta',
    ]) {
      const { stderr, exit } = await runIn(short, line.split(' '));
      assert.match(stderr, /the reply of in\.iked cannot be read/, line);
      assert.equal(exit, 1, line);
    }
  });

  it('stops a dump that goes round in a circle', async () => {
    admin.add(phase1Sa()).add(phase1Sa());
    const circling = worldOf(admin, {
      async handle(request) {
        const reply = await handleRequest(ownCall(request), admin);
        reply.set([1], 8);
        return reply;
      },
    });
    const { stderr, exit } = await runIn(circling, ['dump', 'p1']);
    assert.match(stderr, /go round in a circle/);
    assert.equal(exit, 1);
  });
});
