/** Messages of NETLINK_XFRM: known vectors, what a kernel said, both ways, cut anywhere. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Bytes, concat, fromHex, hex } from '../../../services/bytes.js';
import { decodeXfrm, encodeXfrm, type XfrmMessage } from '../../../services/xfrm/message.js';
import { encodeNetlink, outcomeOf, splitDatagram } from '../../../services/xfrm/netlink.js';
import { NETLINK_FLAG, NETLINK_TYPE } from '../../../services/xfrm/registry.js';
import { verifyXfrm } from '../../../services/xfrm/verify.js';
import { anyMessage } from './any-message.js';
import { CAPTURED } from './capture.js';

function decoded(bytes: Bytes): readonly (XfrmMessage | undefined)[] {
  const messages = splitDatagram(bytes);
  assert.ok(messages.ok, 'it is a datagram');
  return messages.value.map(({ type, body }) => {
    const message = decodeXfrm(type, body);
    assert.ok(message.ok, message.ok ? '' : message.error.why);
    return message.value;
  });
}

function encoded(message: XfrmMessage): Bytes {
  return encodeNetlink({ ...encodeXfrm(message), flags: NETLINK_FLAG.request, sequence: 1, port: 0 });
}

/** The message of a kind; several kinds may share a form. */
type OfKind<K, M = XfrmMessage> = M extends { readonly kind: infer U } ? (K extends U ? M : never) : never;

/** All messages that the kernel told, by their kind. */
function told<K extends XfrmMessage['kind']>(kind: K): readonly OfKind<K>[] {
  return CAPTURED.filter(({ datagram }) => new DataView(datagram.buffer).getUint16(4, true) > 3)
    .flatMap(({ datagram }) => decoded(datagram))
    .filter((message): message is OfKind<K> => message?.kind === kind);
}

describe('netlink XFRM messages', () => {
  it('ask for an SA in the bytes of the headers', () => {
    const id = { destination: '10.0.0.2', spi: 0x1122_3344, family: 2, protocol: 50 };
    assert.equal(
      hex(encoded({ kind: 'GETSA', id })),
      '28000000120001000100000000000000' + '0a000002' + '00'.repeat(12) + '11223344' + '0200' + '32' + '00',
    );
  });

  it('flush in the bytes of the headers, padded to words', () => {
    assert.equal(
      hex(encoded({ kind: 'FLUSHSA', protocol: 50 })),
      '110000001c0001000100000000000000' + '32000000',
    );
  });

  it('say the same after encoding and decoding', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        // What fast-check makes has no prototype.
        assert.deepEqual(decoded(encoded(message)), [structuredClone(message)]);
      }),
      { numRuns: 100 },
    );
  });

  it('are refused or read, and never more, when cut anywhere', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { type, body } = encodeXfrm(message);
        for (let length = 0; length < body.length; length++) {
          const cut = decodeXfrm(type, body.subarray(0, length));
          // What was cut off at the end of an attribute is a shorter message, of the same kind.
          if (cut.ok) assert.equal(cut.value?.kind, message.kind);
        }
        const whole = encoded(message);
        for (let length = 1; length < whole.length - 3; length++) {
          assert.equal(splitDatagram(whole.subarray(0, length)).ok, false);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('verify finds nothing wrong with what a kernel said', () => {
    for (const { occasion, datagram } of CAPTURED) {
      const messages = splitDatagram(datagram);
      assert.ok(messages.ok);
      for (const message of messages.value) {
        if (outcomeOf(message) !== undefined) continue;
        const read = decodeXfrm(message.type, message.body);
        assert.ok(read.ok && read.value !== undefined, occasion);
        assert.deepEqual(verifyXfrm(read.value, 'fromKernel'), [], occasion);
      }
    }
  });

  it('several in one datagram are told apart', () => {
    const one = encoded({ kind: 'FLUSHSA', protocol: 51 });
    const other = encoded({ kind: 'FLUSHPOLICY' });
    assert.deepEqual(
      decoded(concat(one, other)).map((message) => message?.kind),
      ['FLUSHSA', 'FLUSHPOLICY'],
    );
  });
});

describe('what a Linux 6.1 kernel says', () => {
  it('of an SA in UDP with SHA-256: 128 bits, its window, its limits, its key', () => {
    const sa = told('NEWSA')[0];
    assert.ok(sa);
    assert.deepEqual(
      [sa.sa.spi, sa.sa.protocol, sa.sa.mode, sa.sa.requestId, sa.sa.source, sa.sa.destination],
      [0x1234, 50, 1, 7, '10.0.0.1', '10.0.0.2'],
    );
    const { softBytes, hardBytes, softPackets, softAddSeconds, hardAddSeconds } = sa.sa.limits;
    assert.deepEqual(
      [softBytes, hardBytes, softPackets, softAddSeconds, hardAddSeconds],
      [1000, 2000, Infinity, 1, 3],
    );
    const { auth, crypt, encapsulation, replay } = sa.attributes;
    assert.deepEqual(auth, { name: 'hmac(sha256)', key: fromHex('33'.repeat(32)), truncatedBits: 128 });
    assert.deepEqual(crypt, { name: 'cbc(aes)', key: fromHex('22'.repeat(16)) });
    assert.deepEqual(encapsulation, {
      type: 2,
      sourcePort: 4500,
      destinationPort: 4501,
      original: '0.0.0.0',
    });
    assert.equal(replay?.window, 64);
    assert.equal(replay.bitmap.length, 8);
  });

  it('of GCM over IPv6', () => {
    const sa = told('NEWSA')[1];
    assert.deepEqual([sa?.sa.source, sa?.sa.destination], ['2001:db8::1', '2001:db8::2']);
    assert.deepEqual(sa?.attributes.aead, {
      name: 'rfc4106(gcm(aes))',
      key: fromHex('44'.repeat(20)),
      icvBits: 128,
    });
  });

  it('of a packet without an SA: its policy, its ports, its ends', () => {
    const [acquire] = told('ACQUIRE');
    assert.ok(acquire);
    assert.deepEqual(
      [acquire.source, acquire.id.destination, acquire.id.protocol],
      ['10.0.0.1', '10.0.0.9', 50],
    );
    assert.equal(acquire.packet.destination.port, 53);
    assert.equal(acquire.policy.priority, 5);
    assert.deepEqual(
      acquire.policy.templates.map(({ requestId, mode, optional }) => [requestId, mode, optional]),
      [[9, 0, false]],
    );
  });

  it('of an SA at its limits: the soft one, then the hard one', () => {
    assert.deepEqual(
      told('EXPIRE')
        .map(({ sa, hard }) => [sa.spi, hard])
        .slice(0, 2),
      [
        [0x1234, false],
        [0x1234, true],
      ],
    );
  });

  it('of a policy with two SAs around a packet, the innermost first', () => {
    const policy = told('NEWPOLICY').find(({ policy: { templates } }) => templates.length === 2)?.policy;
    assert.deepEqual(
      policy?.templates.map(({ protocol, mode }) => [protocol, mode]),
      [
        [50, 1],
        [51, 0],
      ],
    );
  });

  it('of what was deleted, once more', () => {
    assert.deepEqual(
      told('DELSA').map(({ id, deleted }) => [id.spi, deleted?.protocol]),
      [[0x1236, 51]],
    );
    assert.equal(told('DELPOLICY')[0]?.deleted?.priority, 5);
    assert.deepEqual(
      told('FLUSHSA').map(({ protocol }) => protocol),
      [0],
    );
  });

  it('of a request that failed: the error, and its own sentence where it has one', () => {
    const outcomes = CAPTURED.flatMap(({ datagram }) => {
      const messages = splitDatagram(datagram);
      return messages.ok ? messages.value.map(outcomeOf) : [];
    }).filter((outcome) => outcome !== undefined);
    assert.deepEqual(
      outcomes.map(({ errno }) => errno),
      [0, 0, 3, 22, 0],
    );
  });
});

describe('the outcome of a netlink request', () => {
  const outcome = (flags: number, ...parts: readonly Bytes[]) =>
    outcomeOf({ type: NETLINK_TYPE.error, flags, sequence: 1, port: 0, body: concat(...parts) });
  const refused = fromHex('eaffffff');
  const header = fromHex('14000000120001000100000000000000');
  const text = concat(fromHex('12000100'), Buffer.from('Unsupported mode'.slice(0, 13)), fromHex('00'));

  it('has the sentence of the kernel behind a request that is repeated whole', () => {
    const explained = outcome(NETLINK_FLAG.explained, refused, header, fromHex('aabbccdd'), text);
    assert.deepEqual(explained, { errno: 22, why: 'Unsupported m' });
  });

  it('has it behind the header alone where the request is capped', () => {
    const explained = outcome(NETLINK_FLAG.explained | NETLINK_FLAG.capped, refused, header, text);
    assert.deepEqual(explained, { errno: 22, why: 'Unsupported m' });
  });

  it('is read without it when cut short', () => {
    assert.deepEqual(outcome(NETLINK_FLAG.explained, refused, header), { errno: 22, why: undefined });
    assert.deepEqual(outcome(0, fromHex('00000000'), header), { errno: 0, why: undefined });
    assert.notEqual(outcome(0, fromHex('eaff'))?.errno, 0);
  });
});
