/** Every extension of both dialects as bytes, written down by hand from pf_key(4P) and the headers of both systems. */
import assert from 'node:assert/strict';
import { fromHex, hex } from '../../../services/bytes.js';
import type { Dialect } from '../../../services/pfkey/dialect.js';
import type { PfkeyExtension } from '../../../services/pfkey/extension.js';
import { decodeExtension, encodeExtension } from '../../../services/pfkey/extension-codec.js';
import { ILLUMOS_DIALECT } from '../../../services/pfkey/illumos-dialect.js';
import { LINUX_DIALECT } from '../../../services/pfkey/linux-dialect.js';

const BOTH = [LINUX_DIALECT, ILLUMOS_DIALECT];
const LINUX = [LINUX_DIALECT];
const ILLUMOS = [ILLUMOS_DIALECT];

const NO_LIMITS = { allocations: 0, bytes: 0, addTime: 0, useTime: 0 };
const HERE = { address: '192.0.2.1', port: 4500 };
const LIFETIME = { allocations: 1, bytes: 0x0102_0304, addTime: 28_800, useTime: 5 };
/** The same of one, but for length and number. */
const LIFETIME_BYTES = '01000000 0403020100000000 8070000000000000 0500000000000000';
/** Family 2, port 4500, 192.0.2.1. */
const HERE_BYTES = '02001194c0000201 0000000000000000';

type Vector = readonly [dialects: readonly Dialect[], extension: PfkeyExtension, bytes: string];

const address = (kind: PfkeyExtension['kind'], number: string): readonly [PfkeyExtension, string] => {
  const extension = { kind, protocol: 17, prefixLength: 32, endpoint: HERE };
  if (!isAddress(extension)) throw new Error(`${kind} is no address`);
  return [extension, `0300${number}00 11200000 ${HERE_BYTES}`];
};

function isAddress(extension: {
  readonly kind: string;
}): extension is Extract<PfkeyExtension, { readonly endpoint: unknown }> {
  return 'endpoint' in extension;
}

const VECTORS: readonly Vector[] = [
  [
    BOTH,
    {
      ...{ kind: 'SA', spi: 0x1122_3344, replayWindow: 64, state: 1 },
      ...{ authentication: 3, encryption: 12, flags: 0x0002_0000 },
    },
    '02000100 11223344 4001030c 00000200',
  ],
  [BOTH, { kind: 'LIFETIME_CURRENT', ...LIFETIME }, `04000200 ${LIFETIME_BYTES}`],
  [BOTH, { kind: 'LIFETIME_HARD', ...LIFETIME }, `04000300 ${LIFETIME_BYTES}`],
  [BOTH, { kind: 'LIFETIME_SOFT', ...LIFETIME }, `04000400 ${LIFETIME_BYTES}`],
  [ILLUMOS, { kind: 'X_LIFETIME_IDLE', ...LIFETIME }, `04001a00 ${LIFETIME_BYTES}`],
  [BOTH, ...address('ADDRESS_SRC', '05')],
  [BOTH, ...address('ADDRESS_DST', '06')],
  [LINUX, ...address('ADDRESS_PROXY', '07')],
  [LINUX, ...address('X_NAT_T_OA', '17')],
  [ILLUMOS, ...address('X_ADDRESS_INNER_SRC', '07')],
  [ILLUMOS, ...address('X_ADDRESS_INNER_DST', '16')],
  [ILLUMOS, ...address('X_ADDRESS_NATT_LOC', '14')],
  [ILLUMOS, ...address('X_ADDRESS_NATT_REM', '15')],
  [
    LINUX,
    { kind: 'KEY_AUTH', bits: 80, saltBits: 0, key: fromHex('0102030405060708090a') },
    '03000800 50000000 0102030405060708 090a000000000000',
  ],
  [
    ILLUMOS,
    { kind: 'KEY_ENCRYPT', bits: 160, saltBits: 32, key: fromHex('aa'.repeat(20)) },
    `04000900 a0002000 ${'aa'.repeat(20)}00000000`,
  ],
  [
    ILLUMOS,
    { kind: 'X_STR_AUTH', bits: 16, saltBits: 0, key: fromHex('6869') },
    '02001c00 10000000 6869000000000000',
  ],
  [
    BOTH,
    { kind: 'IDENTITY_SRC', type: 2, id: 7, text: new TextEncoder().encode('east.example') },
    '04000a00 02000000 0700000000000000 656173742e657861 6d706c6500000000',
  ],
  [
    BOTH,
    { kind: 'IDENTITY_DST', type: 3, id: 0, text: new TextEncoder().encode('a@b.cde') },
    '03000b00 03000000 0000000000000000 6140622e63646500',
  ],
  [
    BOTH,
    { kind: 'SENSITIVITY', body: fromHex('000000010203040500000000') },
    '02000c00 00000001 0203040500000000',
  ],
  [
    ILLUMOS,
    { kind: 'X_OUTER_SENS', body: fromHex('000000010203040500000001') },
    '02001b00 00000001 0203040500000001',
  ],
  [
    ILLUMOS,
    {
      kind: 'PROPOSAL',
      replayWindow: 32,
      combinations: [
        {
          ...{ authentication: 3, encryption: 20, flags: 1, encryptionSaltBits: 32 },
          authenticationBits: { low: 160, high: 160 },
          encryptionBits: { low: 128, high: 256 },
          soft: { allocations: 1, bytes: 2, addTime: 3, useTime: 4 },
          hard: { allocations: 5, bytes: 6, addTime: 7, useTime: 8 },
        },
      ],
    },
    '0a000d00 20000000 03140100 a000a000 80000001 20000000 01000000 05000000 0200000000000000 0600000000000000 ' +
      '0300000000000000 0700000000000000 0400000000000000 0800000000000000',
  ],
  [
    LINUX,
    {
      kind: 'PROPOSAL',
      replayWindow: 32,
      combinations: [
        {
          ...{ authentication: 3, encryption: 12, flags: 0, encryptionSaltBits: 0 },
          authenticationBits: { low: 160, high: 160 },
          encryptionBits: { low: 128, high: 256 },
          soft: { allocations: 0, bytes: 0, addTime: 72_000, useTime: 25_200 },
          hard: { allocations: 0, bytes: 0, addTime: 86_400, useTime: 28_800 },
        },
      ],
    },
    '0a000d00 20000000 030c0000 a000a000 80000001 00000000 00000000 00000000 0000000000000000 0000000000000000 ' +
      '4019010000000000 8051010000000000 7062000000000000 8070000000000000',
  ],
  [
    ILLUMOS,
    {
      kind: 'SUPPORTED_AUTH',
      algorithms: [{ id: 5, ivLength: 0, minBits: 256, maxBits: 256, incrementBits: 0, saltBits: 0 }],
    },
    '02000e00 00000000 0500000100010000',
  ],
  [
    ILLUMOS,
    {
      kind: 'SUPPORTED_ENCRYPT',
      algorithms: [{ id: 20, ivLength: 8, minBits: 128, maxBits: 256, incrementBits: 64, saltBits: 32 }],
    },
    '02000f00 00000000 1408800000014020',
  ],
  [
    LINUX,
    {
      kind: 'SUPPORTED_ENCRYPT',
      algorithms: [
        { id: 11, ivLength: 0, minBits: 0, maxBits: 0, incrementBits: 0, saltBits: 0 },
        { id: 12, ivLength: 16, minBits: 128, maxBits: 256, incrementBits: 0, saltBits: 0 },
      ],
    },
    '03000f00 00000000 0b00000000000000 0c10800000010000',
  ],
  [LINUX, { kind: 'SUPPORTED_AUTH', algorithms: [] }, '01000e00 00000000'],
  [LINUX, { kind: 'SPIRANGE', min: 0x100, max: 0x0fff_ffff }, '02001000 00010000 ffffff0f 00000000'],
  [ILLUMOS, { kind: 'SPIRANGE', min: 0x100, max: 0x0fff_ffff }, '02001000 00000100 0fffffff 00000000'],
  [ILLUMOS, { kind: 'X_EREG', saTypes: [3, 2] }, '01001100 03020000'],
  [
    ILLUMOS,
    {
      kind: 'X_EPROP',
      replayWindow: 64,
      combinations: [
        {
          flags: 0,
          soft: { ...NO_LIMITS, addTime: 24_000 },
          hard: { ...NO_LIMITS, addTime: 28_800 },
          algorithms: [
            { saType: 3, algorithmType: 1, algorithm: 3, saltBits: 0, minBits: 160, maxBits: 160 },
            { saType: 3, algorithmType: 2, algorithm: 12, saltBits: 0, minBits: 128, maxBits: 256 },
          ],
        },
      ],
      cookieInside: { kind: 'X_KM_COOKIE', protocol: 1, cookie: 9 },
    },
    '0d001200 40000100 02000000 00000000 00000000 00000000 0000000000000000 0000000000000000 c05d000000000000 ' +
      '8070000000000000 0000000000000000 0000000000000000 03010300a000a000 03020c0080000001 ' +
      '0200130001000000 0900000000000000',
  ],
  [ILLUMOS, { kind: 'X_KM_COOKIE', protocol: 1, cookie: 9 }, '02001300 01000000 09000000 00000000'],
  [ILLUMOS, { kind: 'X_PAIR', spi: 0x1122_3344 }, '01001700 11223344'],
  [
    ILLUMOS,
    { kind: 'X_REPLAY_VALUE', replay32: 5, replay64: 0x1_0000_0002 },
    '02001800 05000000 0200000001000000',
  ],
  [ILLUMOS, { kind: 'X_EDUMP', timeout: 300 }, '02001900 00000000 2c01000000000000'],
  [LINUX, { kind: 'X_KMPRIVATE', body: fromHex('00000000') }, '01001100 00000000'],
  [
    LINUX,
    {
      ...{ kind: 'X_POLICY', type: 2, direction: 1, id: 9, priority: 0x10_0000 },
      requests: [{ protocol: 51, mode: 1, level: 3, requestId: 0x3000, tunnel: undefined }],
    },
    '04001200 02000100 09000000 00001000 10003300 01030000 00300000 00000000',
  ],
  [LINUX, { kind: 'X_SA2', mode: 2, sequence: 1, requestId: 0x3000 }, '02001300 02000000 01000000 00300000'],
  [LINUX, { kind: 'X_NAT_T_TYPE', type: 2 }, '01001400 02000000'],
  [LINUX, { kind: 'X_NAT_T_SPORT', port: 4500 }, '01001500 11940000'],
  [LINUX, { kind: 'X_NAT_T_DPORT', port: 61_000 }, '01001600 ee480000'],
  [LINUX, { kind: 'X_SEC_CTX', body: fromHex('0101040061626300') }, '02001800 01010400 61626300 00000000'],
  [LINUX, { kind: 'X_KMADDRESS', body: fromHex('00000000') }, '01001900 00000000'],
  [LINUX, { kind: 'X_FILTER', body: fromHex('00'.repeat(36)) }, `05001a00 ${'00'.repeat(36)}`],
];

describe('extensions of PF_KEY', () => {
  for (const [dialects, extension, text] of VECTORS) {
    for (const dialect of dialects) {
      it(`${dialect.name}: ${extension.kind}, ${String(text.replaceAll(' ', '').length / 2)} bytes`, () => {
        const bytes = fromHex(text.replaceAll(' ', ''));
        const encoded = encodeExtension(extension, dialect);
        assert.equal(hex(encoded ?? new Uint8Array()), hex(bytes));
        const decoded = decodeExtension(bytes, dialect);
        if ('body' in extension && decoded !== undefined && 'body' in decoded)
          assert.equal(hex(decoded.body.subarray(0, extension.body.length)), hex(extension.body));
        else assert.deepEqual(decoded, extension);
      });
    }
  }

  for (const dialect of BOTH) {
    it(`${dialect.name}: all of them are here`, () => {
      const here = VECTORS.flatMap(([dialects, { kind }]) => (dialects.includes(dialect) ? [kind] : []));
      const keys: readonly string[] = ['KEY_AUTH', 'KEY_ENCRYPT'];
      // Of the two keys one stands for both.
      const missing = Object.keys(dialect.extensions).filter(
        (kind) => !here.some((other) => other === kind) && !keys.includes(kind),
      );
      assert.deepEqual(missing, []);
    });
  }
});
