/** PF_KEY messages as bytes: known vectors, both ways, cut anywhere, on words of 8 bytes. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromHex, hex } from '../../../services/bytes.js';
import type { Dialect } from '../../../services/pfkey/dialect.js';
import { ILLUMOS_DIALECT } from '../../../services/pfkey/illumos-dialect.js';
import { LINUX_DIALECT } from '../../../services/pfkey/linux-dialect.js';
import { decodeMessage, encodeMessage, type PfkeyMessage } from '../../../services/pfkey/message.js';
import { anyMessage } from './any-message.js';

function encoded(message: PfkeyMessage, dialect: Dialect): Uint8Array {
  const bytes = encodeMessage(message, dialect);
  assert.ok(bytes.ok, bytes.ok ? '' : bytes.error);
  return bytes.value;
}

const HEAD = { errno: 0, saType: 3, diagnostic: 0, sequence: 1, pid: 0x1234 };

interface Vector {
  readonly name: string;
  readonly dialect: Dialect;
  readonly message: PfkeyMessage;
  readonly bytes: string;
}

/** Written down field by field from the tables of both headers. */
const VECTORS: readonly Vector[] = [
  {
    name: 'extended REGISTER',
    dialect: ILLUMOS_DIALECT,
    message: { ...HEAD, kind: 'REGISTER', saType: 0, extensions: [{ kind: 'X_EREG', saTypes: [3, 2] }] },
    bytes: '0207000003000000 0100000034120000 0100110003020000',
  },
  {
    name: 'REGISTER for ESP',
    dialect: LINUX_DIALECT,
    message: { ...HEAD, kind: 'REGISTER', extensions: [] },
    bytes: '0207000302000000 0100000034120000',
  },
  {
    name: 'GETSPI whose range is in network order',
    dialect: ILLUMOS_DIALECT,
    message: { ...HEAD, kind: 'GETSPI', extensions: [{ kind: 'SPIRANGE', min: 256, max: 0x0fff_ffff }] },
    bytes: '0201000304000000 0100000034120000 0200100000000100 0fffffff00000000',
  },
  {
    name: 'GETSPI whose range is in host order',
    dialect: LINUX_DIALECT,
    message: { ...HEAD, kind: 'GETSPI', extensions: [{ kind: 'SPIRANGE', min: 256, max: 0x0fff_ffff }] },
    bytes: '0201000304000000 0100000034120000 0200100000010000 ffffff0f00000000',
  },
  {
    name: 'an IPv6 address of 28 bytes, padded to 32',
    dialect: LINUX_DIALECT,
    message: {
      ...HEAD,
      kind: 'GET',
      extensions: [
        {
          kind: 'ADDRESS_SRC',
          protocol: 17,
          prefixLength: 128,
          endpoint: { address: '2001:db8::1', port: 500 },
        },
      ],
    },
    bytes:
      '0205000307000000 0100000034120000 0500050011800000 0a0001f400000000 20010db800000000 0000000000000001 0000000000000000',
  },
  {
    name: 'an IPv6 address of 32 bytes, of another family number',
    dialect: ILLUMOS_DIALECT,
    message: {
      ...HEAD,
      kind: 'GET',
      extensions: [
        {
          kind: 'ADDRESS_SRC',
          protocol: 17,
          prefixLength: 128,
          endpoint: { address: '2001:db8::1', port: 500 },
        },
      ],
    },
    bytes:
      '0205000307000000 0100000034120000 0500050011800000 1a0001f400000000 20010db800000000 0000000000000001 0000000000000000',
  },
  {
    name: 'a key with salt, and its pair',
    dialect: ILLUMOS_DIALECT,
    message: {
      ...HEAD,
      kind: 'ADD',
      extensions: [
        { kind: 'KEY_ENCRYPT', bits: 40, saltBits: 8, key: fromHex('0102030405') },
        { kind: 'X_PAIR', spi: 0x1122_3344 },
      ],
    },
    bytes: '0203000305000000 0100000034120000 0200090028000800 0102030405000000 0100170011223344',
  },
  {
    name: 'ESP in UDP between two ports',
    dialect: LINUX_DIALECT,
    message: {
      ...HEAD,
      kind: 'ADD',
      extensions: [
        { kind: 'X_NAT_T_TYPE', type: 2 },
        { kind: 'X_NAT_T_SPORT', port: 4500 },
        { kind: 'X_SA2', mode: 2, sequence: 0, requestId: 7 },
      ],
    },
    bytes:
      '0203000306000000 0100000034120000 0100140002000000 0100150011940000 0200130002000000 0000000007000000',
  },
  {
    name: 'a policy with a request in tunnel mode, whose length counts bytes',
    dialect: LINUX_DIALECT,
    message: {
      ...HEAD,
      kind: 'X_SPDADD',
      saType: 0,
      extensions: [
        {
          kind: 'X_POLICY',
          type: 2,
          direction: 2,
          id: 9,
          priority: 0,
          requests: [
            {
              protocol: 50,
              mode: 2,
              level: 2,
              requestId: 1,
              tunnel: {
                source: { address: '192.0.2.1', port: 0 },
                destination: { address: '192.0.2.2', port: 0 },
              },
            },
          ],
        },
      ],
    },
    bytes:
      '020e00000a000000 0100000034120000 0800120002000200 0900000000000000 3000320002020000 0100000000000000 ' +
      '02000000c0000201 0000000000000000 02000000c0000202 0000000000000000',
  },
];

describe('PF_KEY messages', () => {
  for (const { name, dialect, message, bytes } of VECTORS) {
    it(`${dialect.name}: ${name}`, () => {
      const expected = bytes.replaceAll(' ', '');
      assert.equal(hex(encoded(message, dialect)), expected);
      assert.deepEqual(decodeMessage(fromHex(expected), dialect), { ok: true, value: message });
    });
  }

  for (const dialect of [LINUX_DIALECT, ILLUMOS_DIALECT]) {
    it(`${dialect.name}: any message comes back as it went`, () => {
      fc.assert(
        fc.property(anyMessage(dialect), (message) => {
          assert.deepEqual(decodeMessage(encoded(message, dialect), dialect), { ok: true, value: message });
        }),
      );
    });

    it(`${dialect.name}: every extension begins and ends on a word of 8 bytes`, () => {
      fc.assert(
        fc.property(anyMessage(dialect), (message) => {
          const bytes = encoded(message, dialect);
          const view = new DataView(bytes.buffer);
          assert.equal(view.getUint16(4, true) * 8, bytes.length);
          let at = 16;
          for (const extension of message.extensions) {
            const number =
              extension.kind === 'unknown' ? extension.number : dialect.extensions[extension.kind];
            assert.equal(view.getUint16(at + 2, true), number);
            at += view.getUint16(at, true) * 8;
          }
          assert.equal(at, bytes.length);
        }),
      );
    });

    it(`${dialect.name}: a message cut short anywhere is refused, whether or not its length admits it`, () => {
      fc.assert(
        fc.property(anyMessage(dialect, { minLength: 1 }), (message) => {
          const bytes = encoded(message, dialect);
          for (let length = 0; length < bytes.length; length++) {
            const cut = bytes.slice(0, length);
            assert.equal(decodeMessage(cut, dialect).ok, false, `cut at ${String(length)}`);
            if (length < 16) continue;
            // Its length field says the truth now; what it holds must still never throw.
            new DataView(cut.buffer).setUint16(4, length / 8, true);
            decodeMessage(cut, dialect);
          }
        }),
        { numRuns: 30 },
      );
    });

    it(`${dialect.name}: no bytes make it throw`, () => {
      fc.assert(
        fc.property(
          anyMessage(dialect, { minLength: 1 }),
          fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
          (message, changes) => {
            const bytes = encoded(message, dialect);
            for (const [at, value] of changes) bytes[at % bytes.length] = value;
            const decoded = decodeMessage(bytes, dialect);
            if (decoded.ok) assert.equal(encodeMessage(decoded.value, dialect).ok, true);
          },
        ),
        { numRuns: 500 },
      );
    });
  }

  it('refuses an extension of the length 0, which would never end', () => {
    const bytes = encoded(
      { ...HEAD, kind: 'GET', extensions: [{ kind: 'X_SA2', mode: 0, sequence: 0, requestId: 0 }] },
      LINUX_DIALECT,
    );
    bytes[16] = 0;
    assert.deepEqual(decodeMessage(bytes, LINUX_DIALECT), {
      ok: false,
      error: { at: 16, why: 'an extension has the length 0' },
    });
  });

  it('does not say to a kernel what it does not know', () => {
    const pair = encodeMessage(
      { ...HEAD, kind: 'ADD', extensions: [{ kind: 'X_PAIR', spi: 1 }] },
      LINUX_DIALECT,
    );
    assert.deepEqual(pair, { ok: false, error: 'linux has no extension X_PAIR' });
    const dump = encodeMessage({ ...HEAD, kind: 'X_SPDDUMP', extensions: [] }, ILLUMOS_DIALECT);
    assert.deepEqual(dump, { ok: false, error: 'illumos has no X_SPDDUMP' });
  });
});
