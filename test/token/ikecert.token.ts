/** `ikecert`, as it ships, with a token of SoftHSM: what is made, copied, linked and removed there and here, and what is refused. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { isSignedBy } from '../../adapters/crypto/x509-signature.js';
import { parseCertificate } from '../../services/certs/certificate.js';
import { type Databases, databasesBelow, derOf } from '../cli/ikecert/databases.js';
import { DIST } from '../cli/in.iked/daemon-process.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { LABEL, type Mood, PIN, softToken, type SoftToken } from './soft-token.js';

interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

describe('ikecert with a PKCS#11 token', function () {
  this.timeout(60_000);
  let token: SoftToken;
  let scratch: Scratch;
  let databases: Databases;
  /** What was on the token when it was last looked at, and nothing has been done since. */
  let known: readonly string[] | undefined;
  const environment = { ...process.env };

  beforeEach(() => {
    token = softToken();
    Object.assign(process.env, token.env);
    scratch = makeScratch();
    databases = databasesBelow(scratch.folder);
    configure(token.library);
    known = undefined;
  });
  afterEach(() => {
    token.remove();
    scratch.remove();
    process.env = environment;
  });

  function configure(library: string): void {
    mkdirSync(join(scratch.folder, 'etc/inet/ike'), { recursive: true });
    writeFileSync(join(scratch.folder, 'etc/inet/ike/config'), `pkcs11_path "${library}"\n`);
  }

  /** Without a terminal, wherever the tests run. */
  async function run(args: readonly string[], input: string | Uint8Array = `${PIN}\n`): Promise<Ran> {
    const child = spawn(process.execPath, [join(DIST, 'ikecert.js'), '-R', scratch.folder, ...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([
      buffer(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    assert.ok(!stderr.includes(PIN) && !stdout.includes(PIN), 'the PIN is printed');
    return { status: child.exitCode, stdout, stderr };
  }

  async function succeed(args: readonly string[], input?: string | Uint8Array): Promise<Ran> {
    const ran = await run(args, input);
    known = undefined;
    assert.equal(ran.status, 0, ran.stderr);
    return ran;
  }

  /** Nothing changes, neither here nor on the token. */
  async function refuse(
    args: readonly string[],
    message: RegExp,
    input?: string | Uint8Array,
  ): Promise<void> {
    known ??= await objects();
    const before = [databases.picture(), known];
    const ran = await run(args, input);
    assert.match(ran.stderr, message);
    assert.deepEqual([ran.status, ran.stdout.toString()], [1, '']);
    assert.deepEqual([databases.picture(), await objects()], before);
  }

  /** What `-L` finds of either kind with a pattern that fits nothing: the list of objects in its refusal. */
  async function objects(): Promise<readonly string[]> {
    const library = readFileSync(join(scratch.folder, 'etc/inet/ike/config'), 'utf8');
    configure(token.library);
    const lists: string[] = [];
    // One after the other: SoftHSM writes the flags of its token at each login, and two at once disturb each other.
    for (const program of ['certlocal', 'certdb']) {
      const { stderr } = await run([program, '-L', '-T', LABEL, 'no such thing']);
      lists.push(/there is (.+)\.\n$/.exec(stderr)?.[1] ?? stderr);
    }
    writeFileSync(join(scratch.folder, 'etc/inet/ike/config'), library);
    return lists;
  }

  const generate = (kind: '-ks' | '-kc', type: string, ...more: readonly string[]): readonly string[] => [
    ...['certlocal', kind, '-m', '1024', '-t', type, '-D', 'C=US, CN=gw', '-A', 'DNS=gw.example'],
    ...['-T', LABEL, ...more],
  ];
  const file = (directory: string, slot: string): string => readFileSync(join(directory, slot), 'utf8');
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  const idOf = (reference: string): string => /^id: (.+)$/m.exec(reference)?.[1] ?? '';

  it('tokens lists the labels in quotes, padded to 32, under the name of the library, and drops what follows', async () => {
    const expected = `Available tokens with library "${token.library}":\n\n"${LABEL.padEnd(32)}"\n`;
    for (const words of [['tokens'], ['tokens', '-z', 'x'], ['certlocal', '-X']])
      assert.equal((await succeed(words)).stdout.toString(), expected);
  });

  for (const type of ['rsa-sha1', 'rsa-md5', 'rsa-sha256', 'rsa-sha512', 'dsa-sha1'])
    it(`certlocal -ks -T makes ${type} on the token, and references stand for key and certificate`, async () => {
      const { stdout, stderr } = await succeed(generate('-ks', type));
      assert.equal(
        stderr,
        'Generating, please wait...\nCertificate generated.\nCertificate added to database.\n',
      );
      const certificate = parseCertificate(derOf(stdout));
      assert.ok(certificate.ok && isSignedBy(certificate.value.publicKey, certificate.value));
      const key = file(databases.keys, '0');
      assert.match(
        key,
        /^# PKCS#11 token reference\ntoken: Test token\nclass: private-key\nid: [0-9a-f]{20}\n/,
      );
      assert.ok(!key.includes('pin:') && !key.includes('PRIVATE'));
      assert.match(
        file(databases.certificates, '0'),
        /class: certificate\nid: .+\n-----BEGIN CERTIFICATE-----/,
      );
      assert.equal(mode(join(databases.keys, '0')), '600');
      const listed = (await succeed(['certlocal', '-l', '-v'])).stdout.toString();
      assert.match(
        listed,
        new RegExp(`Key Type: ${type.slice(0, 3)}\n[^]*Token: "Test token", ID=${idOf(key)}\n`),
      );
      assert.ok(!listed.includes('PRIVATE KEY'));
      assert.match((await succeed(['certdb', '-l'])).stdout.toString(), /Token: "Test token", ID=/);
      await refuse(['certlocal', '-e', '0'], /is on token "Test token", which does not give it out/);
    });

  it('-p keeps the PIN in the reference of the key, which only its owner can read', async () => {
    await succeed(generate('-ks', 'rsa-sha256', '-p'));
    assert.match(file(databases.keys, '0'), new RegExp(`^pin: ${PIN}$`, 'm'));
    assert.equal(mode(join(databases.keys, '0')), '600');
    assert.match((await succeed(['certlocal', '-l'])).stdout.toString(), /PIN: kept here/);
    // It serves: nobody is asked.
    assert.match(
      (await succeed(['certlocal', '-r', '0'], '')).stderr,
      /Deleted from token "Test token": private key, public key/,
    );
  });

  it('certlocal -kc -T keeps the key there, and certdb -a puts the certificate onto the token, beside it', async () => {
    const { stdout, stderr } = await succeed(generate('-kc', 'rsa-sha256', '-p'));
    assert.equal(stderr, 'Generating, please wait...\nCertificate request generated.\n');
    assert.match(stdout.toString(), /^-----BEGIN CERTIFICATE REQUEST-----\n/);
    assert.match((await succeed(['certlocal', '-l'])).stdout.toString(), /Certificate: none yet/);
    const request = join(scratch.folder, 'request.pem');
    writeFileSync(request, stdout);
    const issued = await issue(request);
    const added = await succeed(['certdb', '-a'], issued);
    assert.match(added.stderr, /Certificate added to token "Test token", slot 0/);
    assert.equal(idOf(file(databases.certificates, '0')), idOf(file(databases.keys, '0')));
    await refuse(['certdb', '-a'], /in slot 0 already/, issued);
  });

  /** Has openssl sign a request with a key of its own. */
  async function issue(request: string): Promise<Uint8Array> {
    const [key, ca, out] = ['ca.key', 'ca.pem', 'out.pem'].map((name) => join(scratch.folder, name));
    assert.ok(key !== undefined && ca !== undefined && out !== undefined);
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=CA',
      '-keyout',
      key,
      '-out',
      ca,
    );
    await openssl('req', '-in', request, '-verify', '-noout');
    await openssl('x509', '-req', '-in', request, '-CA', ca, '-CAkey', key, '-days', '9', '-out', out);
    return readFileSync(out);
  }

  async function openssl(...args: readonly string[]): Promise<void> {
    const child = spawn('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
    assert.equal(child.exitCode, 0, said);
  }

  it('certlocal -U and certdb -U forget, -L links again, and the token stays as it is', async () => {
    await succeed(generate('-ks', 'rsa-sha256'));
    const before = await objects();
    const key = file(databases.keys, '0');
    const certificate = file(databases.certificates, '0');
    assert.match(
      (await succeed(['certlocal', '-U', '-T', LABEL, '0'], '')).stderr,
      /Slot 0 unlinked; the key stays/,
    );
    assert.match(
      (await succeed(['certdb', '-U', '-T', LABEL, '0'], '')).stderr,
      /Slot 0 unlinked; the certificate stays/,
    );
    assert.ok(!existsSync(join(databases.keys, '0')) && !existsSync(join(databases.certificates, '0')));
    assert.match((await succeed(['certdb', '-L', '-T', `${LABEL}   `, 'C=US*'])).stderr, /linked, slot 0/);
    assert.match(
      (await succeed(['certlocal', '-L', '-T', LABEL, `ID=${idOf(key)}`])).stderr,
      /linked, slot 0/,
    );
    assert.deepEqual([file(databases.keys, '0'), file(databases.certificates, '0')], [key, certificate]);
    assert.deepEqual(await objects(), before);
    await refuse(['certlocal', '-L', '-T', LABEL, '*'], /this key is in slot 0 already/);
    await refuse(['certdb', '-L', '-T', LABEL, '*'], /this certificate is in slot 0 already/);
  });

  it('certdb -L -p keeps the PIN in a file that only its owner can read, and certdb -r deletes with it', async () => {
    await succeed(generate('-ks', 'rsa-sha256'));
    await succeed(['certdb', '-U', '-T', LABEL, '0'], '');
    await succeed(['certdb', '-L', '-p', '-T', LABEL, '*']);
    assert.equal(mode(join(databases.certificates, '0')), '600');
    assert.match(file(databases.certificates, '0'), new RegExp(`^pin: ${PIN}$`, 'm'));
    assert.match(
      (await succeed(['certdb', '-r', '0'], '')).stderr,
      /Deleted from token "Test token": certificate, public key/,
    );
    assert.match((await objects())[1] ?? '', /none at all/);
  });

  it('certlocal -C copies private key, public key and certificate, and what is on the disk stays', async () => {
    databases.succeed(['certlocal', '-ks', '-m', '1024', '-t', 'dsa-sha1', '-D', 'CN=file']);
    const picture = databases.picture();
    assert.match(
      (await succeed(['certlocal', '-C', '-T', LABEL, 'CN=file'])).stderr,
      /Private key, public key and certificate of slot 0 copied/,
    );
    assert.deepEqual(databases.picture(), picture);
    await refuse(
      ['certlocal', '-C', '-T', LABEL, '0'],
      /this private key is on token "Test token" already \(ID=/,
    );
    databases.succeed(['certlocal', '-r', '0']);
    await succeed(['certlocal', '-L', '-T', LABEL, 'CN=file']);
    assert.match(
      (await succeed(['certlocal', '-l'])).stdout.toString(),
      /Key Type: dsa\n[^]*Token: "Test token"/,
    );
  });

  it('certlocal -C goes on where one part fails, and says what is on the token and what is not', async () => {
    databases.succeed(['certlocal', '-ks', '-m', '1024', '-t', 'rsa-sha256', '-D', 'CN=file']);
    configure(token.obstinate);
    const picture = databases.picture();
    const copy = async (mood: Mood): Promise<string> => {
      token.tell(mood, true);
      const { status, stdout, stderr } = await run(['certlocal', '-C', '-T', LABEL, 'CN=file']);
      token.tell(mood, false);
      assert.deepEqual([status, stdout.toString()], [1, '']);
      assert.deepEqual(databases.picture(), picture);
      return stderr;
    };
    assert.match(
      await copy('keyless'),
      /^certlocal: the private key was not copied: .* is full.*; copied were: public key, certificate \(ID=[0-9a-f]{20}\)\.\n$/,
    );
    const [keysThen, certificatesThen] = await objects();
    assert.match(keysThen ?? '', /none at all/);
    assert.match(certificatesThen ?? '', /CN=file/);
    assert.match(
      await copy('certless'),
      /the certificate was not copied: .* is full.*; copied were: private key, public key \(ID=/,
    );
    assert.match((await objects())[0] ?? '', /CN=file/);
  });

  it('certdb -C copies certificate and public key, and the file stays', async () => {
    databases.succeed(['certlocal', '-ks', '-m', '1024', '-t', 'rsa-sha256', '-D', 'CN=file']);
    const picture = databases.picture();
    assert.match(
      (await succeed(['certdb', '-C', '-p', '-T', LABEL, '0'])).stderr,
      /copied to token.*\n.*PIN is not kept/,
    );
    assert.deepEqual(databases.picture(), picture);
    await refuse(['certdb', '-C', '-T', LABEL, '0'], /this certificate is on token "Test token" already/);
  });

  it('certlocal -a -T stores a key whose certificate is there, the PIN in the first line of stdin', async () => {
    databases.succeed(['certlocal', '-ks', '-m', '1024', '-t', 'rsa-sha256', '-D', 'CN=file']);
    const key = databases.succeed(['certlocal', '-e', '0']);
    databases.succeed(['certlocal', '-r', '0']);
    const input = Buffer.concat([Buffer.from(`${PIN}\n`), key]);
    await refuse(['certlocal', '-a', '-T', LABEL], /first line of stdin is the PIN/, key);
    assert.match(
      (await succeed(['certlocal', '-a', '-T', LABEL], input)).stderr,
      /added to token "Test token", slot 0/,
    );
    await refuse(['certlocal', '-a', '-T', LABEL], /this private key is in slot 0 already/, input);
    const certificate = databases.succeed(['certdb', '-e', '0']);
    await succeed(['certlocal', '-U', '-T', LABEL, '0'], '');
    databases.succeed(['certdb', '-r', '0']);
    await refuse(['certlocal', '-a', '-T', LABEL], /certificate is in the database: add that first/, input);
    const line = Buffer.concat([Buffer.from(`${PIN}\n`), certificate]);
    assert.match(
      (await succeed(['certdb', '-a', '-T', LABEL], line)).stderr,
      /Certificate added to token "Test token", slot 0/,
    );
  });

  it('asks a terminal for the PIN, without echo', async () => {
    await succeed(generate('-ks', 'rsa-sha256'));
    const words = [process.execPath, join(DIST, 'ikecert.js'), '-R', scratch.folder, 'certlocal', '-r', '0'];
    const command = words.map((word) => `'${word}'`).join(' ');
    const terminal = spawn('script', ['-q', '-e', '-c', command, '/dev/null'], { stdio: 'pipe' });
    let shown = '';
    let asked = false;
    terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
      shown += part;
      if (asked || !shown.includes('Enter PIN for PKCS#11 token: ')) return;
      asked = true;
      terminal.stdin.write(`${PIN}\r`);
    });
    await once(terminal, 'close');
    terminal.stdin.destroy();
    assert.match(shown, /^Enter PIN for PKCS#11 token: \r?\n[^]*Private key of slot 0 removed\./);
    assert.ok(!shown.includes(PIN), 'the PIN was echoed');
    assert.equal(terminal.exitCode, 0);
  });

  it('certlocal -r deletes the key objects; a wrong PIN deletes nothing', async () => {
    await succeed(generate('-ks', 'rsa-sha256'));
    await refuse(
      ['certlocal', '-r', '0'],
      /was given a wrong PIN.*certlocal -U -T "Test token" 0/,
      'wrong-one\n',
    );
    await succeed(['certlocal', '-r', '0']);
    assert.match((await objects())[0] ?? '', /none at all/);
    assert.ok(existsSync(join(databases.certificates, '0')));
  });

  it('refuses a wrong label, PIN, pattern and library, with the reason, and nothing changes', async () => {
    await succeed(generate('-ks', 'rsa-sha256'));
    await succeed(generate('-ks', 'rsa-sha256'));
    const named = (label: string): readonly string[] => generate('-ks', 'rsa-sha256').with(-1, label);
    await refuse(
      named('Nobody'),
      /^certlocal: Token "Nobody" is not there; ikecert tokens lists what is\.\n$/,
      '',
    );
    await refuse(named('x'.repeat(33)), /longer than a label can be: 32 bytes/);
    await refuse(named('  '), /-T is missing/);
    await refuse(generate('-ks', 'rsa-sha256'), /was given a wrong PIN/, 'hush-hush\n');
    await refuse(generate('-ks', 'rsa-sha256'), /no PIN was given/, '');
    await refuse(generate('-ks', 'rsa-sha256'), /a PIN has at most 255 bytes/, `${'1'.repeat(300)}\n`);
    await refuse(
      ['certlocal', '-L', '-T', LABEL, 'C=US*'],
      /fits several of token "Test token": there is .* write ID=/,
    );
    await refuse(['certlocal', '-L', '-T', LABEL, 'ID=xyz'], /no hex of whole bytes/);
    await refuse(['certlocal', '-U', '-T', 'Other', '0'], /is on token "Test token"/);
    await refuse(['certlocal', '-U', '-T', LABEL, '7'], /no private key in slot 7/);
    await refuse(
      ['certlocal', '-C', '-T', LABEL, '0'],
      /is on token "Test token", and not here to be copied/,
    );
    for (const letter of ['-U', '-C', '-L']) await refuse(['certlocal', letter, '0'], /needs -T; usage:/);
    await refuse(['certlocal', '-l', '-T', LABEL], /-T does not go with -l/);
    await refuse(['certlocal', '-a', '-p'], /-p needs -T/);
    configure('/nonexistent/lib.so');
    await refuse(
      generate('-ks', 'rsa-sha256'),
      /library \/nonexistent\/lib\.so cannot be loaded.*pkcs11_path/,
    );
    assert.equal((await run(['tokens'])).status, 1);
  });

  it('refuses with a token that is away, full, write-protected or has locked its PIN, and nothing changes', async () => {
    await succeed(generate('-ks', 'rsa-sha256'));
    configure(token.obstinate);
    const told = async (what: 'away' | 'full' | 'protected' | 'locked', message: RegExp): Promise<void> => {
      token.tell(what, true);
      await refuse(generate('-ks', 'rsa-sha256'), message);
      await refuse(['certlocal', '-r', '0'], message);
      token.tell(what, false);
    };
    await told('away', /Token "Test token" is not there/);
    await told('protected', /Token "Test token" is write-protected/);
    await told('locked', /has locked its PIN/);
    token.tell('full', true);
    await refuse(generate('-ks', 'rsa-sha256'), /Token "Test token" is full/);
  });
});
