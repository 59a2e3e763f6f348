import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DOOR_ERROR, type DoorErrorName } from '../../../../services/admin/door/door-error.js';
import { encodeError, errorOf } from '../../../../services/admin/door/heads.js';

const NAMES = Object.keys(DOOR_ERROR).filter((name): name is DoorErrorName => name in DOOR_ERROR);

describe('IKE_SVC_ERROR', () => {
  it('comes back with every code, errno and line', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\0\n]/.test(text));
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.nat(200), fc.array(line), (name, errno, details) => {
        assert.deepEqual(errorOf(encodeError({ name, errno, details })), {
          code: DOOR_ERROR[name],
          errno,
          details,
        });
      }),
    );
  });

  it('begins with the 16 bytes of the original, which it is alone without lines', () => {
    const bare = encodeError({ name: 'SYS_ERR', errno: 17 });
    assert.equal(Buffer.from(bare).toString('hex'), '1e0000000a0000001100000000000000');
    const told = encodeError({ name: 'SYS_ERR', errno: 17, details: ['config:3: no', 'mend it'] });
    assert.deepEqual(told.subarray(0, 16), bare);
    assert.equal(Buffer.from(told.subarray(16)).toString(), 'config:3: no\nmend it');
  });

  it('is none when cut short, and bounded when there is much to say', () => {
    const bytes = encodeError({ name: 'NO_OBJ' });
    for (let length = 4; length < bytes.length; length++)
      assert.equal(errorOf(bytes.subarray(0, length)), undefined);
    const details = Array.from({ length: 5000 }, (_, index) => `line ${String(index)} ${'x'.repeat(40)}`);
    assert.ok(encodeError({ name: 'DATA_INVALID', details }).length <= 16 + 65_536);
  });
});
