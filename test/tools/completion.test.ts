/** Completion as bash does it: the scripts that ship, asked for what may stand at the cursor. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '../../cli/ikeadm/command-table.js';
import { COMPLETIONS } from '../../tools/completion/commands.js';

const FOLDER = fileURLToPath(new URL('../../completions/', import.meta.url));

/** What bash offers behind `words`, of which the last is being typed. */
function offered(command: string, ...words: readonly string[]): readonly string[] {
  const script = [
    `source "${FOLDER}${command}.bash"`,
    'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))',
    `_${command.replaceAll('.', '_')}`,
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', command, ...words], {
    encoding: 'utf8',
    cwd: FOLDER,
  });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('offers every command of ikeadm, and those that begin so', () => {
    for (const command of Object.keys(COMMANDS)) assert.ok(offered('ikeadm', '').includes(command), command);
    assert.deepEqual(offered('ikeadm', 'd'), ['del', 'dump', 'dbg', 'doctor', 'diff']);
    assert.deepEqual(offered('ikeadm', 'x'), []);
  });

  it('offers the objects of a command, also behind options', () => {
    for (const [command, objects] of Object.entries(COMMANDS)) {
      assert.deepEqual(offered('ikeadm', command, ''), Object.keys(objects));
      assert.deepEqual(offered('ikeadm', '-n', '-R', '/tmp', command, ''), Object.keys(objects));
    }
  });

  it('offers options, and folders for the root', () => {
    assert.deepEqual(offered('ikeadm', '-'), ['-h', '-n', '-p', '-j', '-R']);
    assert.ok(offered('ikeadm', '-R', '../d').includes('../docs'));
  });

  it('offers levels and files where they belong', () => {
    assert.deepEqual(offered('ikeadm', 'set', 'priv', 'k'), ['keymat']);
    assert.deepEqual(offered('ikeadm', 'set', 'debug', 'ph'), ['phase1', 'phase2']);
    assert.ok(offered('ikeadm', 'set', 'debug', 'all', 'ike').includes('ikeadm.bash'));
    assert.ok(offered('ikeadm', 'read', 'rule', 'ike').includes('ikeadm.bash'));
    assert.deepEqual(offered('ikeadm', 'get', 'stats', ''), []);
    assert.deepEqual(offered('ikeadm', 'help', 'w'), ['write']);
  });

  it('offers the options of in.iked and their values', () => {
    assert.ok(offered('in.iked', '-').includes('--natt-port'));
    assert.deepEqual(offered('in.iked', '--kernel', ''), ['auto', 'embedded', 'pfkey', 'xfrm']);
    assert.ok(offered('in.iked', '-f', 'ike').includes('ikeadm.bash'));
    assert.deepEqual(offered('in.iked', '-d', '-p', ''), ['0', '1', '2']);
  });

  it('offers the programs of ikecert, their options and the values of those', () => {
    assert.deepEqual(offered('ikecert', 'cert'), ['certlocal', 'certdb', 'certrldb']);
    const options = offered('ikecert', 'certlocal', '-');
    for (const option of ['-kc', '-ks', '-a', '-l', '-D', '-R']) assert.ok(options.includes(option), option);
    assert.ok(offered('ikecert', 'certlocal', '-ks', '-m', '').includes('2048'));
    assert.deepEqual(offered('ikecert', 'certlocal', '-t', 'dsa'), ['dsa-sha1']);
    assert.deepEqual(offered('ikecert', 'certdb', '-e', '-f', 'p'), ['pem', 'pkcs8']);
  });

  it('is there for every command, in both shells, and for no other', () => {
    const files = COMPLETIONS.flatMap(({ command }) => [`${command}.bash`, `_${command}`]);
    assert.deepEqual([...readdirSync(FOLDER)].sort(), [...files].sort());
  });
});
