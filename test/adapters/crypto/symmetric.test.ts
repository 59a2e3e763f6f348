import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { HashAlgorithm, Phase1Cipher } from '../../../services/algorithms.js';
import { concat, fromHex, hex } from '../../../services/bytes.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** NIST SP 800-38A F.2, SP 800-67 appendix B (its blocks singly, with a zero IV), FIPS 81 table C1. */
const SP_800_38A_IV = '000102030405060708090a0b0c0d0e0f';
const SP_800_38A_PLAIN =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
  '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';
const TDES_KEY = '0123456789abcdef23456789abcdef01456789abcdef0123';
const CIPHERS: readonly (readonly [string, Phase1Cipher, string, string, string, string])[] = [
  [
    'AES-128',
    'aes',
    '2b7e151628aed2a6abf7158809cf4f3c',
    SP_800_38A_IV,
    SP_800_38A_PLAIN,
    '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2' +
      '73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
  ],
  [
    'AES-192',
    'aes',
    '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    SP_800_38A_IV,
    SP_800_38A_PLAIN,
    '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a' +
      '571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
  ],
  [
    'AES-256',
    'aes',
    '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    SP_800_38A_IV,
    SP_800_38A_PLAIN,
    'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d' +
      '39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
  ],
  ['3DES, block 1', '3des', TDES_KEY, '0000000000000000', hex(text('The qufc')), 'a826fd8ce53b855f'],
  ['3DES, block 2', '3des', TDES_KEY, '0000000000000000', hex(text('k brown ')), 'cce21c8112256fe6'],
  ['3DES, block 3', '3des', TDES_KEY, '0000000000000000', hex(text('fox jump')), '68d5c05dd9b6b900'],
  [
    'DES',
    'des',
    '0123456789abcdef',
    '1234567890abcdef',
    hex(text('Now is the time for all ')),
    'e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6',
  ],
];

/** The vectors that came with the first public implementation of Blowfish: one block with a zero IV, then CBC. */
const BLOWFISH_BLOCK = 'fedcba9876543210';
const BLOWFISH_KEY =
  'f0e1d2c3b4a5968778695a4b3c2d1e0f001122334455667704689104c2fd3b2f584023641aba61761f1f1f1f0e0e0e0e' +
  'ffffffffffffffff';
const BLOWFISH: readonly (readonly [number, string])[] = [
  [5, 'b39e44481bdb1e6e'],
  [8, 'e87a244e2cc85e82'],
  [16, '93142887ee3be15c'],
  [24, '05044b62fa52d080'],
  [56, 'c04504012e4e1f53'],
];
const BLOWFISH_CBC = [
  'Blowfish in CBC',
  'blowfish',
  '0123456789abcdeff0e1d2c3b4a59687',
  'fedcba9876543210',
  `${hex(text('7654321 Now is the time for '))}00000000`,
  '6b77b4d63006dee605b156e27403979358deb9e7154616d959f1652bd5ff92cc',
] as const;

/** "abc" (RFC 1321 A.5, FIPS 180) and HMAC test case 2 (RFC 2202, RFC 4231): key "Jefe", data below. */
const DIGESTS: readonly (readonly [HashAlgorithm, string, string])[] = [
  ['md5', '900150983cd24fb0d6963f7d28e17f72', '750c783e6ab0b503eaa86e310a5db738'],
  ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
  [
    'sha256',
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    'sha384',
    'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
  ],
  [
    'sha512',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
      '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554' +
      '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  ],
];
const HMAC_DATA = text('what do ya want for nothing?');

describe('symmetric cryptography', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });

  const blowfish = BLOWFISH.map(([length, encrypted]) => {
    const key = BLOWFISH_KEY.slice(0, 2 * length);
    return [
      `Blowfish, ${String(8 * length)} bits`,
      'blowfish',
      key,
      '0'.repeat(16),
      BLOWFISH_BLOCK,
      encrypted,
    ] as const;
  });
  for (const [name, cipher, key, iv, plain, encrypted] of [...CIPHERS, ...blowfish, BLOWFISH_CBC]) {
    it(`${name} gives the published answer, both ways`, () => {
      const handle = keys.put(fromHex(key));
      assert.equal(hex(crypto.encrypt(cipher, handle, fromHex(iv), fromHex(plain))), encrypted);
      assert.equal(hex(crypto.decrypt(cipher, handle, fromHex(iv), fromHex(encrypted))), plain);
    });
  }

  it('encrypts whole blocks to as many, without padding', () => {
    const key = keys.put(new Uint8Array(32));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 20 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (seed, iv) => {
          const data = new Uint8Array(16 * (1 + seed.length)).fill(seed[0] ?? 7);
          const encrypted = crypto.encrypt('aes', key, iv, data);
          assert.equal(encrypted.length, data.length);
          assert.deepEqual(crypto.decrypt('aes', key, iv, encrypted), data);
        },
      ),
    );
  });

  it('throws for a broken block', () => {
    const key = keys.put(new Uint8Array(16));
    const iv = new Uint8Array(16);
    assert.throws(() => crypto.encrypt('aes', key, iv, new Uint8Array(17)));
    assert.throws(() => crypto.decrypt('aes', key, iv, new Uint8Array(15)));
    assert.throws(() => crypto.encrypt('blowfish', key, iv.subarray(8), new Uint8Array(9)), /blocks/);
    assert.throws(() => crypto.decrypt('blowfish', key, iv.subarray(8), new Uint8Array(7)), /blocks/);
  });

  for (const [algorithm, digest, hmac] of DIGESTS) {
    it(`${algorithm} and its HMAC give the published answers, in one part or many`, () => {
      assert.equal(hex(crypto.hash(algorithm, text('abc'))), digest);
      assert.equal(hex(crypto.hash(algorithm, text('a'), new Uint8Array(0), text('bc'))), digest);
      const key = keys.put(text('Jefe'));
      assert.equal(hex(crypto.mac(algorithm, key, HMAC_DATA)), hmac);
      assert.equal(hex(crypto.mac(algorithm, key, HMAC_DATA.slice(0, 5), HMAC_DATA.slice(5))), hmac);
      assert.equal(hex(keys.bytes(crypto.prf(algorithm, key, HMAC_DATA))), hmac);
    });
  }

  it('takes secrets by handle wherever it takes bytes', () => {
    const secret = keys.put(text('b'));
    assert.equal(
      hex(crypto.digest('sha1', text('a'), secret, text('c'))),
      'a9993e364706816aba3e25717850c26c9cd0d89d',
    );
    const key = keys.put(text('Jefe'));
    const data = keys.put(HMAC_DATA);
    assert.equal(hex(crypto.mac('md5', key, data)), '750c783e6ab0b503eaa86e310a5db738');
  });

  it('slices across its sources, which stay', () => {
    const sources = [keys.put(fromHex('00010203')), keys.put(fromHex('04')), keys.put(fromHex('05060708'))];
    const slice = crypto.slice(sources, 2, 5);
    assert.equal(hex(keys.bytes(slice)), '0203040506');
    assert.equal(crypto.lengthOf(slice), 5);
    assert.equal(hex(concat(...sources.map((source) => keys.bytes(source)))), '000102030405060708');
    assert.throws(() => crypto.slice(sources, 5, 5), /have no 5 from 5 on/);
  });

  it('compares', () => {
    assert.ok(crypto.equal(fromHex('0102'), fromHex('0102')));
    assert.ok(!crypto.equal(fromHex('0102'), fromHex('0103')));
    assert.ok(!crypto.equal(fromHex('0102'), fromHex('010200')));
    assert.ok(crypto.equal(new Uint8Array(0), new Uint8Array(0)));
  });

  it('erases', () => {
    const before = keys.size;
    const key = keys.put(fromHex('01'));
    crypto.erase(key, crypto.prf('sha1', key));
    assert.equal(keys.size, before);
  });
});
