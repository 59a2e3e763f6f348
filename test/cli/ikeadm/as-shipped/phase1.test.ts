/** The command as it ships: Phase 1 SAs of a tunnel between two daemons. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EAST,
  INSIDE_EAST,
  INSIDE_WEST,
  startGateways,
  WEST,
  type Gateways,
} from '../../in.iked/gateways.js';
import { eventually } from '../../../interop/lab/shell.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

const scratch = makeScratch();

describe('ikeadm as it ships, Phase 1 SAs', () => {
  let gateways: Gateways;
  const east = (...words: readonly string[]): Promise<Ran> => ikeadm(['-R', gateways.east.root, ...words]);

  async function up(): Promise<void> {
    const { status, stderr } = await east('up', INSIDE_EAST, INSIDE_WEST);
    assert.equal(status, 0, stderr);
  }

  before(async () => {
    // A peer that does not answer is looked at after a second.
    gateways = await startGateways(scratch.folder, {
      globals: 'p1_lifetime_secs 7200\ndpd_interval_secs 1\n',
    });
  });
  beforeEach(async () => {
    await east('flush', 'p1');
    await up();
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  function block(role: 'initiator' | 'responder', suffix: string): string {
    const { port } = gateways.ports;
    const [local, remote] = role === 'initiator' ? ['Initiator', 'Responder'] : ['Responder', 'Initiator'];
    const [here, there] = role === 'initiator' ? [EAST, WEST] : [WEST, EAST];
    const time = '\\w{3} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}';
    return [
      '',
      'IKESA: Cookies: Initiator 0x[1-9a-f][0-9a-f]*  Responder 0x[1-9a-f][0-9a-f]*',
      `IKESA: The local host is the ${role}\\.`,
      'IKESA: ISAKMP version 1\\.0; main mode \\(identity protect\\) exchange',
      'IKESA: Current state is ACTIVE',
      'IKESA: Dead Peer Detection \\(RFC 3706\\) enabled',
      'XFORM: Authentication method: pre-shared key',
      'XFORM: Encryption alg: aes-cbc\\(128\\); Authentication alg: hmac-sha1',
      'XFORM: Oakley Group: 2048-bit MODP \\(group 14\\)',
      'XFORM: Phase 2 PFS is not used',
      `LOCIP: Address \\(${local}\\):`,
      `LOCIP: AF_INET: port ${String(port)}, ${here}${suffix}\\.`,
      `REMIP: Address \\(${remote}\\):`,
      `REMIP: AF_INET: port ${String(port)}, ${there}${suffix}\\.`,
      'LIFTM: Lifetime limits:',
      'LIFTM: 7200 seconds \\(2\\.00 hours\\); 0 kbytes protected',
      'LIFTM: keying material for IPsec SAs can be provided 0 times \\(no limit\\)',
      'LIFTM: Current usage:',
      `LIFTM: SA was created at ${time}`,
      'LIFTM: 0 kbytes protected',
      'LIFTM: keying material for IPsec SAs provided 1 times',
      'LIFTM: Expiration info:',
      'LIFTM: SA expires in 7\\d{3} seconds \\([12]\\.\\d\\d hours?\\)',
      `LIFTM: Time of expiration: ${time}`,
      'STATS: 2 Quick Mode SAs created; 0 Quick Mode SAs deleted',
      'ERRS:  0 RX errors: 0 decryption, 0 hash, 0 other',
      'ERRS:  0 TX errors',
      `LOCID: ${local} identity, uid=0, type prefix`,
      `LOCID: ${here}/32`,
      `REMID: ${remote} identity, uid=0, type prefix`,
      `REMID: ${there}/32`,
      '',
    ].join('\\n');
  }
  const KEYS =
    '(KEY:   (SKEYID|SKEYID_d|SKEYID_a|SKEYID_e|Pre-shared key|Encryption key|Initialization vector) \\(\\d+ bytes\\): DIGITS/\\d+\\n)+';

  it('dumps them, each in a block of tagged lines, with its keys at privilege keymat', async () => {
    const { stdout, stderr, status } = await east('-n', 'dump', 'p1');
    const keys = KEYS.replace('DIGITS', '([0-9a-f]{2})+');
    assert.match(
      stdout,
      new RegExp(`^${block('initiator', '')}${keys}\\nCompleted dump of phase 1 SA info\\n$`),
    );
    assert.deepEqual([stderr, status], ['', 0]);
  });

  it('shows them from the other end, with XX in place of key bytes for -p', async () => {
    const { stdout } = await ikeadm(['-R', gateways.west.root, '-np', 'dump', 'p1']);
    assert.match(
      stdout,
      new RegExp(
        `${block('responder', '')}${KEYS.replace('DIGITS', '(XX)+')}\\nCompleted dump of phase 1 SA info\\n$`,
      ),
    );
  });

  it('prints a name or <unknown> behind addresses, unless -n', async () => {
    const { stdout } = await east('dump', 'p1');
    assert.match(stdout, new RegExp(block('initiator', ' (?:\\(\\S+\\)|<unknown>)')));
  });

  it('gets one by its addresses, by a host name, and by its cookies in any C notation', async () => {
    const byAddresses = (await east('-n', 'get', 'p1', EAST, WEST)).stdout;
    assert.match(byAddresses, new RegExp(`^${block('initiator', '')}`));
    assert.doesNotMatch(byAddresses, /Completed/);
    const [, initiator = '', responder = ''] =
      /Initiator (0x[0-9a-f]+) {2}Responder (0x[0-9a-f]+)/.exec(byAddresses) ?? [];
    const cookies = /Cookies: .*/.exec(byAddresses)?.[0] ?? '';
    for (const id of [
      [initiator, responder],
      [initiator, BigInt(responder).toString()],
      [initiator.replace('0x', '0x0'), `0${BigInt(responder).toString(8)}`],
    ]) {
      assert.ok((await east('-n', 'get', 'p1', ...id)).stdout.includes(cookies), id.join(' '));
    }
    // The hosts file of every system has this name.
    assert.ok((await east('get', 'p1', 'localhost', WEST)).stdout.includes(cookies));
    assert.ok((await east('-n', 'get', 'p1', EAST, WEST, 'surplus')).stdout.includes(cookies));
  });

  it('asks for the first local address of a name with every remote one, and gets and deletes what is there', async () => {
    const hosts = {
      'here.example': ['2001:db8::9', EAST],
      'elsewhere.example': ['127.0.0.9', EAST],
      'there.example': ['127.0.0.8', WEST, '2001:db8::8', '127.0.0.7'],
      'old.example': ['127.0.0.8', WEST],
    };
    const named = (...words: readonly string[]): Promise<Ran> =>
      ikeadm(['-R', gateways.east.root, ...words], { hosts });
    const missing = 'ikeadm: Could not find requested phase 1 SA.\n';
    const found = await named('get', 'p1', EAST, 'there.example');
    assert.match(found.stdout, new RegExp(`^${block('initiator', ' (?:\\(\\S+\\)|<unknown>)')}`));
    assert.deepEqual([found.stdout.match(/IKESA: Cookies/g)?.length, found.stderr], [1, '']);
    const other = await named('get', 'p1', 'elsewhere.example', 'there.example');
    assert.deepEqual(other, { stdout: '', stderr: missing, status: 0 });
    assert.deepEqual(await named('del', 'p1', 'here.example', 'old.example'), {
      stdout: '',
      stderr: 'ikeadm: Successfully deleted selected phase 1 SA.\n',
      status: 0,
    });
  });

  it('deletes one, and says so on stderr', async () => {
    const gone = { stdout: '', stderr: 'ikeadm: Successfully deleted selected phase 1 SA.\n', status: 0 };
    assert.deepEqual(await east('del', 'p1', EAST, WEST), gone);
    assert.equal((await east('dump', 'p1')).stdout, '\nCompleted dump of phase 1 SA info\n');
    assert.deepEqual(await east('get', 'p1', EAST, WEST), {
      stdout: '',
      stderr: 'ikeadm: Could not find requested phase 1 SA.\n',
      status: 0,
    });
  });

  it('tells that a silent peer is asked whether it lives, and when it has answered', async () => {
    const handshake = async (): Promise<string | undefined> =>
      /^IKESA: Dead Peer Detection handshake (.*)$/m.exec((await east('-n', 'dump', 'p1')).stdout)?.[1];
    gateways.west.daemon.signal('SIGSTOP');
    try {
      const asked = await eventually('the peer is asked', 10, async () => {
        await east('packet', 'send', INSIDE_EAST, INSIDE_WEST);
        return handshake();
      });
      assert.equal(asked, 'is in progress. ');
    } finally {
      gateways.west.daemon.signal('SIGCONT');
    }
    const answered = await eventually('the peer has answered', 10, async () => {
      const text = await handshake();
      return text?.startsWith('is in progress') === true ? undefined : text;
    });
    assert.match(answered, /^was successful at {2}\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
  });

  it('shows what is being negotiated by what was sent last', async function () {
    this.timeout(90_000);
    const comesTo = async (root: string, state: string): Promise<void> => {
      let last = '';
      await eventually(state, 25, async () => {
        last = (await ikeadm(['-R', root, '-n', 'dump', 'p1'])).stdout;
        return last.includes(`\nIKESA: Current state is ${state}\n`) ? true : undefined;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}; but:\n${last}`);
      });
    };
    const [eastRoot, westRoot] = [gateways.east.root, gateways.west.root];
    const file = join(westRoot, 'etc/inet/secret/ike.preshared');
    const right = readFileSync(file, 'utf8');
    // West is never without a key, and hears nothing of what east begins by itself meanwhile.
    writeFileSync(file, `{ localid ${WEST} remoteid ${EAST} key ${'ab'.repeat(24)} }\n`);
    await ikeadm(['-R', westRoot, 'read', 'preshared']);
    writeFileSync(file, right);
    gateways.west.daemon.signal('SIGSTOP');
    await east('flush', 'p1');
    const going = east('up', INSIDE_EAST, INSIDE_WEST);
    try {
      await comesTo(eastRoot, 'SENT FIRST MSG (SA)');
    } finally {
      gateways.west.daemon.signal('SIGCONT');
    }
    // West understands nothing of the proof, and says nothing: an end that is no peer must not be able to end it.
    await comesTo(eastRoot, 'SENT FINAL MSG');
    await comesTo(westRoot, 'SENT SECOND MSG (KE)');
    await ikeadm(['-R', westRoot, 'read', 'preshared']);
    await east('flush', 'p1');
    assert.equal((await going).status, 1);
  });

  it('flushes all, and says so on stderr', async () => {
    assert.deepEqual(await east('flush', 'p1'), {
      stdout: '',
      stderr: 'ikeadm: Successfully flushed P1 SAs.\n',
      status: 0,
    });
    assert.equal((await east('dump', 'p1')).stdout, '\nCompleted dump of phase 1 SA info\n');
  });

  it('counts what was current, made, attempted', async () => {
    const { stdout } = await east('get', 'stats');
    assert.match(stdout, /^Current: {3}initiator: {10}1 {3}responder: {10}0$/m);
    assert.match(stdout, /^Total: {5}initiator: {9}[ \d]\d {3}responder: {10}0$/m);
  });

  it('shows no keys below keymat', async () => {
    const { root } = gateways.west;
    await ikeadm(['-R', root, 'set', 'priv', 'modkeys']);
    await eventually('west has an SA', 10, async () => {
      const { stdout } = await ikeadm(['-R', root, '-n', 'dump', 'p1']);
      return stdout.includes('ACTIVE') ? true : undefined;
    });
    assert.doesNotMatch((await ikeadm(['-R', root, '-n', 'dump', 'p1'])).stdout, /^KEY:/m);
    assert.doesNotMatch((await ikeadm(['-R', root, '-n', 'get', 'p1', WEST, EAST])).stdout, /^KEY:/m);
  });
});
