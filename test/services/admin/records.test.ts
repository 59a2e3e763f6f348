/** What the daemon knows, in the numbers of the door, and back into words. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  encodePreshared,
  decodePreshared,
  type PresharedRecord,
} from '../../../services/admin/door/preshared.js';
import { presharedRecord } from '../../../services/admin/preshared-record.js';
import { presharedText } from '../../../services/admin/preshared-text.js';
import { ruleRecord } from '../../../services/admin/rule-record.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { parsePreshared } from '../../../services/config/ike-preshared.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { anyPreshared } from './door/records.js';

const CONFIG = `
p1_nonce_len 24 p2_nonce_len 32
p1_xform { auth_method rsa_sig oakley_group 14 auth_alg sha256 encr_alg aes(128..192) p1_lifetime_secs 7200 }
{ label "branches" local_id_type dn local_id "DNS=gw" remote_id "DNS=a" remote_id "!DNS=b"
  local_addr 198.51.100.1 remote_addr 203.0.113.0/24 remote_addr 2001:db8::1 - 2001:db8::9
  p2_pfs 5 p2_lifetime_secs 600 p2_idletime_secs 60 p2_lifetime_kb 1000 }
{ label "lab" local_addr 10.0.0.1 remote_addr 10.0.0.2 ike_mode both
  p1_xform { auth_method preshared oakley_group 2 auth_alg md5 encr_alg 3des } }
`;

const KEYS = `
{ localid 192.0.2.1 remoteid 192.0.2.0/24 key 0102030405060708 }
{ localidtype prefix localid 10.0.0.0/8 remoteidtype ipv4-range remoteid 10.1.0.1-10.1.0.9 ike_mode main key abc }
{ localidtype fqdn localid gw.example remoteidtype user_fqdn remoteid "me@example" ike_mode aggressive key ff/7 }
{ localidtype keyid localid "the key" remoteidtype dn remoteid "C=CH, O=Example" ike_mode both key 00 }
{ localid 2001:db8::1 remoteidtype ipv6-range remoteid 2001:db8::2-2001:db8::3 key 0123 }
`;

function recordsOf(text: string): readonly PresharedRecord[] {
  const store = new KeyStore();
  const { keys, diagnostics } = parsePreshared(text, 'keys', (bytes) => store.put(bytes));
  assert.ok(keys, JSON.stringify(diagnostics));
  return keys.map((entry) => presharedRecord({ entry, key: Uint8Array.from(store.bytes(entry.key)) }));
}

describe('records of the door', () => {
  it('have the numbers that ikeadm shows rules by', () => {
    const { config, diagnostics } = parseIkeConfig(CONFIG, 'config');
    assert.ok(config, JSON.stringify(diagnostics));
    const [branches, lab] = config.rules.map((rule, index) =>
      ruleRecord({ rule, cookie: index + 1, globals: config.globals }),
    );
    assert.deepEqual(branches, {
      label: 'branches',
      cookie: 1,
      exchange: 2,
      localIdType: 4,
      phase1NonceLength: 24,
      phase2NonceLength: 32,
      pfsGroup: 5,
      lifetimeSeconds: 600,
      softlifeSeconds: 540,
      idletimeSeconds: 60,
      lifetimeKb: 1000,
      softlifeKb: 900,
      transforms: [
        {
          ...{ group: 14, cipher: 12, lowBits: 128, highBits: 192, hash: 5, method: 3, prf: 0, pfsGroup: 5 },
          ...{ maxSeconds: 7200, maxKilobytes: 0, maxKeyUses: 0 },
        },
      ],
      localRanges: [{ begin: '198.51.100.1', end: '198.51.100.1' }],
      remoteRanges: [
        { begin: '203.0.113.0', end: '203.0.113.255' },
        { begin: '2001:db8::1', end: '2001:db8::9' },
      ],
      localIds: { includes: ['DNS=gw'], excludes: [] },
      remoteIds: { includes: ['DNS=a'], excludes: ['DNS=b'] },
    });
    assert.deepEqual([lab?.exchange, lab?.localIdType, lab?.transforms[0]?.highBits], [240, 1, 0]);
  });

  it('of pre-shared keys survive the door and the way back into the syntax of the file', () => {
    const before = recordsOf(KEYS);
    assert.deepEqual(
      before.map(({ exchange, bits }) => [exchange, bits]),
      [
        [1, 64],
        [2, 16],
        [4, 7],
        [240, 8],
        [1, 16],
      ],
    );
    const [first] = before;
    assert.deepEqual(first?.remote, { address: { address: '192.0.2.0', port: 0 }, prefixLength: 24 });
    const text = before.map((entry) => {
      const encoded = encodePreshared(entry);
      assert.ok(encoded.ok);
      const decoded = decodePreshared(encoded.value);
      assert.ok(decoded.ok);
      const written = presharedText(decoded.value);
      assert.ok(written.ok, written.ok ? '' : written.error);
      return written.value;
    });
    assert.deepEqual(recordsOf(text.join('\n')), before);
  });

  it('without their key show neither key nor its length', () => {
    const store = new KeyStore();
    const { keys } = parsePreshared(KEYS, 'keys', (bytes) => store.put(bytes));
    for (const entry of keys ?? []) {
      const { key, bits } = presharedRecord({ entry });
      assert.deepEqual([key, bits], [undefined, 0]);
    }
  });

  it('that came as a structure become one entry or are refused, whatever their texts hold', () => {
    const nasty = fc.constantFrom(
      '" key 00 } { localid 1.2.3.4',
      'a\nb',
      '',
      '}',
      'a b',
      '#',
      'x" }',
      'a@b',
      '/',
    );
    const end = fc.record({ identity: fc.record({ type: fc.nat(8), uid: fc.constant(0), text: nasty }) });
    fc.assert(
      fc.property(
        fc.oneof(
          anyPreshared,
          anyPreshared.chain((entry) => end.map((local) => ({ ...entry, local }))),
        ),
        (entry) => {
          const text = presharedText(entry);
          if (!text.ok) return;
          const store = new KeyStore();
          const { keys } = parsePreshared(text.value, 'door', (bytes) => store.put(bytes));
          if (keys === undefined) return;
          assert.equal(keys.length, 1);
          assert.equal(store.size, 1);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('are refused with a reason that repeats nothing of the key', () => {
    const [good] = recordsOf(KEYS);
    assert.ok(good);
    const bad: readonly (readonly [Partial<PresharedRecord>, RegExp])[] = [
      [{ exchange: 3 }, /3 is no exchange/],
      [{ key: undefined }, /missing/],
      [{ bits: 65 }, /8 bytes cannot have 65 bits/],
      [{ bits: 56 }, /cannot have 56 bits/],
      [{ local: { address: undefined, prefixLength: 0 } }, /local end has neither/],
      [{ remote: { identity: { type: 9, uid: 0, text: 'x' } } }, /9 is no identity type of the remote/],
      [{ remote: { identity: { type: 2, uid: 0, text: 'a"b' } } }, /remote identity/],
    ];
    for (const [changes, reason] of bad) {
      const text = presharedText({ ...good, ...changes });
      assert.ok(!text.ok);
      assert.match(text.error, reason);
      assert.doesNotMatch(text.error, /0102/);
    }
  });
});
