import assert from 'node:assert/strict';
import { fromHex } from '../../../services/bytes.js';
import type { Attribute } from '../../../services/isakmp/payloads/attribute.js';
import { oddAttributes } from '../../../services/proposal/odd-attributes.js';

const RULES = { known: new Set([1, 2, 5]), lifeType: 1, lifeDuration: 2 };

const basic = (type: number, value: number): Attribute => ({ type, form: 'basic', value });
const odd = (...attributes: readonly Attribute[]): readonly number[] => oddAttributes(attributes, RULES);

describe('odd attributes', () => {
  it('are none in an ordinary transform', () => {
    assert.deepEqual(odd(basic(5, 2), basic(1, 1), basic(2, 3600)), []);
  });

  it('are those of unknown types', () => {
    assert.deepEqual(odd(basic(5, 2), basic(6, 1), basic(32_001, 1)), [6, 32_001]);
  });

  it('are those that come again with another value, not with the same in either encoding', () => {
    assert.deepEqual(odd(basic(5, 2), basic(5, 3)), [5]);
    assert.deepEqual(odd(basic(5, 2), basic(5, 2)), []);
    assert.deepEqual(odd(basic(5, 2), { type: 5, form: 'variable', value: fromHex('00000002') }), []);
  });

  it('are two lifetimes of one unit, but not one of each (RFC 2407 4.5.2)', () => {
    const both = [basic(1, 1), basic(2, 3600), basic(1, 2), basic(2, 1000)];
    assert.deepEqual(odd(...both), []);
    assert.deepEqual(odd(...both, basic(1, 1), basic(2, 7200)), [2]);
    assert.deepEqual(odd(...both, basic(1, 1), basic(2, 3600)), []);
  });
});
