/** Pre-shared keys as the door asks for them and changes them. */
import assert from 'node:assert/strict';
import { IDENTITY_TYPE } from '../../services/admin/door/identity.js';
import { hex } from '../../services/bytes.js';
import { err, ok } from '../../services/result.js';
import { EAST, gatewayPlan, presharedText, startPair, WEST } from '../sim/two-gateways.js';
import { administrationOf } from './administration-of.js';

const NETWORK = '{ localid 192.0.2.1 remoteid 10.2.0.0/16 key aabb }\n';
const NAMED =
  '{ localidtype fqdn localid a.example remoteidtype dn remoteid "C=CH, O=x" ike_mode aggressive key cc }\n';
const RANGE = '{ localid 192.0.2.1 remoteidtype rangev4 remoteid 10.3.0.1-10.3.0.9 key dd }\n';

async function started() {
  const { east } = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
  return { east, ...administrationOf(east) };
}

type Administration = Awaited<ReturnType<typeof started>>['administration'];

function keysOf(administration: Administration): string[] {
  const keys: string[] = [];
  for (let listed = administration.presharedFrom(0, true); listed !== undefined;) {
    keys.push(hex(listed.entry.key ?? new Uint8Array(0)));
    listed = listed.next === undefined ? undefined : administration.presharedFrom(listed.next, true);
  }
  return keys;
}

describe('pre-shared keys at run time', () => {
  it('are listed, with copies of their bytes only when asked', async () => {
    const { administration } = await started();
    administration.addPreshared(NETWORK, 'file');
    assert.deepEqual(keysOf(administration), ['0123456789abcdef0123456789abcdef', 'aabb']);
    assert.equal(administration.presharedFrom(0, false)?.entry.key, undefined);
    const copy = administration.findPreshared({ local: EAST, remote: WEST }, true)?.key;
    copy?.fill(0);
    assert.deepEqual(keysOf(administration)[0], '0123456789abcdef0123456789abcdef');
  });

  it('are refused when there is one already, or not exactly one, and none is kept', async () => {
    const { administration, east } = await started();
    const before = east.engine.settings;
    const refused = (text: string) => {
      const result = administration.addPreshared(text, 'the text');
      assert.ok(!result.ok);
      assert.equal(east.keys.size, east.keysAtStart);
      return result.error;
    };
    const twin = refused(presharedText('east', 'ff'));
    assert.deepEqual([twin.name, twin.errno], ['SYS_ERR', 17]);
    assert.match(twin.details?.join() ?? '', /192\.0\.2\.1 with 192\.0\.2\.2 already \(ike\.preshared:1:1\)/);
    assert.match(refused(NETWORK + NAMED).details?.join() ?? '', /the text holds 2 keys/);
    assert.match(refused('# none\n').details?.join() ?? '', /holds no key/);
    const broken = refused('{ localid 192.0.2.1 remoteid 192.0.2.9 key 0xdeadbeef }');
    assert.equal(broken.name, 'DATA_INVALID');
    assert.match(broken.details?.join() ?? '', /^the text:1:/);
    assert.doesNotMatch(broken.details?.join() ?? '', /deadbeef/);
    assert.equal(east.engine.settings, before);
  });

  it('are named by their two addresses, or the first one of a network', async () => {
    const { administration } = await started();
    administration.addPreshared(NETWORK, 'file');
    administration.addPreshared('{ localid 192.0.2.1 remoteid 10.2.0.0 key ee }', 'file');
    const match = { local: EAST, remote: '10.2.0.0' };
    assert.equal(administration.findPreshared(match, false)?.entry.bits, 8, 'the host before the network');
    assert.equal(administration.deletePreshared(match), 1);
    assert.equal(administration.findPreshared(match, false)?.entry.bits, 16);
    assert.equal(administration.deletePreshared(match), 1);
    assert.equal(administration.deletePreshared(match), 0);
    assert.equal(administration.findPreshared({ local: EAST, remote: '10.2.3.4' }, false), undefined);
  });

  it('are named by their two identities', async () => {
    const { administration } = await started();
    for (const text of [NETWORK, NAMED, RANGE])
      assert.equal(administration.addPreshared(text, 'file').ok, true);
    const find = (
      local: string,
      remote: string,
      types: [keyof typeof IDENTITY_TYPE, keyof typeof IDENTITY_TYPE],
    ) =>
      administration.findPreshared(
        {
          localIdentity: { type: IDENTITY_TYPE[types[0]], uid: 0, text: local },
          remoteIdentity: { type: IDENTITY_TYPE[types[1]], uid: 0, text: remote },
        },
        true,
      )?.key;
    assert.deepEqual([...(find('a.example', 'C=CH, O=x', ['fqdn', 'dn']) ?? [])], [0xcc]);
    assert.equal(find('a.example', 'C=CH, O=y', ['fqdn', 'dn']), undefined);
    assert.equal(find('a.example', 'C=CH, O=x', ['fqdn', 'gn']), undefined);
    assert.deepEqual([...(find('192.0.2.1/32', '10.2.0.0/16', ['prefix', 'prefix']) ?? [])], [0xaa, 0xbb]);
    assert.deepEqual([...(find('192.0.2.1', '10.2.0.0/16', ['reserved', 'prefix']) ?? [])], [0xaa, 0xbb]);
    assert.equal(find('192.0.2.1', '10.2.0.0/17', ['prefix', 'prefix']), undefined);
    assert.deepEqual([...(find('192.0.2.1', '10.3.0.1-10.3.0.9', ['prefix', 'range']) ?? [])], [0xdd]);
  });

  it('are read as a whole, repeated ones left out and said, or not at all', async () => {
    const { administration, east } = await started();
    const text = NETWORK + NAMED + NETWORK;
    const read = await administration.readPreshared({ text, source: 'new' });
    assert.equal(read.ok ? undefined : read.error.name, 'DUP_IGNORED');
    assert.match(read.ok ? '' : (read.error.details?.join() ?? ''), /^new:3:1: .*the one of line 1/);
    assert.deepEqual(keysOf(administration), ['aabb', 'cc']);
    assert.equal(east.keys.size, east.keysAtStart + 1, 'the old one is wiped');
    const before = east.engine.settings;
    const broken = await administration.readPreshared({ text: `${NETWORK}{`, source: 'new' });
    assert.equal(broken.ok ? undefined : broken.error.name, 'DATA_INVALID');
    assert.equal(east.engine.settings, before);
    assert.equal(east.keys.size, east.keysAtStart + 1);
  });

  it('are read from the default place, which must be there and nobody else may read', async () => {
    const { administration, world } = await started();
    world.presharedFile = ok(NETWORK);
    assert.equal((await administration.readPreshared(undefined)).ok, true);
    assert.deepEqual(keysOf(administration), ['aabb']);
    world.presharedFile = err({ reason: 'insecure', message: 'It has mode 0644.' });
    assert.deepEqual(
      await administration.readPreshared(undefined),
      err({ name: 'SYS_ERR', errno: 13, details: ['It has mode 0644.'] }),
    );
    world.refreshing = true;
    assert.deepEqual(
      await administration.readPreshared({ text: NAMED, source: 'new' }),
      err({ name: 'IN_PROGRESS' }),
    );
    assert.deepEqual(keysOf(administration), ['aabb']);
  });

  it('are written as they are in use', async () => {
    const { administration } = await started();
    for (const text of [NETWORK, NAMED, RANGE]) administration.addPreshared(text, 'file');
    const keys = keysOf(administration);
    const text = new TextDecoder().decode(administration.writePreshared());
    assert.equal((await administration.readPreshared({ text: '', source: 'none' })).ok, true);
    assert.equal(administration.writePreshared(), undefined);
    assert.equal((await administration.readPreshared({ text, source: 'written' })).ok, true);
    assert.deepEqual(keysOf(administration), keys);
  });

  it('never stand in an event', async () => {
    const { administration, east } = await started();
    administration.addPreshared(NETWORK.replace('aabb', 'c0ffee11'), 'file');
    await administration.readPreshared({ text: NETWORK, source: 'new' });
    assert.doesNotMatch(JSON.stringify(east.events), /c0ffee11|aabb/);
    assert.ok(east.events.some(({ type }) => type === 'config.changed'));
  });
});
