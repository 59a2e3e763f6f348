import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeRule, encodeRule, RULE, type RuleRecord } from '../../../../services/admin/door/rule.js';
import { anyRule } from './records.js';

const SMALL: RuleRecord = {
  label: 'alpha to beta',
  cookie: 7,
  exchange: 2,
  localIdType: 1,
  phase1NonceLength: 20,
  phase2NonceLength: 20,
  pfsGroup: 14,
  lifetimeSeconds: 3600,
  softlifeSeconds: 3240,
  idletimeSeconds: 0,
  lifetimeKb: 0,
  softlifeKb: 0,
  transforms: [
    {
      ...{ group: 14, cipher: 12, lowBits: 128, highBits: 256, hash: 5, method: 3, prf: 0, pfsGroup: 14 },
      ...{ maxSeconds: 7200, maxKilobytes: 0, maxKeyUses: 0 },
    },
  ],
  localRanges: [{ begin: '192.0.2.1', end: '192.0.2.1' }],
  remoteRanges: [{ begin: '198.51.100.0', end: '198.51.100.255' }],
  localIds: { includes: ['DNS=a'], excludes: [] },
  remoteIds: { includes: ['DNS=b', 'DNS=c'], excludes: ['DNS=d'] },
};

function encoded(rule: RuleRecord): Uint8Array {
  const bytes = encodeRule(rule);
  assert.ok(bytes.ok, bytes.ok ? '' : bytes.error);
  return bytes.value;
}

describe('rule', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const decoded = decodeRule(encoded(rule));
        assert.ok(decoded.ok);
        assert.deepEqual(decoded.value, rule);
      }),
    );
  });

  it('has the bytes that the structures ask for', () => {
    const bytes = Buffer.from(encoded(SMALL));
    const transforms = bytes.readUInt16LE(298);
    assert.deepEqual([bytes.readUInt16LE(296), transforms], [1, 320], 'the first list follows the structure');
    assert.equal(bytes.readUInt16LE(transforms + 4), 128);
    const remoteIds = bytes.readUInt16LE(318);
    assert.deepEqual([bytes.readUInt16LE(314), bytes.readUInt16LE(316)], [2, 1]);
    assert.equal(
      bytes.subarray(remoteIds, remoteIds + 18).toString('latin1'),
      'DNS=b\0DNS=c\0DNS=d\0',
      'packed, the included ones first',
    );
    const remote = bytes.readUInt16LE(306);
    assert.equal(bytes.length, remote + 512);
    assert.deepEqual([...bytes.subarray(remote + 4, remote + 8)], [198, 51, 100, 0], 'begin of the range');
    assert.deepEqual([...bytes.subarray(remote + 260, remote + 264)], [198, 51, 100, 255], 'its end');
    for (const offset of [298, 302, 306, 312, 318]) assert.equal(bytes.readUInt16LE(offset) % 8, 0);
  });

  it('is refused when cut short anywhere', () => {
    const bytes = encoded(SMALL);
    for (let length = 0; length < bytes.length; length++)
      assert.equal(decodeRule(bytes.subarray(0, length)).ok, false, `${String(length)} bytes`);
  });

  it('too large for 16-bit offsets is an error that names it, and what fits to the last byte is not', () => {
    const range = { begin: '192.0.2.1', end: '192.0.2.2' };
    const empty = { includes: [], excludes: [] };
    const bare = { ...SMALL, transforms: [], localIds: empty, remoteIds: empty };
    // 320 + 127 * 512 = 65344, and one more is past 65535.
    const most = { ...bare, localRanges: Array.from({ length: 127 }, () => range) };
    assert.equal(decodeRule(encoded(most)).ok, true);
    const over = encodeRule({ ...bare, localRanges: Array.from({ length: 128 }, () => range) });
    assert.ok(!over.ok);
    assert.match(over.error, /"alpha to beta" is too large/);
    const texts = Array.from({ length: 300 }, () => 'x'.repeat(300));
    assert.equal(encodeRule({ ...SMALL, remoteIds: { includes: texts, excludes: [] } }).ok, false);
  });

  it('shows a range of two families or of none as no range', () => {
    const bytes = encoded(SMALL);
    const remote = Buffer.from(bytes).readUInt16LE(306);
    bytes[remote + 256] = 26;
    const decoded = decodeRule(bytes);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value.remoteRanges, [undefined]);
  });

  it('never throws, wherever its offsets and counts point', () => {
    const places = Object.values(RULE.numbers).map(([offset]) => offset);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...places), fc.nat(0xffff)), { maxLength: 6 }),
        (changes) => {
          const bytes = Buffer.from(encoded(SMALL));
          for (const [at, value] of changes) bytes.writeUInt16LE(value, at);
          const decoded = decodeRule(bytes);
          if (!decoded.ok) assert.match(decoded.error, /rule/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
