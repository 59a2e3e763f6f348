/** Sizes and offsets as a C compiler gives them for door version 4, LP64. Written down apart from the code. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  SOCKADDR_IN,
  SOCKADDR_IN6,
  ADDRESS_PAIR_LENGTH,
} from '../../../../services/admin/door/address-pair.js';
import { CERTCACHE } from '../../../../services/admin/door/certcache.js';
import { DEFAULTS } from '../../../../services/admin/door/defaults.js';
import * as heads from '../../../../services/admin/door/heads.js';
import { SADB_IDENT } from '../../../../services/admin/door/identity.js';
import { AUTHALG, ENCRALG, GROUP } from '../../../../services/admin/door/lists.js';
import { P1_ERRORS, P1_KEY, P1_STATS } from '../../../../services/admin/door/phase1-parts.js';
import { P1_HDR, P1_SA } from '../../../../services/admin/door/phase1-sa.js';
import { P1_XFORM } from '../../../../services/admin/door/phase1-transform.js';
import { PS } from '../../../../services/admin/door/preshared.js';
import { RULE } from '../../../../services/admin/door/rule.js';
import { STATS } from '../../../../services/admin/door/statistics.js';
import {
  type NumberKind,
  type Structure,
  structureWithAreas,
  textArea,
  textOf,
} from '../../../../services/c-structure.js';

interface Layout {
  readonly name: string;
  readonly size: number;
  readonly fields: readonly string[];
  readonly found: readonly string[];
  readonly roundTrip: () => void;
}

/** A structure of the code, beside what the table says of it. */
function layout<N extends string, A extends string>(
  structure: Structure<N, A>,
  size: number,
  fields: readonly string[],
): Layout {
  const { name, size: built, numbers, areas } = structure;
  const numberNames = Object.keys(numbers).filter((key): key is N => key in numbers);
  const areaNames = Object.keys(areas).filter((key): key is A => key in areas);
  const found = [
    ...numberNames.map((key) => numbers[key]),
    ...areaNames.map((key) => [areas[key][0], `[${String(areas[key][1])}]`] as const),
  ];
  return {
    name,
    size,
    fields,
    found: [
      `${String(built)} bytes`,
      ...found.toSorted(([a], [b]) => a - b).map(([offset, kind]) => `${String(offset)} ${kind}`),
    ],
    roundTrip: () => {
      const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
      const anyNumbers = fc.tuple(
        ...numberNames.map((key) => KINDS[numbers[key][1]].map((value) => [key, value] as const)),
      );
      const anyAreas = fc.tuple(
        ...areaNames.map((key) => bytesOf(areas[key][1]).map((value) => [key, value] as const)),
      );
      fc.assert(
        fc.property(anyNumbers, anyAreas, fc.nat(9), (givenNumbers, givenAreas, at) => {
          const values = Object.fromEntries(givenNumbers) as Record<N, number>;
          const contents = Object.fromEntries(givenAreas) as Record<A, Uint8Array>;
          const encoded = structure.encode(values, contents);
          assert.equal(encoded.length, size);
          const shifted = new Uint8Array(at + size);
          shifted.set(encoded, at);
          const reader = structure.read(shifted, at);
          for (const [key, value] of givenNumbers) assert.equal(reader?.number(key), value, key);
          for (const [key, value] of givenAreas)
            assert.deepEqual(Uint8Array.from(reader?.area(key) ?? []), value, key);
        }),
        { numRuns: 50 },
      );
      for (let length = 0; length < size; length++)
        assert.equal(structure.read(new Uint8Array(length)), undefined, `${String(length)} bytes`);
    },
  };
}

const KINDS: Readonly<Record<NumberKind, fc.Arbitrary<number>>> = {
  u8: fc.nat(0xff),
  u16: fc.nat(0xffff),
  u16be: fc.nat(0xffff),
  u32: fc.nat(0xffff_ffff),
  u32be: fc.nat(0xffff_ffff),
  i32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  u64: fc.nat(Number.MAX_SAFE_INTEGER),
};

const LAYOUTS: readonly Layout[] = [
  layout(heads.CMD, 4, ['0 u32']),
  layout(heads.DBG, 8, ['0 u32', '4 u32']),
  layout(heads.PRIV, 8, ['0 u32', '4 u32']),
  layout(heads.STATREQ, 8, ['0 u32', '4 u32']),
  layout(heads.DEFREQ, 16, ['0 u32', '4 u32', '8 u32', '12 u32']),
  layout(heads.DUMP, 16, ['0 u32', '4 u32', '8 u32', '12 u32']),
  layout(heads.GET, 16, ['0 u32', '4 u32', '8 u32', '12 u32']),
  layout(heads.DEL, 16, ['0 u32', '4 u32', '8 u32', '12 u32']),
  layout(heads.NEW, 16, ['0 u32', '4 u32', '8 u64']),
  layout(heads.RW, 8, ['0 u32', '4 u32']),
  layout(heads.FLUSH, 4, ['0 u32']),
  layout(heads.PIN, 296, ['0 u32', '4 u32', '8 [32]', '40 [256]']),
  layout(heads.ERR, 16, ['0 u32', '4 u32', '8 u32', '12 u32']),
  layout(SOCKADDR_IN, 256, ['0 u16', '2 u16be', '4 [4]']),
  layout(SOCKADDR_IN6, 256, ['0 u16', '2 u16be', '4 u32', '8 [16]', '24 u32']),
  layout(P1_HDR, 40, ['0 [16]', '16 u8', '17 u8', '18 u8', '19 u8', '20 u32', '24 u32', '28 u32', '32 u64']),
  layout(P1_XFORM, 32, [
    ...['0 u16', '2 u16', '4 u16', '6 u16', '8 u16', '10 u16', '12 u16', '14 u16'],
    ...['16 u32', '20 u32', '24 u32', '28 u32'],
  ]),
  layout(P1_SA, 608, [
    ...['0 [40]', '40 [32]', '72 [512]', '584 u16', '586 u16', '588 u16', '590 u16'],
    ...['592 u16', '594 u16', '596 u16', '598 u16', '600 u16', '602 u16', '604 u32'],
  ]),
  layout(P1_STATS, 24, ['0 u32', '4 u32', '8 u64', '16 u32', '20 u32']),
  layout(P1_ERRORS, 16, ['0 u32', '4 u32', '8 u32', '12 u32']),
  layout(P1_KEY, 8, ['0 u32', '4 u32']),
  layout(SADB_IDENT, 16, ['0 u16', '2 u16', '4 u16', '6 u16', '8 u64']),
  layout(STATS, 1064, [
    ...['0 u32', '4 u32', '8 u32', '12 u32', '16 u32', '20 u32', '24 u32', '28 u32', '32 u32', '36 u32'],
    '40 [1024]',
  ]),
  layout(
    DEFAULTS,
    116,
    Array.from({ length: 29 }, (_, index) => `${String(index * 4)} u32`),
  ),
  layout(GROUP, 260, ['0 u16', '2 u16', '4 [256]']),
  layout(ENCRALG, 268, ['0 u32', '4 [256]', '260 i32', '264 i32']),
  layout(AUTHALG, 260, ['0 u32', '4 [256]']),
  layout(RULE, 320, [
    ...['0 [256]', '256 u32', '260 u16', '262 u16', '264 u32', '268 u32', '272 u32', '276 u32', '280 u32'],
    ...['284 u32', '288 u32', '292 u32', '296 u16', '298 u16', '300 u16', '302 u16', '304 u16', '306 u16'],
    ...['308 u16', '310 u16', '312 u16', '314 u16', '316 u16', '318 u16'],
  ]),
  layout(PS, 536, [
    ...['0 [512]', '512 u16', '514 u16', '516 u16', '518 u16', '520 u16', '522 u16', '524 u16', '526 u16'],
    ...['528 i32', '532 i32'],
  ]),
  layout(CERTCACHE, 2064, ['0 u32', '4 u32', '8 i32', '12 u32', '16 [1024]', '1040 [1024]']),
];

describe('door structures', () => {
  for (const { name, size, fields, found, roundTrip } of LAYOUTS) {
    it(`${name}: ${String(size)} bytes`, () => {
      assert.deepEqual(found, [`${String(size)} bytes`, ...fields]);
    });

    it(`${name} comes back as it was, and is not read from fewer bytes`, () => {
      roundTrip();
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
