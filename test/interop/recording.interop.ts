/** Recordings of negotiations with charon: replayed, searched for keys, forked, and decrypted by tshark. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { replay } from '../../daemon/replay/replay.js';
import { hex } from '../../services/bytes.js';
import { readRecording } from '../../services/record/file-text.js';
import { settle } from '../sim/simulated-daemon.js';
import { useLab } from './lab/lab.js';
import { assertEstablishes, ROLES } from './lab/roles.js';
import { scenario, type Wishes } from './lab/scenario.js';
import { attempt, eventually } from './lab/shell.js';

const CASES: readonly (Wishes & { readonly name: string })[] = [
  { name: 'PSK with PFS', pfs: 'modp2048' },
  { name: 'RSA', auth: 'rsa', identity: 'fqdn' },
  { name: 'PSK, Aggressive Mode', exchange: 'aggressive' },
];

/** Every key that the run made, by replaying it with its secrets. */
async function keysOf(text: string): Promise<ReadonlySet<string>> {
  const recording = readRecording(text);
  assert.ok(recording.ok);
  const made = new Set<string>();
  const result = await replay(recording.value, {
    crypto: (keys, random) => {
      const put = keys.put.bind(keys);
      keys.put = (bytes) => {
        made.add(hex(bytes));
        return put(bytes);
      };
      return new NodeCrypto(keys, random, { workers: false });
    },
    settled: settle,
  });
  assert.ok(result.ok);
  for (const { secret } of recording.value.header.config.presharedKeys) made.add(secret ?? '');
  made.delete('');
  return made;
}

describe('recordings of negotiations with charon', () => {
  const lab = useLab();

  for (const role of ROLES) {
    for (const { name, ...wishes } of CASES) {
      it(`${role}: ${name}: is replayed byte for byte with secrets, and without them holds no key`, async () => {
        const pair = await lab.arrange(scenario(wishes));
        const { daemon } = pair;
        const ikeadm = async (...args: readonly string[]): Promise<string> => {
          const ended = await daemon.ikeadm(...args);
          assert.equal(ended.status, 0, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
          return ended.stdout;
        };
        await ikeadm('record', 'on', '--with-secrets');
        await assertEstablishes(role, pair);
        const [open, shut] = [join(daemon.root, 'open.ikerec'), join(daemon.root, 'shut.ikerec')];
        await ikeadm('record', 'save', 'p1-1', open, '--with-secrets');
        await ikeadm('record', 'save', 'p1-1', shut);
        assert.equal(statSync(open).mode & 0o777, 0o600);
        for (const file of [open, shut])
          assert.match(await ikeadm('replay', file), /The replay is the same to the end\.\n$/);
        const keys = await keysOf(readFileSync(open, 'utf8'));
        assert.ok(keys.size > 10, String(keys.size));
        const text = readFileSync(shut, 'utf8');
        assert.deepEqual(
          [...keys].filter((key) => text.includes(key)),
          [],
        );

        const change = 'p1_xform { auth_method preshared oakley_group 5 auth_alg md5 encr_alg 3des }';
        for (const file of [open, shut])
          assert.match(await ikeadm('replay', file, '--set', change), /The path forks in p1-1:/);

        const [capture, table] = [join(daemon.root, 'out.pcapng'), join(daemon.root, 'keys')];
        await ikeadm('record', 'export', open, 'pcapng', capture);
        await ikeadm('record', 'export', open, 'keys', table);
        const refused = await daemon.ikeadm('record', 'export', shut, 'keys', join(daemon.root, 'none'));
        assert.equal(refused.status, 1);
        const decrypted = await attempt(
          'tshark',
          [
            ...['-r', capture, '-Y', 'isakmp.flag_e == 1', '-T', 'fields', '-e', 'isakmp.typepayload'],
            ...['-o', `uat:ikev1_decryption_table:${readFileSync(table, 'utf8').trim()}`],
          ],
          60,
        );
        assert.equal(decrypted.status, 0, decrypted.stderr);
        const messages = decrypted.stdout.trim().split('\n');
        assert.ok(messages.length >= 3, decrypted.stdout);
        // HASH is in each of Quick Mode; without the keys tshark sees no payload at all.
        for (const message of messages.slice(-3)) assert.match(message, /(^|,)8(,|$)/);
      });
    }
  }

  for (const role of ROLES) {
    it(`${role}: a renewal of Phase 2 whose Phase 1 is not kept is replayed, with and without secrets`, async () => {
      const pair = await lab.arrange(scenario({ pfs: 'modp2048' }));
      const { daemon, charon } = pair;
      const ikeadm = async (...args: readonly string[]): Promise<string> => {
        const ended = await daemon.ikeadm(...args);
        assert.equal(ended.status, 0, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
        return ended.stdout;
      };
      await assertEstablishes(role, pair);
      // What was kept of Phase 1 is forgotten, as it is when enough has happened since.
      await ikeadm('record', 'off');
      await ikeadm('record', 'on', '--with-secrets');
      const [traffic] = pair.scenario.traffic;
      if (role === 'initiator') await daemon.up(traffic);
      else await charon.rekeyChild(traffic.name);
      await eventually('the renewal', 15, () =>
        daemon.events().filter((event) => event.type === 'negotiation.ended' && event.outcome === 'installed')
          .length >= 2
          ? true
          : undefined,
      );
      const [open, shut] = [join(daemon.root, 'open.ikerec'), join(daemon.root, 'shut.ikerec')];
      await ikeadm('record', 'save', 'p2-2', open, '--with-secrets');
      await ikeadm('record', 'save', 'p2-2', shut);
      for (const file of [open, shut]) {
        assert.match(readFileSync(file, 'utf8'), /"kind":"stands"/);
        assert.match(await ikeadm('replay', file), /The replay is the same to the end\.\n$/);
      }
      const keys = await keysOf(readFileSync(open, 'utf8'));
      assert.ok(keys.size > 5, String(keys.size));
      const text = readFileSync(shut, 'utf8');
      assert.deepEqual(
        [...keys].filter((key) => text.includes(key)),
        [],
      );
      if (role === 'initiator') return;
      // What charon offers, read out of the recording, is what we accept.
      assert.match(await ikeadm('explain', shut, 'mode', 'quick'), /^Accepted: /);
    });
  }
});
