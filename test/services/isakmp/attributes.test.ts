import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromHex, hex } from '../../../services/bytes.js';
import {
  type Attribute,
  attributeNumber,
  decodeAttributes,
  encodeAttributes,
} from '../../../services/isakmp/payloads/attribute.js';
import { attribute } from './arbitraries.js';

describe('data attributes', () => {
  it('have the two forms of RFC 2408 3.3', () => {
    const list: readonly Attribute[] = [
      { type: 14, form: 'basic', value: 128 },
      { type: 12, form: 'variable', value: fromHex('00015180') },
    ];
    assert.equal(hex(encodeAttributes(list)), '800e0080' + '000c0004' + '00015180');
    assert.deepEqual(decodeAttributes(encodeAttributes(list)), { ok: true, value: list });
  });

  it('survive a round trip, known or not, in order', () => {
    fc.assert(
      fc.property(fc.array(attribute, { maxLength: 20 }), (list) => {
        assert.deepEqual(decodeAttributes(encodeAttributes(list)), { ok: true, value: list });
      }),
    );
  });

  it('are an error when cut inside one', () => {
    fc.assert(
      fc.property(attribute, (value) => {
        const bytes = encodeAttributes([value]);
        for (let length = 1; length < bytes.length; length++) {
          assert(!decodeAttributes(bytes.subarray(0, length)).ok, `cut to ${String(length)}`);
        }
      }),
    );
  });

  it('are numbers of any length, clipped where a number cannot hold them', () => {
    const variable = (bytes: string) =>
      attributeNumber({ type: 12, form: 'variable', value: fromHex(bytes) });
    assert.equal(attributeNumber({ type: 12, form: 'basic', value: 28800 }), 28800);
    assert.equal(variable(''), 0);
    assert.equal(variable('ff'), 255);
    assert.equal(variable('00015180'), 86400);
    assert.equal(variable('ffffffff'), 4294967295);
    assert.equal(variable('0000000100000000'), 2 ** 32);
    assert.equal(variable('001fffffffffffff'), Number.MAX_SAFE_INTEGER);
    assert.equal(variable('0020000000000000'), Number.MAX_SAFE_INTEGER);
    assert.equal(variable('ffffffffffffffff'), Number.MAX_SAFE_INTEGER);
    assert.equal(variable('ff'.repeat(40)), Number.MAX_SAFE_INTEGER);
  });
});
