import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat } from '../../../services/bytes.js';
import { decodeFragment, fragmentsOf, isFragment } from '../../../services/isakmp/fragment.js';
import { decodeHeader, encodeHeader, FLAG, HEADER_LENGTH } from '../../../services/isakmp/header.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { PAYLOAD } from '../../../services/isakmp/registries/payload-types.js';

function message(body: Uint8Array): Uint8Array {
  const header = encodeHeader({
    initiatorCookie: '0102030405060708',
    responderCookie: '1112131415161718',
    nextPayload: PAYLOAD.identification,
    majorVersion: 1,
    minorVersion: 0,
    exchangeType: EXCHANGE.mainMode,
    flags: FLAG.encryption,
    messageId: 0,
    length: HEADER_LENGTH + body.length,
  });
  return concat(header, body);
}

function parsed(datagram: Uint8Array) {
  const header = decodeHeader(datagram);
  assert.ok(header.ok);
  const fragment = decodeFragment(datagram);
  assert.ok(fragment.ok, fragment.ok ? '' : fragment.error);
  return { header: header.value, fragment: fragment.value };
}

describe('fragments of a message', () => {
  it('are laid out as [MS-IKEE] 2.2 has them', () => {
    const [first, last] = fragmentsOf(message(Uint8Array.from({ length: 40 }, (_, i) => i)), 0xbeef, 76);
    assert.ok(first && last);
    assert.equal(first.length, 76);
    assert.equal(
      Buffer.from(first.subarray(0, 36)).toString('hex'),
      // cookies, next payload 132, version, exchange, flags, message ID, length of this datagram; then the payload's head
      '0102030405060708111213141516171884100201000000000000004c' + '00000030beef0100',
    );
    assert.equal(Buffer.from(last.subarray(28, 36)).toString('hex'), '00000024beef0201');
    assert.ok(isFragment(parsed(first).header));
  });

  it('join to the message they were cut from, whatever its length and theirs', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 64, max: 1200 }),
        fc.integer({ min: 0, max: 0xffff }),
        (body, size, id) => {
          const whole = message(body);
          const cut = fragmentsOf(whole, id, size);
          const pieces = cut.map((datagram) => parsed(datagram).fragment);
          assert.ok(cut.every((datagram) => datagram.length <= size));
          assert.deepEqual(
            pieces.map(({ number, last, id: own }) => [number, last, own]),
            pieces.map((_, index) => [index + 1, index === pieces.length - 1, id]),
          );
          assert.deepEqual(concat(...pieces.map(({ data }) => data)), whole);
        },
      ),
    );
  });

  it('are refused when cut short, anywhere', () => {
    const [datagram] = fragmentsOf(message(new Uint8Array(30)), 7, 200);
    assert.ok(datagram);
    for (let length = HEADER_LENGTH; length < datagram.length; length++) {
      assert.equal(decodeFragment(datagram.subarray(0, length)).ok, false, `${String(length)} bytes`);
    }
  });

  for (const [what, offset, value] of [
    ['another payload behind it', 28, 13],
    ['a length that is not its own', 31, 9],
    ['the number 0', 34, 0],
  ] as const) {
    it(`are refused with ${what}`, () => {
      const [datagram] = fragmentsOf(message(new Uint8Array(30)), 7, 200);
      assert.ok(datagram);
      datagram[offset] = value;
      assert.equal(decodeFragment(datagram).ok, false);
    });
  }
});
