/** `npm start -- --once`, as it ships: what it prints, how it ends, and that it leaves nothing behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attempt, type Ended } from '../../interop/lab/shell.js';
import { DIST } from '../in.iked/daemon-process.js';
import { makeScratch, type Scratch } from '../in.iked/scratch.js';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

describe('the demo', () => {
  let scratch: Scratch;
  let temporary: string;

  beforeEach(() => {
    scratch = makeScratch();
    temporary = join(scratch.folder, 'tmp');
    mkdirSync(temporary);
  });
  afterEach(() => {
    assert.deepEqual(readdirSync(temporary), [], 'the roots and their keys are gone');
    scratch.remove();
  });

  function run(project: string): Promise<Ended> {
    return attempt('env', [`TMPDIR=${temporary}`, process.execPath, join(project, 'dist/demo.js'), '--once']);
  }

  /** A copy of the project that can be spoiled. */
  function copy(): string {
    const project = join(scratch.folder, 'copy');
    cpSync(DIST, join(project, 'dist'), { recursive: true });
    cpSync(join(PROJECT, 'examples'), join(project, 'examples'), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
    return project;
  }

  it('prints the ladder, both ends, the SAs and the packet in both forms', async () => {
    const { status, stdout, stderr } = await run(PROJECT);
    assert.deepEqual([status, stderr], [0, '']);
    const parts = stdout.split(/^== (.+)$/m);
    const part = (title: string): readonly string[] =>
      (parts[parts.indexOf(title) + 1] ?? '').split('\n').filter((line) => line !== '');

    const [ends = '', ...rungs] = part('The nine messages, as east saw them');
    assert.match(ends, /^ +east 127\.0\.0\.1 +west 127\.0\.0\.2$/);
    assert.deepEqual(
      rungs.map((rung) => /^ *\d+ ms {2}\| (?:<-- )?(\w+ Mode \d): HDR(\*?), /.exec(rung)?.slice(1)),
      [
        ...['1', '2', '3', '4'].map((number) => [`Main Mode ${number}`, '']),
        ...['5', '6'].map((number) => [`Main Mode ${number}`, '*']),
        ...['1', '2', '3'].map((number) => [`Quick Mode ${number}`, '*']),
      ],
    );
    assert.deepEqual(
      rungs.map((rung) => rung.includes('-->') !== rung.includes('<--') && rung.includes('-->')),
      [true, false, true, false, true, false, true, false, true],
    );

    for (const [name, role] of [
      ['east', 'initiator'],
      ['west', 'responder'],
    ] as const) {
      const dump = part(`ikeadm dump p1 (${name})`);
      assert.ok(dump.includes(`IKESA: The local host is the ${role}.`));
      assert.ok(dump.includes('IKESA: Current state is ACTIVE'));
      assert.equal(dump.filter((line) => line.startsWith('IKESA: Cookies:')).length, 1);
      // Its keys are not shown.
      assert.ok(dump.filter((line) => line.startsWith('KEY:')).every((line) => /: X+\/\d+$/.test(line)));
    }

    const sas = part('The two SAs, as east installed them').map((line) =>
      /^ESP SPI 0x([0-9a-f]{8}) {2}(\S+ -> \S+) {2}tunnel {2}cbc\(aes\) hmac\(sha1\) /.exec(line),
    );
    assert.deepEqual(
      sas.map((sa) => sa?.[2]),
      ['127.0.0.2 -> 127.0.0.1', '127.0.0.1 -> 127.0.0.2'],
    );
    const bytes = (title: string): string =>
      part(title)
        .map((line) => /^ {2}[0-9a-f]{4} {2}([0-9a-f]+)$/.exec(line)?.[1] ?? '')
        .join('');
    const greeting = Buffer.from('Hello from the eastern network!').toString('hex');
    const onWire = bytes('The packet on the wire: ESP in UDP');
    assert.ok(onWire.startsWith(`${sas[1]?.[1] ?? ''}00000001`), onWire);
    assert.ok(!onWire.includes(greeting));
    const arrived = 'The packet as it arrived in the west';
    assert.match(bytes(arrived), new RegExp(`^45.{22}0a0100050a020009.{16}${greeting}$`));
    assert.equal(part(arrived).at(-1), '  10.1.0.5 -> 10.2.0.9, UDP: "Hello from the eastern network!"');
    assert.match(
      part('Watch it').join('\n'),
      /^east {2}http:\/\/127\.0\.0\.1:\d+\/\nwest {2}http:\/\/127\.0\.0\.1:\d+\/$/,
    );
  });

  for (const signal of ['SIGHUP', 'SIGTERM'] as const)
    it(`ends with its daemons at ${signal}, and leaves no keys behind (a closed terminal left both)`, async () => {
      const child = spawn(process.execPath, [join(PROJECT, 'dist/demo.js')], {
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      let said = '';
      for await (const piece of child.stdout) {
        if (said.includes('Ctrl-C')) continue;
        said += String(piece);
        if (said.includes('Ctrl-C')) child.kill(signal);
      }
      assert.deepEqual(await ended, [0, null], said);
      const urls = [...said.matchAll(/http:\/\/\S+/g)].map(([url]) => url);
      assert.equal(urls.length, 2);
      for (const url of urls) await assert.rejects(fetch(url));
    });

  it('says what is missing', async () => {
    const project = copy();
    rmSync(join(project, 'examples'), { recursive: true });
    assert.deepEqual(await run(project), {
      status: 1,
      stdout: '',
      stderr:
        'The demo failed: the folder examples/two-gateways is missing; this is not a whole copy of the project\n',
    });
  });

  it('passes on why a daemon did not start', async () => {
    const project = copy();
    writeFileSync(join(project, 'examples/two-gateways/west/config'), 'p1_nonce_len none\n');
    const { status, stdout, stderr } = await run(project);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^The demo failed: west ended before running daemon: .+\/west\/.+config:1:14: .+\n$/,
    );
  });

  it('passes on why no SA came about', async () => {
    const project = copy();
    writeFileSync(
      join(project, 'examples/two-gateways/west/config'),
      `{ label "other" local_addr 127.0.0.2 remote_addr 127.0.0.1
         p1_xform { auth_method preshared oakley_group 14 auth_alg sha1 encr_alg 3des } }`,
    );
    const { status, stderr } = await run(project);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^The demo failed: .+ offered 1 Phase 1 transform.+ none of which a rule .+ accepts\.\n$/,
    );
  });
});
