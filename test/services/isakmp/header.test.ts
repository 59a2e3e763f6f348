import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat, hex, u32 } from '../../../services/bytes.js';
import {
  decodeHeader,
  encodeHeader,
  FLAG,
  HEADER_LENGTH,
  type IsakmpHeader,
  verifyHeader,
  ZERO_COOKIE,
} from '../../../services/isakmp/header.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { NOTIFY } from '../../../services/isakmp/registries/notify-types.js';
import { header } from './arbitraries.js';
import { CAPTURES } from './capture.js';

const MAIN_MODE_1: IsakmpHeader = {
  initiatorCookie: 'cb02812d2c453c76',
  responderCookie: ZERO_COOKIE,
  nextPayload: 1,
  majorVersion: 1,
  minorVersion: 0,
  exchangeType: EXCHANGE.mainMode,
  flags: 0,
  messageId: 0,
  length: HEADER_LENGTH,
};

describe('ISAKMP header', () => {
  it('has the layout of RFC 2408 3.1', () => {
    const bytes = encodeHeader({ ...MAIN_MODE_1, flags: 3, messageId: 0x01020304, exchangeType: 32 });
    assert.equal(
      hex(bytes),
      'cb02812d2c453c76' + '0000000000000000' + '01' + '10' + '20' + '03' + '01020304' + '0000001c',
    );
  });

  it('survives a round trip', () => {
    fc.assert(
      fc.property(header, (value) => {
        assert.deepEqual(decodeHeader(encodeHeader(value)), { ok: true, value });
      }),
    );
  });

  it('reads and writes every captured header', () => {
    for (const { messages } of CAPTURES) {
      for (const { datagram } of messages) {
        const decoded = decodeHeader(datagram);
        assert(decoded.ok);
        assert.deepEqual(encodeHeader(decoded.value), datagram.slice(0, HEADER_LENGTH));
      }
    }
  });

  it('refuses every datagram cut short', () => {
    for (const { messages } of CAPTURES) {
      for (const { datagram } of messages) {
        for (let length = 0; length < datagram.length; length++) {
          const decoded = decodeHeader(datagram.subarray(0, length));
          assert(!decoded.ok, `${String(length)} of ${String(datagram.length)} bytes`);
        }
      }
    }
  });

  it('says what is wrong with a length, and where', () => {
    const short = decodeHeader(encodeHeader(MAIN_MODE_1).subarray(0, 27));
    assert(!short.ok);
    assert.equal(short.error.code, 'truncated');
    assert.equal(short.error.payload, 'header');
    const longer = decodeHeader(concat(encodeHeader(MAIN_MODE_1), u32(0)));
    assert(!longer.ok);
    assert.equal(longer.error.code, 'bad-length');
    assert.equal(longer.error.offset, 24);
    assert.equal(longer.error.notify, NOTIFY.unequalPayloadLengths);
    const tiny = decodeHeader(encodeHeader({ ...MAIN_MODE_1, length: 27 }));
    assert(!tiny.ok);
    assert.equal(tiny.error.code, 'bad-length');
  });

  it('refuses other major versions, as IKEv2 is', () => {
    for (const majorVersion of [0, 2, 15]) {
      const decoded = decodeHeader(encodeHeader({ ...MAIN_MODE_1, majorVersion }));
      assert(!decoded.ok);
      assert.equal(decoded.error.code, 'bad-version');
      assert.equal(decoded.error.notify, NOTIFY.invalidMajorVersion);
    }
  });

  it('holds plain Uint8Arrays and does not look outside a slice of a larger buffer', () => {
    const larger = Buffer.concat([
      Buffer.from('ff'.repeat(8), 'hex'),
      encodeHeader(MAIN_MODE_1),
      Buffer.alloc(8, 0xff),
    ]);
    assert.deepEqual(decodeHeader(larger.subarray(8, 8 + HEADER_LENGTH)), { ok: true, value: MAIN_MODE_1 });
  });

  describe('verify', () => {
    const faults: readonly [string, Partial<IsakmpHeader>, number][] = [
      ['a zero initiator cookie', { initiatorCookie: ZERO_COOKIE }, NOTIFY.invalidCookie],
      ['a higher minor version', { minorVersion: 1 }, NOTIFY.invalidMinorVersion],
      ['reserved flags', { flags: 8 }, NOTIFY.invalidFlags],
      ['a message ID in Main Mode', { messageId: 1 }, NOTIFY.invalidMessageId],
      [
        'a message ID in Aggressive Mode',
        { exchangeType: EXCHANGE.aggressive, messageId: 1 },
        NOTIFY.invalidMessageId,
      ],
      ['no message ID in Quick Mode', { exchangeType: EXCHANGE.quickMode }, NOTIFY.invalidMessageId],
    ];
    for (const [what, change, notify] of faults) {
      it(`refuses ${what}`, () => {
        assert.equal(verifyHeader({ ...MAIN_MODE_1, ...change })?.notify, notify);
      });
    }

    it('accepts every captured header, and all three flags', () => {
      for (const { messages } of CAPTURES) {
        for (const { datagram } of messages) {
          const decoded = decodeHeader(datagram);
          assert(decoded.ok);
          assert.equal(verifyHeader(decoded.value), undefined);
        }
      }
      const flags = FLAG.encryption | FLAG.commit | FLAG.authOnly;
      assert.equal(verifyHeader({ ...MAIN_MODE_1, flags }), undefined);
    });
  });
});
