/** `in.iked -c`, as a shell sees it. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attempt, type Ended } from '../../interop/lab/shell.js';
import { DIST } from './daemon-process.js';
import { makeScratch } from './scratch.js';

const FIXTURES = fileURLToPath(new URL('../../services/config/fixtures/', import.meta.url));

function fixture(name: string): string {
  return join(FIXTURES, `${name}.config`);
}

function check(...args: readonly string[]): Promise<Ended> {
  return attempt(process.execPath, [join(DIST, 'in.iked.js'), '-c', ...args]);
}

describe('in.iked -c', () => {
  const scratch = makeScratch();
  after(() => {
    scratch.remove();
  });

  const GOOD = [
    { name: 'two-hosts', rules: '1 rule', notes: 0, weak: 1 },
    { name: 'certificate-gateway', rules: '2 rules', notes: 4, weak: 0 },
    { name: 'inherited-defaults', rules: '3 rules', notes: 2, weak: 5 },
  ] as const;
  for (const { name, rules, notes, weak } of GOOD) {
    it(`accepts ${name}, with a note for each certificate that is not there, and a warning for what is weak`, async () => {
      const file = fixture(name);
      const { status, stdout, stderr } = await check('-f', file);
      assert.deepEqual([status, stderr], [0, '']);
      const lines = stdout.trimEnd().split('\n');
      assert.equal(lines.pop(), `${file}: ${rules}, no errors`);
      const warnings = lines.filter((line) => line.includes(': warning: '));
      assert.deepEqual([lines.length - warnings.length, warnings.length], [notes, weak], stdout);
      for (const line of warnings)
        assert.match(line.slice(file.length), /^:\d+:\d+: warning: rule "[^"]+": .+; use /);
      for (const line of lines.filter((one) => !warnings.includes(one))) {
        assert.ok(line.startsWith(`${file}:`), line);
        assert.match(line.slice(file.length), /^(:\d+:\d+)?: note: .+ selects no certificate/);
      }
    });
  }

  it('looks at the policy file that is named: its mistakes count, what is weak is told', async () => {
    const policy = join(scratch.folder, 'policy');
    const entry = '{ laddr 10.1.0.0/16 raddr 10.2.0.0/16 } ipsec { encr_algs des encr_auth_algs sha1 }\n';
    writeFileSync(policy, entry);
    const weak = await check('-f', fixture('two-hosts'), '--policy', policy);
    assert.equal(weak.status, 0, weak.stderr);
    assert.ok(weak.stdout.includes(`${policy}:1:1: warning: DES `), weak.stdout);
    const lost = await check('-f', fixture('two-hosts'), '--policy', policy, '--kernel', 'embedded');
    assert.ok(lost.stdout.includes(`${policy}:1: warning: packets of ESP with des are dropped`), lost.stdout);
    writeFileSync(policy, entry.replace('des', 'rot13'));
    const wrong = await check('-f', fixture('two-hosts'), '--policy', policy);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /policy:1:\d+: `rot13` is no ESP cipher/);
    const missing = await check('-f', fixture('two-hosts'), '--policy', join(scratch.folder, 'nowhere'));
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /nowhere/);
  });

  it('warns of Aggressive Mode once', async () => {
    const file = join(scratch.folder, 'aggressive');
    writeFileSync(
      file,
      '{ label "a" local_addr 192.0.2.1 remote_addr 192.0.2.2 ike_mode aggressive\n' +
        'p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes } }\n',
    );
    const { stdout } = await check('-f', file, '-R', scratch.folder);
    assert.equal(stdout.match(/Aggressive Mode/g)?.length, 1, stdout);
  });

  it('lists each of five mistakes with its position, and exits 1', async () => {
    const file = fixture('five-mistakes');
    const { status, stdout, stderr } = await check('-f', file);
    assert.deepEqual([status, stdout], [1, '']);
    const positions = stderr
      .trimEnd()
      .split('\n')
      .map((line) => /^(?<file>.+?):(?<position>\d+:\d+): .+; (?:expected|did you mean) /.exec(line)?.groups);
    assert.deepEqual(
      positions.map((groups) => [groups?.file, groups?.position]),
      ['2:14', '6:17', '7:81', '12:5', '19:5'].map((position) => [file, position]),
      stderr,
    );
  });

  it('exits 95 under a service manager', async () => {
    const { status } = await attempt('env', [
      'SMF_FMRI=svc:/network/ipsec/ike:default',
      ...[process.execPath, join(DIST, 'in.iked.js'), '-c', '-f', fixture('five-mistakes')],
    ]);
    assert.equal(status, 95);
  });

  it('warns of a weak key by its line, never by itself, and still exits 0', async () => {
    const inet = join(scratch.folder, 'etc/inet');
    mkdirSync(join(inet, 'ike'), { recursive: true });
    mkdirSync(join(inet, 'secret'));
    copyFileSync(fixture('two-hosts'), join(inet, 'ike/config'));
    const secret = join(inet, 'secret/ike.preshared');
    const key = Buffer.from('letmein').toString('hex');
    writeFileSync(secret, `{ localid 192.0.2.65 remoteid 192.0.2.66 key ${key} }\n`, { mode: 0o600 });
    const { status, stdout, stderr } = await check('-R', scratch.folder);
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(stdout.includes(`${secret}:1:1: warning: the key is a word that is tried first`), stdout);
    assert.ok(!stdout.includes(key) && !stdout.includes('letmein'), stdout);
    chmodSync(secret, 0o644);
    assert.match((await check('-R', scratch.folder)).stdout, /keys were not checked: .* chmod 0600/);
  });

  it('reads the file below the root', async () => {
    const { status, stderr } = await check('-R', '/nowhere/at/all');
    assert.deepEqual(
      [status, stderr],
      [
        1,
        'in.iked: /nowhere/at/all/etc/inet/ike/config does not exist: make it, or name another file or root (-f, -R).\n',
      ],
    );
  });
});
