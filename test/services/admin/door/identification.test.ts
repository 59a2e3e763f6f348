/** What GET and DEL name their objects by. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeCookies,
  decodeRequestCookies,
  encodeCookies,
  encodeRequestCookies,
} from '../../../../services/admin/door/cookie-pair.js';
import { decodeIdentityPair, encodeIdentityPair } from '../../../../services/admin/door/identity-pair.js';
import { decodeLabel, encodeLabel } from '../../../../services/admin/door/label.js';
import { identity, record, text } from './records.js';

const PAIR = { local: { type: 2, uid: 0, text: 'a.example' }, remote: { type: 3, uid: 0, text: 'b@c' } };

describe('identification', () => {
  it('brings two identities back, and says which is which', () => {
    fc.assert(
      fc.property(record({ local: identity, remote: identity }), (pair) => {
        assert.deepEqual(decodeIdentityPair(encodeIdentityPair(pair)), pair);
      }),
    );
    const bytes = Buffer.from(encodeIdentityPair(PAIR));
    assert.deepEqual([bytes.readUInt16LE(0), bytes.readUInt16LE(2)], [4, 10]);
    assert.deepEqual([bytes.readUInt16LE(32), bytes.readUInt16LE(34)], [3, 11]);
  });

  it('takes no identities that are cut short, do not fill the data, or claim other lengths', () => {
    const bytes = encodeIdentityPair(PAIR);
    for (let length = 0; length < bytes.length; length++)
      assert.equal(decodeIdentityPair(bytes.subarray(0, length)), undefined, `${String(length)} bytes`);
    assert.equal(decodeIdentityPair(Uint8Array.of(...bytes, ...new Uint8Array(8))), undefined);
    for (let words = 0; words < 0x10000; words++) {
      if (words === 4) continue;
      const changed = Buffer.from(bytes);
      changed.writeUInt16LE(words, 0);
      assert.equal(decodeIdentityPair(changed), undefined, `${String(words)} words`);
    }
  });

  it('brings labels back, and takes none that is empty, too long or without its NUL', () => {
    fc.assert(
      fc.property(
        text(60).filter((label) => label !== '' && Buffer.byteLength(label) < 256),
        (label) => {
          assert.equal(decodeLabel(encodeLabel(label) ?? new Uint8Array(0)), label);
        },
      ),
    );
    assert.equal(encodeLabel('x'.repeat(255))?.length, 256);
    for (const bad of ['', 'x'.repeat(256), 'é'.repeat(128), 'a\0b'])
      assert.equal(encodeLabel(bad), undefined);
    assert.equal(decodeLabel(new Uint8Array(256).fill(0x61)), undefined);
    assert.equal(decodeLabel(new Uint8Array(256)), undefined);
    for (let length = 0; length < 256; length++)
      assert.equal(decodeLabel(new Uint8Array(length).fill(0x61, 0, 1)), undefined);
  });

  it('turns cookies round in requests only', () => {
    const cookies = { initiatorCookie: '0102030405060708', responderCookie: 'f1f2f3f4f5f6f7f8' };
    const reply = encodeCookies(cookies);
    const request = encodeRequestCookies(cookies);
    assert.equal(Buffer.from(reply).toString('hex'), '0102030405060708f1f2f3f4f5f6f7f8');
    assert.equal(Buffer.from(request).toString('hex'), '0807060504030201f8f7f6f5f4f3f2f1');
    assert.deepEqual(decodeCookies(reply), cookies);
    assert.deepEqual(decodeRequestCookies(request), cookies);
    for (let length = 0; length < 16; length++) {
      assert.equal(decodeCookies(reply.subarray(0, length)), undefined);
      assert.equal(decodeRequestCookies(request.subarray(0, length)), undefined);
    }
  });
});
