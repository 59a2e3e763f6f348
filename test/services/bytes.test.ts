/** Byte strings of messages. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  fromHex,
  fromSixteenDigits,
  fromText,
  hex,
  hexOfEight,
  hexOfNumber,
  messageBytes,
  sameBytes,
  startsWith,
  toText,
  u32,
} from '../../services/bytes.js';
import { decodeOwn, encodeOwn } from '../../services/admin/door/own-messages.js';
import { keyWeakness } from '../../services/advice/key-weakness.js';
import { formatReference } from '../../services/certs/token-reference.js';

describe('bytes of messages', () => {
  it('are zero when they are given, whatever was written into those before', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 }), (lengths) => {
        const given = lengths.map((length) => {
          const bytes = messageBytes(length);
          assert.equal(bytes.length, length);
          assert(bytes.every((byte) => byte === 0));
          return bytes.fill(0xff);
        });
        for (const [index, bytes] of given.entries()) bytes.fill(index & 0xff);
        for (const [index, bytes] of given.entries()) assert(bytes.every((byte) => byte === (index & 0xff)));
      }),
    );
  });

  it('have the same hex by eight as otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), fc.nat(), (bytes, at) => {
        const offset = at % (bytes.length - 7);
        const eight = bytes.subarray(offset, offset + 8);
        assert.equal(hexOfEight(bytes, offset), hex(eight));
        assert.deepEqual(fromSixteenDigits(hex(eight)), fromHex(hex(eight)));
        assert.deepEqual(fromSixteenDigits(hex(eight).toUpperCase()), fromHex(hex(eight)));
      }),
    );
  });

  it('are written from a number as they are from bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        assert.equal(hexOfNumber(number), hex(u32(number)));
      }),
    );
  });

  it('are the same, or begin alike, when every one of them is', () => {
    const some = Uint8Array.of(1, 2, 3);
    assert(sameBytes(some, Uint8Array.of(1, 2, 3)));
    assert(sameBytes(new Uint8Array(0), new Uint8Array(0)));
    for (const other of [Uint8Array.of(1, 2), Uint8Array.of(0, 2, 3), Uint8Array.of(1, 2, 4)])
      assert(!sameBytes(some, other));
    assert(startsWith(some, Uint8Array.of(1, 2)));
    assert(startsWith(some, Uint8Array.of(1, 9, 9), 1));
    assert(!startsWith(some, Uint8Array.of(1, 3)));
    assert(!startsWith(some, Uint8Array.of(1, 2, 3, 4)));
  });
});

describe('bytes that may be a key', () => {
  const SECRET = 'c2f1e0d39b8a7766554433221100ffee';

  function latin1OfHex(text: string): string {
    return text.replace(/../g, (digits) => String.fromCharCode(parseInt(digits, 16)));
  }

  /**
   * Whether `act` wrote `secret` into the memory that all small Buffers share. What stood there before does not
   * count: that memory is not zeroed when it is given, and may hold what anybody freed.
   */
  function writesIntoPool(act: () => void, secret: string): boolean {
    const atItsBegin = (): Buffer => {
      const some = Buffer.allocUnsafe(1);
      return some.byteOffset < Buffer.poolSize / 4 ? some : atItsBegin();
    };
    const pool = atItsBegin().buffer;
    const before = Buffer.from(pool.slice(0)).toString('latin1');
    act();
    assert.equal(Buffer.allocUnsafe(1).buffer, pool, 'one pool for all of it');
    const after = Buffer.from(pool).toString('latin1');
    for (let at = after.indexOf(secret); at >= 0; at = after.indexOf(secret, at + 1))
      if (!before.startsWith(secret, at)) return true;
    return false;
  }

  it('are found where Buffers leave them', () => {
    assert.ok(writesIntoPool(() => Buffer.from(SECRET), SECRET));
  });

  for (const [what, act, secret] of [
    ['read from hex', () => fromHex(SECRET), latin1OfHex(SECRET)],
    ['sent as text', () => encodeOwn(1, { text: `key ${SECRET}` }), SECRET],
    ['received as text', () => decodeOwn(encodeOwn(1, { text: `key ${SECRET}` })), SECRET],
    [
      'the PIN in a reference',
      () =>
        formatReference({
          object: { token: 't', id: '01', label: undefined },
          class: 'private-key',
          pin: fromText(SECRET),
        }),
      SECRET,
    ],
    ['a pre-shared key that is looked at', () => keyWeakness(fromText(SECRET), []), SECRET],
  ] as const)
    it(`leave no copy in the memory of other Buffers: ${what}`, () => {
      assert.ok(!writesIntoPool(act, secret));
    });

  it('are read as Buffers read them, from whatever is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fA-F]*$/)), (text) => {
        assert.deepEqual(fromHex(text), new Uint8Array(Buffer.from(text, 'hex')));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.deepEqual(fromText(text), new Uint8Array(Buffer.from(text, 'utf8')));
        assert.equal(
          toText(fromText(text).subarray(1)),
          Buffer.from(fromText(text).subarray(1)).toString('utf8'),
        );
      }),
    );
  });
});
