import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DER, derContent, derElement, derInteger, derMagnitude } from '../../../adapters/crypto/der.js';
import { hex } from '../../../services/bytes.js';
import { bytesOf } from './modular.js';

describe('DER', () => {
  it('writes INTEGERs positive and as short as they can be (X.690 8.3.2)', () => {
    const cases: readonly (readonly [readonly number[], string])[] = [
      [[], '020100'],
      [[0], '020100'],
      [[0, 0], '020100'],
      [[1], '020101'],
      [[0, 0, 127], '02017f'],
      [[128], '02020080'],
      [[0, 255, 0], '020300ff00'],
    ];
    for (const [magnitude, written] of cases) {
      assert.equal(hex(derInteger(Uint8Array.from(magnitude))), written);
    }
  });

  it('reads what it wrote, whatever the length', () => {
    const magnitude = fc.bigInt({ min: 1n, max: 1n << 2400n }).map((value) => {
      const digits = value.toString(16);
      return bytesOf(value, Math.ceil(digits.length / 2));
    });
    fc.assert(
      fc.property(magnitude, fc.uint8Array({ maxLength: 3 }), (value, behind) => {
        const integer = derInteger(value);
        const whole = Uint8Array.of(...derElement(DER.sequence, integer), ...behind);
        const { tag, start, end } = derContent(whole, 0);
        assert.deepEqual([tag, end], [DER.sequence, whole.length - behind.length]);
        assert.equal(hex(derMagnitude(whole, start) ?? new Uint8Array(0)), hex(value));
      }),
    );
  });

  it('finds no INTEGER where there is another tag, none of its bytes, or too few', () => {
    for (const bytes of [[0x04, 1, 1], [0x02, 0], [0x02, 2, 1], [0x02, 0x82, 1, 0, 5], [0x02], []]) {
      assert.equal(derMagnitude(Uint8Array.from(bytes), 0), undefined);
    }
  });
});
