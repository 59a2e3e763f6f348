/**
 * The method script as svc.startd runs it, and a real daemon. svcprop and svcs are the test's: the properties stand in a
 * file, and the processes of the service are those that inherited the environment of its start, as they would a contract.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DIST } from '../cli/in.iked/daemon-process.js';
import {
  configFile,
  EAST,
  freePorts,
  ikeadm,
  policyFile,
  presharedFile,
  presharedKey,
  rule,
  tunnelPolicy,
  WEST,
  writeRoot,
} from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { type Ended, eventually } from '../interop/lab/shell.js';

const SCRIPT = fileURLToPath(new URL('../../smf/svc-ike', import.meta.url));
const SERVICE = 'svc:/network/ipsec/ike:default';

const SVCPROP = `#!/bin/sh
[ "$*" = "-p config $SMF_FMRI" ] || { echo "svcprop: $*" >&2; exit 2; }
exec cat "$FAKE/properties"
`;
const SVCS = `#!${process.execPath}
const { readdirSync, readFileSync } = require('node:fs');
const { FAKE, SMF_FMRI } = process.env;
const asked = process.argv.slice(2).join(' ');
if (asked !== '-H -p ' + SMF_FMRI) throw new Error('svcs: ' + asked);
console.log('online         12:00:01 ' + SMF_FMRI);
for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
  try {
    const environment = readFileSync('/proc/' + pid + '/environ', 'utf8').split('\\0');
    if (environment.includes('FAKE_CONTRACT=' + FAKE)) console.log('               12:00:01 ' + pid + ' node');
  } catch {}
}
`;

interface MethodOptions {
  readonly command?: readonly string[];
  /** Empty: outside of SMF. */
  readonly fmri?: string;
}

describe('the method of svc:/network/ipsec/ike', () => {
  let scratch: Scratch;
  let root: string;
  let log: string;
  let flags: readonly string[];
  let properties: Record<string, string>;

  beforeEach(async () => {
    scratch = makeScratch();
    root = scratch.folder;
    log = join(root, 'in.iked.log');
    writeRoot(root, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: tunnelPolicy({ network: 1, address: EAST }, { network: 2, address: WEST }),
    });
    mkdirSync(join(root, 'bin'));
    mkdirSync(join(root, 'var/run'), { recursive: true });
    for (const [name, text] of Object.entries({ svcprop: SVCPROP, svcs: SVCS })) {
      writeFileSync(join(root, 'bin', name), text);
      chmodSync(join(root, 'bin', name), 0o755);
    }
    const { port, nattPort } = await freePorts(EAST);
    flags = [
      ...['--kernel', 'embedded'],
      ...['-R', root, '--listen', EAST, '--port', String(port), '--natt-port', String(nattPort)],
      ...['--policy', policyFile(root)],
    ];
    properties = {
      config_file: configFile(root),
      admin_privilege: 'modkeys',
      debug_level: 'operator',
      debug_logfile: log,
      ignore_errors: 'false',
    };
  });
  afterEach(async () => {
    await method('stop');
    scratch.remove();
  });

  /** Its stderr is a file, the log of the service. */
  function method(
    name: string,
    { command = [process.execPath, join(DIST, 'in.iked.js'), ...flags], fmri = SERVICE }: MethodOptions = {},
  ): Promise<Ended> {
    writeFileSync(
      join(root, 'properties'),
      Object.entries(properties)
        .map(([property, value]) => {
          const type = property === 'ignore_errors' ? 'boolean' : 'astring';
          return `config/${property} ${type} ${value}\n`;
        })
        .join(''),
    );
    const serviceLog = join(root, 'service.log');
    const stderr = openSync(serviceLog, 'w');
    const child = spawn(SCRIPT, name === 'start' ? [name, ...command] : [name], {
      stdio: ['ignore', 'ignore', stderr],
      env: {
        PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`,
        FAKE: root,
        IKE_PROPERTIES: join(root, 'var/run/ike_properties'),
        SMF_FMRI: fmri,
        ...(name === 'start' ? { FAKE_CONTRACT: root } : {}),
      },
    });
    closeSync(stderr);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status) => {
        resolve({ status: status ?? -1, stdout: '', stderr: readFileSync(serviceLog, 'utf8') });
      });
    });
  }

  async function started(): Promise<void> {
    const { status, stderr } = await method('start');
    assert.deepEqual([status, stderr], [0, '']);
  }

  /** The daemon's processes, as the script finds them. */
  function processes(): readonly string[] {
    return readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`FAKE_CONTRACT=${root}`);
      } catch {
        return false;
      }
    });
  }

  function logged(words: RegExp): Promise<true> {
    return eventually(`the log says ${String(words)}`, 5, () =>
      words.test(readFileSync(log, 'utf8')) ? true : undefined,
    );
  }

  async function refreshed(words: RegExp): Promise<void> {
    writeFileSync(log, '');
    assert.deepEqual(await method('refresh'), { status: 0, stdout: '', stderr: '' });
    await logged(words);
  }

  it('start returns when the daemon runs, with the properties of the service', async () => {
    await started();
    assert.equal(processes().length, 1);
    const [privilege, debug] = await Promise.all([ikeadm(root, 'get', 'priv'), ikeadm(root, 'get', 'debug')]);
    assert.match(privilege.stdout, /level is 0x1,/);
    assert.match(debug.stdout, /level is 0x4\n/);
    assert.match(readFileSync(log, 'utf8'), /^\S+Z op {5}daemon: running$/m);
    assert.equal(statSync(log).mode & 0o777, 0o600);
  });

  it('stop ends it and leaves nothing; a second one finds nothing to do', async () => {
    await started();
    assert.deepEqual(await method('stop'), { status: 0, stdout: '', stderr: '' });
    assert.deepEqual(processes(), []);
    assert.deepEqual(readdirSync(join(root, 'var/run')), ['ipsec_kmc_map']);
    assert.match(readFileSync(log, 'utf8'), /daemon: stopped\n$/);
    assert.deepEqual(await method('stop'), { status: 0, stdout: '', stderr: '' });
  });

  it('refresh brings changed properties and changed files', async () => {
    await started();
    const other = join(root, 'other.config');
    writeFileSync(other, rule(EAST, WEST) + rule(EAST, '127.0.0.9'));
    properties = { ...properties, config_file: other, debug_level: 'all-p1', admin_privilege: 'base' };
    await refreshed(/read \S+\/other\.config: 2 rule/);
    assert.match((await ikeadm(root, 'get', 'debug')).stdout, /level is 0x7f7\n/);
    assert.match((await ikeadm(root, 'get', 'priv')).stdout, /level is 0x0,/);
  });

  it('refresh undoes nothing that ikeadm has set, and never raises the privilege', async () => {
    await started();
    assert.equal((await ikeadm(root, 'set', 'debug', 'op+config+door')).status, 0);
    await refreshed(/daemon: running/);
    assert.match((await ikeadm(root, 'get', 'debug')).stdout, /level is 0x304\n/);
    properties = { ...properties, admin_privilege: 'keymat' };
    await refreshed(/privilege level keymat is higher .+: restart the service/);
    assert.match((await ikeadm(root, 'get', 'priv')).stdout, /level is 0x1,/);
  });

  it('refresh goes on in a new log after the old one was renamed', async () => {
    await started();
    renameSync(log, `${log}.0`);
    assert.equal((await method('refresh')).status, 0);
    await eventually('there is a new log', 5, () => (existsSync(log) ? true : undefined));
    await logged(/daemon: running/);
    assert.doesNotMatch(readFileSync(`${log}.0`, 'utf8'), /refreshing/);
  });

  it('refresh with broken files or properties changes nothing, and the log says why', async () => {
    await started();
    writeFileSync(configFile(root), '{ label "broken" }');
    await refreshed(/op +refused \S+; the old configuration stays: .+config:1:1: the rule has no/);
    writeFileSync(configFile(root), rule(EAST, WEST));
    properties = { ...properties, debug_level: 'chatty', admin_privilege: 'base' };
    await refreshed(/refused .+ config\/debug_level is "chatty"; expected .+ svccfg -s ipsec\/ike setprop/);
    assert.match((await ikeadm(root, 'get', 'priv')).stdout, /level is 0x1,/);
  });

  it('refresh of a service without a process fails', async () => {
    const { status, stderr } = await method('refresh');
    assert.deepEqual([status, stderr], [1, `svc-ike: ${SERVICE} has no process to refresh\n`]);
  });

  for (const [what, spoil, status, says, lastWords] of [
    [
      'a bad configuration file',
      () => {
        writeFileSync(configFile(root), 'broken');
      },
      95,
      /in\.iked: \S+config:1:1: unknown keyword `broken`/,
      `Bad configuration of service ${SERVICE}.`,
    ],
    [
      'a property that is none',
      () => {
        properties = { ...properties, admin_privilege: '3' };
      },
      95,
      /in\.iked: The property config\/admin_privilege is "3"; expected base, modkeys, keymat/,
      `Bad configuration of service ${SERVICE}.`,
    ],
    [
      'keys that others may read',
      () => {
        chmodSync(presharedFile(root), 0o644);
      },
      100,
      /in\.iked: \S+ike\.preshared holds keys and has mode 0644/,
      `Permission error with ${SERVICE}.`,
    ],
    [
      'a log in a folder that is not there',
      () => {
        properties = { ...properties, debug_logfile: '/nonexistent/in.iked.log' };
      },
      95,
      /in\.iked: The log \/nonexistent\/in\.iked\.log cannot be opened \(ENOENT\): make its directory/,
      `Service ${SERVICE} fatal error.`,
    ],
  ] as const) {
    it(`start with ${what} puts the service into maintenance and says why in its log`, async () => {
      spoil();
      const ended = await method('start');
      assert.equal(ended.status, status, ended.stderr);
      assert.match(ended.stderr, says);
      assert.equal(ended.stderr.trimEnd().split('\n').at(-1), lastWords);
      assert.deepEqual(processes(), []);
    });
  }

  it('start with a bad file and ignore_errors stays online without rules, until a refresh finds better ones', async () => {
    writeFileSync(configFile(root), `${rule(EAST, WEST)}{ label "broken" }`);
    properties = { ...properties, ignore_errors: 'true' };
    await started();
    await logged(
      /op +runs without the files that have errors \(ignore_errors\).+config:2:1: the rule has no/,
    );
    await logged(/daemon: withoutRules\n$/);
    assert.equal((await ikeadm(root, 'get', 'stats')).status, 0);
    assert.match((await ikeadm(root, 'up', '10.1.0.5', '10.2.0.9')).stderr, /no rule/i);
    await refreshed(/daemon: refreshing: once\n.+daemon: withoutRules\n$/s);
    writeFileSync(configFile(root), rule(EAST, WEST));
    await refreshed(/daemon: running\n$/);
    writeFileSync(configFile(root), 'broken');
    await refreshed(/refused .+\n.+daemon: running\n$/s);
  });

  it('ikeadm brings rules to a daemon that was started without any', async () => {
    writeFileSync(configFile(root), 'broken');
    properties = { ...properties, ignore_errors: 'true' };
    await started();
    const one = join(root, 'one.rule');
    writeFileSync(one, rule(EAST, WEST));
    const added = await ikeadm(root, 'add', 'rule', one);
    assert.deepEqual([added.status, added.stdout], [0, ''], added.stderr);
    await logged(/daemon: withoutRules\n[^]*daemon: running\n/);
  });

  it('start of no program is a mistake that no second try mends', async () => {
    const { status, stderr } = await method('start', { command: ['/usr/lib/inet/no-such-iked'] });
    assert.equal(status, 95);
    assert.match(
      stderr,
      /^svc-ike: \/usr\/lib\/inet\/no-such-iked is no program: correct start\/exec of svc:/,
    );
  });

  it('start with a flag that is none likewise', async () => {
    const command = [process.execPath, join(DIST, 'in.iked.js'), '--frobnicate'];
    const { status, stderr } = await method('start', { command });
    assert.equal(status, 95);
    assert.match(stderr, /unknown option '--frobnicate'/);
  });

  it('start of a daemon that is killed before it runs may be tried again', async () => {
    // Reading a pipe that nobody writes to takes for ever.
    rmSync(configFile(root));
    execFileSync('mkfifo', [configFile(root)]);
    const ending = method('start');
    const daemon = await eventually('the daemon is there', 5, () =>
      processes().find((pid) => {
        const file = `/proc/${pid}/cmdline`;
        const words = existsSync(file) ? readFileSync(file, 'utf8').split('\0') : [];
        return words[1] === join(DIST, 'in.iked.js') && !words.includes('--background');
      }),
    );
    process.kill(Number(daemon), 'SIGKILL');
    assert.equal((await ending).status, 1);
  });

  it('start without properties fails', async () => {
    rmSync(join(root, 'bin/svcprop'));
    writeFileSync(join(root, 'bin/svcprop'), '#!/bin/sh\nexit 3\n');
    chmodSync(join(root, 'bin/svcprop'), 0o755);
    const { status, stderr } = await method('start');
    assert.equal(status, 95);
    assert.match(stderr, /svc-ike: the properties config\/\* of svc:\S+ cannot be read/);
    assert.deepEqual(readdirSync(join(root, 'var/run')), []);
  });

  it('is a method, not a command', async () => {
    for (const name of ['start', 'refresh', 'stop']) {
      const { status, stderr } = await method(name, { fmri: '' });
      assert.equal(status, 99);
      assert.match(stderr, /use: svcadm enable svc:\/network\/ipsec\/ike\n$/);
    }
    assert.equal((await method('restart')).status, 95);
  });
});
