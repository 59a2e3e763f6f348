/** `ikeadm -j`: the same facts, one JSON document per command. */
import assert from 'node:assert/strict';
import { phase1Sa, SimulatedAdministration } from '../../services/admin/simulated-administration.js';
import { run } from './simulated-world.js';

describe('ikeadm -j', () => {
  const admin = new SimulatedAdministration().add(phase1Sa());
  admin.level = 2;

  for (const line of [
    ...['get debug', 'get priv', 'get stats', 'get defaults', 'dump p1', 'get p1 alpha beta', 'dump groups'],
    ...[
      'dump encralgs',
      'dump authalgs',
      'set debug all',
      'set priv 2',
      'up alpha beta',
      'help',
      'del p1 ::1 ::2',
    ],
    ...['exit', 'get', 'frob', 'get p1 x', 'get rule x', 'del p1 alpha beta', 'flush p1'],
  ]) {
    it(`prints one document for "${line}" and the same exit code`, async () => {
      const before = [...admin.sas];
      const plain = await run(line, admin);
      for (const [serial, sa] of before) admin.sas.set(serial, sa);
      const json = await run(`-j ${line}`, admin);
      for (const [serial, sa] of before) admin.sas.set(serial, sa);
      assert.equal(typeof JSON.parse(json.stdout), 'object');
      assert.deepEqual([json.stderr, json.exit], ['', plain.exit]);
    });
  }

  it('gives Phase 1 SAs as a list', async () => {
    const sas: unknown = JSON.parse((await run('-jp dump p1', admin)).stdout);
    assert.deepEqual(sas, [
      {
        initiatorCookie: '0x0123456789abcdef',
        responderCookie: '0xfedcba9876543210',
        role: 'initiator',
        version: '1.0',
        exchange: 'main mode (identity protect)',
        state: 'ACTIVE',
        local: { address: '192.0.2.1', port: 500 },
        remote: { address: '198.51.100.7', port: 500 },
        deadPeerDetection: null,
        transform: {
          method: 'pre-shared key',
          encryption: 'aes-cbc',
          keyBits: { low: 128, high: 128 },
          authentication: 'hmac-sha1',
          prf: null,
          group: { number: 14, name: '2048-bit MODP (group 14)' },
          pfsGroup: null,
        },
        limits: { seconds: 14_400, kilobytes: 0, keyUses: 0 },
        usage: {
          quickModeSasCreated: 2,
          quickModeSasDeleted: 0,
          created: '2026-02-07T04:05:06.000Z',
          kilobytes: 1,
          keyUses: 1,
        },
        errors: { decryption: 1, hash: 2, other: 3, transmit: 4 },
        localIdentity: { type: 'prefix', uid: 0, text: '192.0.2.1/32' },
        remoteIdentity: { type: 'prefix', uid: 0, text: '198.51.100.7/32' },
        keys: [{ type: 'SKEYID', key: `${'XX'.repeat(20)}/160` }],
      },
    ]);
  });

  it('gives errors as {"error": ...}', async () => {
    const missing: unknown = JSON.parse((await run('-j get p1 192.0.2.1 192.0.2.2', admin)).stdout);
    assert.deepEqual(missing, {
      error: { message: 'Could not find requested phase 1 SA.', door: { name: 'NO_OBJ', code: 1 } },
    });
    const down: unknown = JSON.parse((await run('-j dump p1')).stdout);
    assert.deepEqual(down, {
      error: {
        message: 'open_door failed: No such file or directory',
        details: ['Unable to communicate with in.iked', 'Start it.'],
      },
    });
  });
});
