/** The package as `npm i -g` installs it: three commands on the PATH that run, and their manual pages. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { rule, EAST, WEST } from '../cli/in.iked/gateways.js';
import { attempt, type Ended, succeed } from '../interop/lab/shell.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PATIENCE = 280;
const { bin, man } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  bin: Readonly<Record<string, string>>;
  man: readonly string[];
};

describe('the package', () => {
  let scratch: Scratch;
  let prefix: string;

  before(async () => {
    scratch = makeScratch();
    prefix = join(scratch.folder, 'prefix');
    await succeed('npm', ['pack', ROOT, '--pack-destination', scratch.folder, '--loglevel=error'], PATIENCE);
    const [tarball] = readdirSync(scratch.folder).filter((name) => name.endsWith('.tgz'));
    assert.ok(tarball);
    const install = [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    await succeed('npm', [...install, join(scratch.folder, tarball)], PATIENCE);
  });
  after(() => {
    scratch.remove();
  });

  /** From another folder, with nothing but the prefix and Node on the PATH. */
  function run(command: string, ...args: readonly string[]): Promise<Ended> {
    const path = `PATH=${join(prefix, 'bin')}:${process.execPath.replace(/\/[^/]*$/, '')}`;
    return attempt('env', ['-C', scratch.folder, path, command, ...args]);
  }

  it('has the three commands', () => {
    assert.deepEqual(Object.keys(bin).sort(), ['ikeadm', 'ikecert', 'in.iked']);
  });

  for (const command of Object.keys(bin)) {
    it(`puts ${command} on the PATH, and it explains itself`, async () => {
      const { status, stdout, stderr } = await run(command, '-h');
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(command.replace('.', '\\.')));
    });
  }

  it('has an in.iked that reads a configuration', async () => {
    const file = join(scratch.folder, 'config');
    writeFileSync(file, rule(EAST, WEST));
    const { status, stdout } = await run('in.iked', '-c', '-f', file);
    assert.deepEqual([status, stdout], [0, `${file}: 1 rule, no errors\n`]);
  });

  it('has an ikeadm that looks for the daemon', async () => {
    const { status, stderr } = await run('ikeadm', '-R', scratch.folder, 'get', 'stats');
    assert.equal(status, 1);
    assert.match(stderr, /^Unable to communicate with in\.iked\n/);
  });

  for (const page of man) {
    it(`installs ${page}`, () => {
      assert.ok(existsSync(join(prefix, 'share', page)));
    });
  }

  it('holds what the service is made of', () => {
    const inside = join(prefix, 'lib/node_modules/ikechart');
    for (const file of [
      'smf/ike.xml',
      'smf/svc-ike',
      'systemd/ikechart.service',
      'docs/service.md',
      'LICENSE',
    ])
      assert.ok(existsSync(join(inside, file)), file);
  });
});
