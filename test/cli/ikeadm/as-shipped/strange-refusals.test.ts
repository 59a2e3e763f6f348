/** The command as it ships at a real door that refuses everything, or answers what nobody can read. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openDoor } from '../../../../adapters/door/unix-door.js';
import { CMD, DEFREQ, encodeError, ERR, STATREQ } from '../../../../services/admin/door/heads.js';
import { SERVICE } from '../../../../services/admin/door/service.js';
import { concat } from '../../../../services/bytes.js';
import { ikeadm, type Ran } from './real-ikeadm.js';
import { behind, StrangeDoor } from './strange-door.js';

describe('ikeadm as it ships, at strange refusals', () => {
  const door = new StrangeDoor();
  const typed = (input: string): Promise<Ran> => door.typed(input);

  before(() => door.open());
  after(() => door.close());

  it('says that the call failed where the daemon ends during it', async () => {
    const folder = join(door.root, 'ending');
    const ending = await openDoor(join(folder, 'var/run/ike_door'), () => {
      void ending.close();
      return new Promise(() => undefined);
    });
    const { stdout, stderr, status } = await ikeadm(['-R', folder, 'get', 'priv']);
    assert.match(
      stderr,
      /^Unable to communicate with in\.iked\nin\.iked ended or closed the door during the call: [^\n]+\nikeadm: door_call failed: [^\n]+\nFatal error - exiting\.\n$/,
    );
    assert.deepEqual([stdout, status], ['', 1]);
  });

  it('has a text for every error of the door', async () => {
    const errors: readonly (readonly [code: number, errno: number, text: string])[] = [
      [1, 0, 'No data returned'],
      [2, 0, 'No destination provided'],
      [3, 0, 'Id info invalid'],
      [4, 0, 'Destination invalid'],
      [5, 0, 'Command invalid'],
      [6, 0, 'Supplied data invalid'],
      [7, 0, 'Unknown command'],
      [8, 0, 'Request invalid'],
      [9, 0, 'Not allowed at current privilege level'],
      [10, 13, 'Permission denied'],
      [10, 0, '<unknown error>'],
      [11, 0, 'One or more duplicate entries ignored'],
      [12, 0, 'token login failed or no objects on device'],
      [13, 0, 'User not authorized'],
      [14, 0, 'Duplicate operation already in progress'],
      [15, 0, 'Insufficient memory'],
      [77, 0, '<unknown error 77>'],
    ];
    let asked = 0;
    door.answer = () => {
      const [error, errno] = errors[asked++] ?? [0, 0];
      return ERR.encode({ cmd: SERVICE.ERROR, error, errno, reserved: 0 }, {});
    };
    const { stdout, stderr } = await typed('get stats\n'.repeat(errors.length));
    assert.deepEqual(
      [stdout, stderr.split('\n')],
      ['', [...errors.map(([, , text]) => `ikeadm: error getting stats: ${text}`), '']],
    );
  });

  it('says what could not be done, and prints the header of a list before the refusal', async () => {
    door.answer = () => encodeError({ name: 'NO_MEM' });
    const lines = {
      'get debug': 'error getting debug level',
      'set debug all': 'error setting debug level',
      'get priv': 'error getting privilege level',
      'set priv 0': 'error setting privilege level',
      'get defaults': 'error getting defaults',
      'get p1 192.0.2.1 192.0.2.2': 'error getting phase 1 SA',
      'get rule x': 'error getting policy rule',
      'get preshared 192.0.2.1 192.0.2.2': 'error getting preshared key',
      'del p1 192.0.2.1 192.0.2.2': 'error deleting phase 1 SA',
      'del rule x': 'error deleting policy rule',
      'del preshared 192.0.2.1 192.0.2.2': 'error deleting preshared key',
      'dump p1': 'error getting phase 1 SA info',
      'dump rule': 'error getting policy rules',
      'dump preshared': 'error getting preshared keys',
      'dump certcache': 'error getting certcache',
      'dump groups': 'error getting groups',
      'dump encralgs': 'error getting encralgs',
      'dump authalgs': 'error getting authalgs',
      'flush p1': 'error doing flush',
      'flush certcache': 'error doing flush',
      'read rule': 'error doing read',
      'token logout box': 'ERROR: PKCS#11 operation',
    };
    const { stdout, stderr } = await typed(`${Object.keys(lines).join('\n')}\n`);
    assert.deepEqual(
      stderr.split('\n').filter((line) => line !== ''),
      Object.values(lines).map((text) => `ikeadm: ${text}: Insufficient memory`),
    );
    const titles = behind(stdout, 'List of ').map((title) => title.split(' for ')[0]);
    assert.deepEqual(titles, ['Diffie-Hellman groups', 'encryption algorithms', 'authentication algorithms']);
    assert.doesNotMatch(stdout, /Completed/);
    const alone = await ikeadm(['-R', door.root, 'dump', 'groups']);
    assert.match(alone.stdout, /^\nList of Diffie-Hellman groups/);
    assert.match(alone.stderr, /Insufficient memory\n/);
    assert.equal(alone.status, 1);
  });

  it('takes what is too short, or of another version, for no answer', async () => {
    door.answer = (request) =>
      CMD.read(request)?.number('cmd') === SERVICE.GET_STATS
        ? concat(STATREQ.encode({ cmd: SERVICE.GET_STATS, length: 0 }, {}), new Uint8Array(40))
        : concat(
            DEFREQ.encode({ cmd: SERVICE.GET_DEFS, length: 0, version: 3, reserved: 0 }, {}),
            new Uint8Array(300),
          );
    const { stdout, stderr } = await typed('get stats\nget defaults\n');
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^ikeadm: error getting stats: .*too short[^]*\nikeadm: error getting defaults: .*version/,
    );
  });
});
