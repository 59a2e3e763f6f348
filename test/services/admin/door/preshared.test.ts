import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodePreshared,
  encodePreshared,
  type PresharedRecord,
  PS,
} from '../../../../services/admin/door/preshared.js';
import { anyPreshared } from './records.js';

const NAMED: PresharedRecord = {
  exchange: 4,
  local: { address: { address: '192.0.2.1', port: 0 }, prefixLength: 0 },
  remote: { identity: { type: 2, uid: 0, text: 'peer.example.net' } },
  key: Uint8Array.of(0xde, 0xad, 0xbe, 0xef),
  bits: 32,
};

function encoded(entry: PresharedRecord): Uint8Array {
  const bytes = encodePreshared(entry);
  assert.ok(bytes.ok, bytes.ok ? '' : bytes.error);
  return bytes.value;
}

/**
 * What the original client builds: lengths in bytes within the identities, extension type 0, the local identity at 536,
 * the remote one at the next multiple of 8, the key behind it; without padding.
 */
function fromOriginalClient(local: string, remote: string, key: readonly number[]): Buffer {
  const identity = (name: string, even: boolean): Buffer => {
    const withNul = Buffer.byteLength(name) + 1;
    const bytes = Buffer.alloc(16 + withNul + (even && withNul % 2 === 1 ? 1 : 0));
    bytes.writeUInt16LE(bytes.length, 0);
    bytes.writeUInt16LE(2, 4);
    bytes.write(name, 16);
    return bytes;
  };
  const localId = local === '' ? Buffer.alloc(0) : identity(local, false);
  const remoteId = remote === '' ? Buffer.alloc(0) : identity(remote, true);
  const remoteAt = Math.ceil((536 + localId.length) / 8) * 8;
  const keyAt = remoteAt + remoteId.length;
  const bytes = Buffer.alloc(keyAt + key.length);
  bytes.writeUInt16LE(1, 512);
  [536, localId.length, remoteAt, remoteId.length, keyAt, key.length, key.length * 8].forEach(
    (value, index) => bytes.writeUInt16LE(value, 514 + 2 * index),
  );
  localId.copy(bytes, 536);
  remoteId.copy(bytes, remoteAt);
  bytes.set(key, keyAt);
  return bytes;
}

describe('ps', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyPreshared, (entry) => {
        const decoded = decodePreshared(encoded(entry));
        assert.ok(decoded.ok);
        assert.deepEqual(decoded.value, entry);
      }),
    );
  });

  it('has the bytes that the structure asks for', () => {
    const bytes = Buffer.from(encoded(NAMED));
    assert.equal(bytes.readUInt16LE(0), 2, 'AF_INET');
    assert.ok(
      bytes.subarray(256, 512).every((byte) => byte === 0),
      'no address beside a name',
    );
    assert.deepEqual(
      [512, 514, 516, 518, 520, 522, 524, 526].map((at) => bytes.readUInt16LE(at)),
      [4, 536, 0, 536, 40, 576, 4, 32],
    );
    assert.equal(bytes.readUInt16LE(536), 5, 'words of the identity');
    assert.equal(bytes.readUInt16LE(538), 11, 'destination');
    assert.deepEqual([...bytes.subarray(576, 580)], [0xde, 0xad, 0xbe, 0xef]);
  });

  it('is understood as the original client sends it, odd lengths and all', () => {
    for (const [local, remote] of [
      ['a.example', 'b.example'],
      ['aa.example', 'bb.example'],
      ['seven77', 'eight888'],
    ] as const) {
      const decoded = decodePreshared(fromOriginalClient(local, remote, [1, 2, 3]));
      assert.ok(decoded.ok);
      assert.deepEqual(decoded.value, {
        exchange: 1,
        local: { identity: { type: 2, uid: 0, text: local } },
        remote: { identity: { type: 2, uid: 0, text: remote } },
        key: Uint8Array.of(1, 2, 3),
        bits: 24,
      });
    }
    const addresses = decodePreshared(fromOriginalClient('', '', [1]));
    assert.ok(addresses.ok);
    assert.deepEqual(addresses.value.local, { address: undefined, prefixLength: 0 });
  });

  it('is refused when cut short anywhere before its padding', () => {
    const bytes = encoded(NAMED);
    for (let length = 0; length < 580; length++)
      assert.equal(decodePreshared(bytes.subarray(0, length)).ok, false, `${String(length)} bytes`);
  });

  it('takes no part from within the fixed values', () => {
    const bytes = Buffer.from(encoded(NAMED));
    bytes.writeUInt16LE(0, 522);
    assert.equal(decodePreshared(bytes).ok, false);
  });

  it('with what does not fit is an error that repeats nothing of the key', () => {
    const long = encodePreshared({ ...NAMED, bits: 70_000, key: new Uint8Array(8750).fill(0xab) });
    assert.ok(!long.ok);
    assert.doesNotMatch(long.error, /abab/);
    const identity = { type: 2, uid: 0, text: 'x'.repeat(5000) };
    assert.equal(encodePreshared({ ...NAMED, local: { identity } }).ok, false);
  });

  it('never throws, wherever its offsets and lengths point', () => {
    const places = Object.values(PS.numbers).map(([offset]) => offset);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...places), fc.nat(0xffff)), { maxLength: 6 }),
        (changes) => {
          const bytes = Buffer.from(encoded(NAMED));
          for (const [at, value] of changes) bytes.writeUInt16LE(value, at);
          const decoded = decodePreshared(bytes);
          if (!decoded.ok) assert.match(decoded.error, /pre-shared key/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
