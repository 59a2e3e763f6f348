import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodePhase1Sa,
  encodePhase1Sa,
  P1_SA,
  type Phase1SaRecord,
} from '../../../../services/admin/door/phase1-sa.js';
import { phase1Record } from '../../../../services/admin/phase1-record.js';
import { phase1Sa } from '../simulated-administration.js';
import { endpoint, identity, record, transform, u32, wide } from './records.js';

const cookie = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

const anySa: fc.Arbitrary<Phase1SaRecord> = record({
  initiatorCookie: cookie,
  responderCookie: cookie,
  major: fc.nat(255),
  minor: fc.nat(255),
  exchange: fc.nat(255),
  isInitiator: fc.boolean(),
  state: u32,
  supportsDpd: fc.boolean(),
  dpdState: u32,
  dpdTime: wide,
  transform,
  addresses: record({ local: endpoint, remote: endpoint }),
  usage: fc.option(
    record({
      quickModeSasCreated: u32,
      quickModeSasDeleted: u32,
      created: wide,
      kilobytes: u32,
      keyUses: u32,
    }),
    { nil: undefined },
  ),
  errors: fc.option(record({ decryption: u32, hash: u32, other: u32, transmit: u32 }), {
    nil: undefined,
  }),
  localIdentity: fc.option(identity, { nil: undefined }),
  remoteIdentity: fc.option(identity, { nil: undefined }),
  keys: fc.array(record({ type: u32, bytes: fc.uint8Array({ maxLength: 70 }) }), { maxLength: 7 }),
});

function encoded(sa: Phase1SaRecord): Uint8Array {
  const { local, remote } = sa.addresses;
  assert.ok(local && remote);
  return encodePhase1Sa(sa, local, remote);
}

describe('p1_sa', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anySa, (sa) => {
        const decoded = decodePhase1Sa(encoded(sa));
        assert.ok(decoded.ok);
        assert.deepEqual(decoded.value, sa);
      }),
    );
  });

  it('puts every part at a multiple of 8', () => {
    fc.assert(
      fc.property(anySa, (sa) => {
        const head = P1_SA.read(encoded(sa));
        for (const name of ['stats', 'errors', 'localId', 'remoteId', 'keys'] as const) {
          assert.equal((head?.number(`${name}Offset`) ?? 1) % 8, 0);
        }
      }),
    );
  });

  it('has the bytes that the structures ask for', () => {
    const bytes = Buffer.from(encoded(phase1Record(phase1Sa())));
    assert.equal(bytes.subarray(0, 16).toString('hex'), '0123456789abcdeffedcba9876543210', 'network order');
    assert.deepEqual([...bytes.subarray(16, 20)], [1, 0, 2, 1], 'version 1.0, main mode, initiator');
    assert.equal(bytes.readUInt32LE(20), 5, 'active');
    assert.deepEqual(
      [0, 2, 4, 6, 8, 10, 12, 14].map((offset) => bytes.readUInt16LE(40 + offset)),
      [14, 12, 0, 128, 3, 1, 0, 0],
      'group 14, SADB aes, 0..128 bits, SADB sha1, pre-shared, no prf, no PFS',
    );
    assert.equal(bytes.readUInt16LE(72), 2, 'AF_INET');
    assert.equal(bytes.readUInt16BE(74), 500);
    assert.deepEqual([...bytes.subarray(76, 80)], [192, 0, 2, 1]);
    assert.equal(bytes.readUInt16LE(584), 608, 'the first part follows the structure');
    assert.equal(bytes.readUInt16LE(586), 24);
    const local = bytes.readUInt16LE(592);
    assert.deepEqual(
      [bytes.readUInt16LE(local), bytes.readUInt16LE(local + 2), bytes.readUInt16LE(local + 4)],
      [4, 10, 1],
    );
  });

  it('gives IPv6 the family number of illumos', () => {
    const sa = phase1Sa({ local: { address: '2001:db8::1', port: 4500 } });
    const bytes = Buffer.from(encoded(phase1Record(sa)));
    assert.equal(bytes.readUInt16LE(72), 26);
    assert.equal(bytes.subarray(80, 96).toString('hex'), '20010db8000000000000000000000001');
  });

  it('counts the head of a key but not its padding', () => {
    const keys = [{ type: 'skeyid' as const, bytes: new Uint8Array(20).fill(7) }];
    const bytes = Buffer.from(encoded(phase1Record(phase1Sa({ keys }))));
    const at = bytes.readUInt16LE(600);
    assert.equal(bytes.readUInt16LE(602), 32);
    assert.deepEqual([bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)], [2, 28]);
  });

  it('is refused when cut short anywhere', () => {
    const bytes = encoded(phase1Record(phase1Sa({ keys: [{ type: 'iv', bytes: new Uint8Array(16) }] })));
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(decodePhase1Sa(bytes.subarray(0, length)).ok, false, `${String(length)} bytes`);
    }
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 600, maxLength: 900 }), (bytes) => {
        decodePhase1Sa(bytes);
      }),
    );
  });
});
