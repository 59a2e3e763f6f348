/** Which transforms agree with which protection, attribute by attribute; numbers from the RFCs, not from our registries. */
import assert from 'node:assert/strict';
import type { Protection } from '../../../services/ports/kernel.js';
import {
  agreePhase2,
  type Carriage,
  notesOn,
  readPhase2,
} from '../../../services/proposal/phase2-agreement.js';
import { keyLengthsOf } from '../../../services/proposal/phase2-suite.js';
import { ah, esp, transform, TUNNEL } from './phase2-fixtures.js';

function agreed(
  id: number,
  values: Readonly<Record<number, number>>,
  accepted: Protection,
  carriage: Carriage = TUNNEL,
) {
  return agreePhase2(readPhase2(transform(id, values)), accepted, carriage);
}

describe('a Phase 2 transform', () => {
  const keyed: readonly (readonly [
    string,
    number,
    Readonly<Record<number, number>>,
    Protection,
    number,
    number,
  ])[] = [
    ['NULL', 11, { 4: 1, 5: 1 }, esp('null', 'hmac-md5-96', [0, 0]), 0, 16],
    ['DES', 2, { 4: 1, 5: 2 }, esp('des', 'hmac-sha1-96', [64, 64]), 8, 20],
    ['3DES', 3, { 4: 1, 5: 5 }, esp('3des', 'hmac-sha2-256-128', [192, 192]), 24, 32],
    ['Blowfish without a size', 7, { 4: 1, 5: 2 }, esp('blowfish', 'hmac-sha1-96', [40, 448]), 16, 20],
    ['Blowfish of 448 bits', 7, { 4: 1, 5: 2, 6: 448 }, esp('blowfish', 'hmac-sha1-96', [40, 448]), 56, 20],
    ['AES-CBC without a size', 12, { 4: 1, 5: 6 }, esp('aes-cbc', 'hmac-sha2-384-192'), 16, 48],
    ['AES-CBC of 192 bits', 12, { 4: 1, 5: 7, 6: 192 }, esp('aes-cbc', 'hmac-sha2-512-256'), 24, 64],
    // RFC 3686 5.1, RFC 4106 8.1: four bytes of nonce or salt follow the key.
    ['AES-CTR of 128 bits', 13, { 4: 1, 5: 2, 6: 128 }, esp('aes-ctr', 'hmac-sha1-96'), 20, 20],
    ['AES-GCM of 256 bits', 20, { 4: 1, 6: 256 }, esp('aes-gcm-16'), 36, 0],
    ['SHA-256 cut to 96 bits', 3, { 4: 1, 5: 5 }, esp('3des', 'hmac-sha2-256-96', [192, 192]), 24, 32],
    ['AH with MD5', 2, { 4: 1, 5: 1 }, ah('hmac-md5-96'), 0, 16],
    ['AH with SHA-1', 3, { 4: 1, 5: 2 }, ah('hmac-sha1-96'), 0, 20],
    ['AH with SHA-512', 7, { 4: 1, 5: 7 }, ah('hmac-sha2-512-256'), 0, 64],
  ];
  for (const [name, id, values, accepted, encryption, integrity] of keyed) {
    it(`${name} agrees, and has keys of the right lengths`, () => {
      const suite = agreed(id, values, accepted);
      assert.ok(suite);
      assert.equal(suite.integrity, accepted.integrity);
      assert.deepEqual(keyLengthsOf(suite), { encryption, integrity });
    });
  }

  const refused: readonly (readonly [string, number, Readonly<Record<number, number>>, Protection])[] = [
    ['whose AH transform names another hash than its attribute', 2, { 4: 1, 5: 2 }, ah('hmac-sha1-96')],
    ['whose AH attribute names another hash', 3, { 4: 1, 5: 1 }, ah('hmac-sha1-96')],
    ['of AH without the attribute', 3, { 4: 1 }, ah('hmac-sha1-96')],
    ['of ESP that is neither encrypted nor protected', 11, { 4: 1 }, esp('null', undefined, [0, 0])],
    ['of AES-CTR without a key size', 13, { 4: 1, 5: 2 }, esp('aes-ctr', 'hmac-sha1-96')],
    ['of AES-GCM without a key size', 20, { 4: 1 }, esp('aes-gcm-16')],
    ['of AES-GCM with an integrity algorithm', 20, { 4: 1, 5: 2, 6: 128 }, esp('aes-gcm-16')],
    ['of AES with 136 bits', 12, { 4: 1, 5: 2, 6: 136 }, esp('aes-cbc', 'hmac-sha1-96')],
    ['of Blowfish with 41 bits', 7, { 4: 1, 5: 2, 6: 41 }, esp('blowfish', 'hmac-sha1-96', [40, 448])],
    ['of Blowfish with 456 bits', 7, { 4: 1, 5: 2, 6: 456 }, esp('blowfish', 'hmac-sha1-96', [40, 448])],
    [
      'outside the accepted key sizes',
      12,
      { 4: 1, 5: 2, 6: 256 },
      esp('aes-cbc', 'hmac-sha1-96', [128, 192]),
    ],
    [
      'that demands extended sequence numbers (RFC 4304)',
      3,
      { 4: 1, 5: 2, 11: 1 },
      esp('3des', 'hmac-sha1-96', [192, 192]),
    ],
    ['with key rounds', 3, { 4: 1, 5: 2, 7: 16 }, esp('3des', 'hmac-sha1-96', [192, 192])],
    ['without an encapsulation mode', 3, { 5: 2 }, esp('3des', 'hmac-sha1-96', [192, 192])],
    ['in the other mode', 3, { 4: 2, 5: 2 }, esp('3des', 'hmac-sha1-96', [192, 192])],
    ['with a duration of no type', 3, { 4: 1, 5: 2, 2: 60 }, esp('3des', 'hmac-sha1-96', [192, 192])],
    ['that lives for no time', 3, { 1: 1, 2: 0, 4: 1, 5: 2 }, esp('3des', 'hmac-sha1-96', [192, 192])],
  ];
  for (const [name, id, values, accepted] of refused) {
    it(`${name} does not agree`, () => {
      assert.equal(agreed(id, values, accepted), undefined);
    });
  }

  it('goes in UDP where a NAT was found, by the numbers of the RFC or of the drafts, and only there', () => {
    const numbers = [1, 2, 3, 4, 61443, 61444];
    const accepted = esp('3des', 'hmac-sha1-96', [192, 192]);
    const cases: readonly (readonly [Carriage, number])[] = [
      [{ mode: 'tunnel', encapsulation: 'none' }, 1],
      [{ mode: 'transport', encapsulation: 'none' }, 2],
      [{ mode: 'tunnel', encapsulation: 'udp' }, 3],
      [{ mode: 'transport', encapsulation: 'udp' }, 4],
      [{ mode: 'tunnel', encapsulation: 'draft' }, 61443],
      [{ mode: 'transport', encapsulation: 'draft' }, 61444],
    ];
    for (const [carriage, right] of cases) {
      const taken = numbers.filter((mode) => agreed(3, { 4: mode, 5: 2 }, accepted, carriage) !== undefined);
      assert.deepEqual(taken, [right]);
    }
  });

  it('may carry a key length where there is none: it is ignored, and noted', () => {
    const offered = readPhase2(transform(3, { 4: 1, 5: 2, 6: 168 }));
    const suite = agreePhase2(offered, esp('3des', 'hmac-sha1-96', [192, 192]), TUNNEL);
    assert.ok(suite?.protocol === 50);
    assert.equal(suite.keyBits, 192);
    assert.match(notesOn(offered, suite).join(), /168/);
    const plain = readPhase2(transform(3, { 4: 1, 5: 2 }));
    assert.deepEqual(notesOn(plain, suite), []);
  });

  it('may ask for a life beyond 53 bits: it is cut, and noted', () => {
    const { attributes, ...rest } = transform(3, { 4: 1, 5: 2 });
    const offered = readPhase2({
      ...rest,
      attributes: [
        ...attributes,
        { type: 1, form: 'basic', value: 2 },
        { type: 2, form: 'variable', value: new Uint8Array(8).fill(0xff) },
      ],
    });
    const suite = agreePhase2(offered, esp('3des', 'hmac-sha1-96', [192, 192]), TUNNEL);
    assert.ok(suite);
    assert.equal(suite.lifetimeKb, Number.MAX_SAFE_INTEGER);
    assert.equal(suite.lifetimeSeconds, 28_800);
    assert.equal(notesOn(offered, suite).length, 1);
  });
});
