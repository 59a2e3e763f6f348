/** Sizes and offsets as a C compiler gives them for door version 4, LP64. Written down apart from the code. */
import assert from 'node:assert/strict';
import {
  SOCKADDR_IN,
  SOCKADDR_IN6,
  ADDRESS_PAIR_LENGTH,
} from '../../../../services/admin/door/address-pair.js';
import { DEFAULTS } from '../../../../services/admin/door/defaults.js';
import * as heads from '../../../../services/admin/door/heads.js';
import { SADB_IDENT } from '../../../../services/admin/door/identity.js';
import { AUTHALG, ENCRALG, GROUP } from '../../../../services/admin/door/lists.js';
import { P1_ERRORS, P1_KEY, P1_STATS } from '../../../../services/admin/door/phase1-parts.js';
import { P1_HDR, P1_SA } from '../../../../services/admin/door/phase1-sa.js';
import { P1_XFORM } from '../../../../services/admin/door/phase1-transform.js';
import { STATS } from '../../../../services/admin/door/statistics.js';
import { structureWithAreas, textArea, textOf } from '../../../../services/admin/door/structure.js';

interface Layout {
  readonly name: string;
  readonly size: number;
  readonly numbers: Readonly<Record<string, readonly [number, string]>>;
  readonly areas: Readonly<Record<string, readonly [number, number]>>;
}

const LAYOUTS: readonly (readonly [Layout, size: number, fields: readonly string[]])[] = [
  [heads.CMD, 4, ['0 u32']],
  [heads.DBG, 8, ['0 u32', '4 u32']],
  [heads.PRIV, 8, ['0 u32', '4 u32']],
  [heads.STATREQ, 8, ['0 u32', '4 u32']],
  [heads.DEFREQ, 16, ['0 u32', '4 u32', '8 u32', '12 u32']],
  [heads.DUMP, 16, ['0 u32', '4 u32', '8 u32', '12 u32']],
  [heads.GET, 16, ['0 u32', '4 u32', '8 u32', '12 u32']],
  [heads.DEL, 16, ['0 u32', '4 u32', '8 u32', '12 u32']],
  [heads.FLUSH, 4, ['0 u32']],
  [heads.ERR, 16, ['0 u32', '4 u32', '8 u32', '12 u32']],
  [SOCKADDR_IN, 256, ['0 u16', '2 u16be', '4 [4]']],
  [SOCKADDR_IN6, 256, ['0 u16', '2 u16be', '4 u32', '8 [16]', '24 u32']],
  [P1_HDR, 40, ['0 [16]', '16 u8', '17 u8', '18 u8', '19 u8', '20 u32', '24 u32', '28 u32', '32 u64']],
  [
    P1_XFORM,
    32,
    [
      ...['0 u16', '2 u16', '4 u16', '6 u16', '8 u16', '10 u16', '12 u16', '14 u16'],
      ...['16 u32', '20 u32', '24 u32', '28 u32'],
    ],
  ],
  [
    P1_SA,
    608,
    [
      ...['0 [40]', '40 [32]', '72 [512]', '584 u16', '586 u16', '588 u16', '590 u16'],
      ...['592 u16', '594 u16', '596 u16', '598 u16', '600 u16', '602 u16', '604 u32'],
    ],
  ],
  [P1_STATS, 24, ['0 u32', '4 u32', '8 u64', '16 u32', '20 u32']],
  [P1_ERRORS, 16, ['0 u32', '4 u32', '8 u32', '12 u32']],
  [P1_KEY, 8, ['0 u32', '4 u32']],
  [SADB_IDENT, 16, ['0 u16', '2 u16', '4 u16', '6 u16', '8 u64']],
  [
    STATS,
    1064,
    [
      ...['0 u32', '4 u32', '8 u32', '12 u32', '16 u32', '20 u32', '24 u32', '28 u32', '32 u32', '36 u32'],
      '40 [1024]',
    ],
  ],
  [DEFAULTS, 116, Array.from({ length: 29 }, (_, index) => `${String(index * 4)} u32`)],
  [GROUP, 260, ['0 u16', '2 u16', '4 [256]']],
  [ENCRALG, 268, ['0 u32', '4 [256]', '260 i32', '264 i32']],
  [AUTHALG, 260, ['0 u32', '4 [256]']],
];

describe('door structures', () => {
  for (const [layout, size, fields] of LAYOUTS) {
    it(`${layout.name}: ${String(size)} bytes`, () => {
      assert.equal(layout.size, size);
      const found = [
        ...Object.values(layout.numbers).map(([offset, kind]) => [offset, kind] as const),
        ...Object.values(layout.areas).map(([offset, length]) => [offset, `[${String(length)}]`] as const),
      ];
      found.sort(([a], [b]) => a - b);
      assert.deepEqual(
        found.map(([offset, kind]) => `${String(offset)} ${kind}`),
        fields,
      );
    });
  }

  it('names the fields of the defaults in the order of the header', () => {
    const names = Object.entries(DEFAULTS.numbers)
      .sort(([, [a]], [, [b]]) => a - b)
      .map(([name]) => name);
    assert.deepEqual(names.slice(0, 4), [
      'rule_p1_lifetime_secs',
      'rule_p1_minlife',
      'rule_p1_nonce_len',
      'rule_p2_lifetime_secs',
    ]);
    assert.deepEqual(names.slice(18), [
      ...['rule_p2_maxlife_secs', 'rule_p2_maxlife_kb', 'rule_p2_nonce_len', 'rule_p2_pfs'],
      ...['rule_p2_mindiff_secs', 'rule_p2_mindiff_kb', 'conversion_factor', 'rule_max_certs'],
      ...['rule_ike_port', 'rule_natt_port', 'reserved'],
    ]);
  });

  it('has an address pair of 512 bytes', () => {
    assert.equal(ADDRESS_PAIR_LENGTH, 512);
  });
});

describe('structure codec', () => {
  const SAMPLE = structureWithAreas(
    'sample',
    24,
    { small: [0, 'u8'], port: [2, 'u16be'], word: [4, 'u32'], sign: [8, 'i32'], long: [16, 'u64'] },
    { text: [12, 4] },
  );

  it('writes native little-endian numbers, and ports in network order', () => {
    const bytes = SAMPLE.encode(
      { small: 1, port: 500, word: 0x01020304, sign: -2, long: 2 ** 32 + 5 },
      { text: textArea('ab', 4) },
    );
    assert.equal(
      Buffer.from(bytes).toString('hex'),
      '010001f404030201feffffff' + '61620000' + '0500000001000000',
    );
  });

  it('clips numbers to their fields', () => {
    const bytes = SAMPLE.encode(
      { small: 300, port: -1, word: 2 ** 40, sign: -(2 ** 40), long: Number.NaN },
      { text: textArea('', 4) },
    );
    const read = SAMPLE.read(bytes);
    assert.deepEqual(
      (['small', 'port', 'word', 'sign', 'long'] as const).map((name) => read?.number(name)),
      [255, 0, 0xffff_ffff, -0x8000_0000, 0],
    );
  });

  it('reads nothing that does not fit', () => {
    assert.equal(SAMPLE.read(new Uint8Array(23)), undefined);
    assert.equal(SAMPLE.read(new Uint8Array(24), 1), undefined);
    assert.equal(SAMPLE.read(new Uint8Array(24), -1), undefined);
  });

  it('cuts text before a character that would not fit with its NUL', () => {
    assert.equal(textOf(textArea('abcé', 5)), 'abc');
    assert.equal(textOf(textArea('abcé', 6)), 'abcé');
    assert.equal(textOf(Uint8Array.of(0x61, 0, 0x62)), 'a');
  });
});
