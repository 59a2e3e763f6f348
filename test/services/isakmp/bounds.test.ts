/** Malformed and oversized chains: which fault, where, and that work stays bounded. */
import assert from 'node:assert/strict';
import { type Bytes, concat, fromHex, u16, u32, u8 } from '../../../services/bytes.js';
import type { DecodeFault, DecodeFaultCode } from '../../../services/isakmp/decode-fault.js';
import { decodePayloads } from '../../../services/isakmp/message.js';
import { NOTIFY } from '../../../services/isakmp/registries/notify-types.js';
import { PAYLOAD } from '../../../services/isakmp/registries/payload-types.js';

/** A payload or a substructure: generic header and body. */
function structure(next: number, body: Bytes, length = body.length + 4): Bytes {
  return concat(u8(next), u8(0), u16(length), body);
}

const SA_HEAD = concat(u32(1), u32(1));
const TRANSFORM_HEAD = fromHex('010c0000');

function proposal(next: number, count: number, transforms: Bytes): Bytes {
  return structure(next, concat(u8(1), u8(3), u8(4), u8(count), u32(0x1000), transforms));
}

function sa(...parts: readonly Bytes[]): Bytes {
  return structure(0, concat(SA_HEAD, ...parts));
}

const ONE_TRANSFORM = structure(0, TRANSFORM_HEAD);

function many(count: number, type: number, body: Bytes): Bytes {
  return concat(...Array.from({ length: count }, (_, i) => structure(i === count - 1 ? 0 : type, body)));
}

function faultOf(first: number, bytes: Bytes): DecodeFault {
  const decoded = decodePayloads(first, bytes);
  assert(!decoded.ok, 'it was expected to be refused');
  return decoded.error;
}

const REFUSED: readonly [string, number, Bytes, DecodeFaultCode, string, number][] = [
  [
    'a payload shorter than its generic header',
    PAYLOAD.nonce,
    structure(0, u32(1), 3),
    'bad-length',
    'NONCE',
    2,
  ],
  ['a payload of length 0', PAYLOAD.nonce, structure(0, u32(1), 0), 'bad-length', 'NONCE', 2],
  ['a payload longer than the message', PAYLOAD.nonce, structure(0, u32(1), 9), 'truncated', 'NONCE', 4],
  [
    'a promised payload that is missing',
    PAYLOAD.nonce,
    structure(PAYLOAD.hash, u32(1)),
    'truncated',
    'HASH',
    8,
  ],
  ['an SA of another DOI', PAYLOAD.sa, structure(0, concat(u32(2), u32(1))), 'unsupported-doi', 'SA', 4],
  [
    'a labelled SA',
    PAYLOAD.sa,
    structure(0, concat(u32(1), u32(2), u32(0))),
    'unsupported-situation',
    'SA',
    8,
  ],
  [
    'an SA with bytes behind its last proposal',
    PAYLOAD.sa,
    sa(proposal(0, 1, ONE_TRANSFORM), u8(0)),
    'trailing-bytes',
    'SA',
    32,
  ],
  [
    'a proposal followed by a transform',
    PAYLOAD.sa,
    sa(proposal(PAYLOAD.transform, 1, ONE_TRANSFORM)),
    'bad-next-payload',
    'proposal',
    12,
  ],
  [
    'a promised proposal that is missing',
    PAYLOAD.sa,
    sa(proposal(PAYLOAD.proposal, 1, ONE_TRANSFORM)),
    'truncated',
    'proposal',
    32,
  ],
  ['a proposal of length 3', PAYLOAD.sa, sa(structure(0, u32(0), 3)), 'bad-length', 'proposal', 14],
  ['a proposal longer than its SA', PAYLOAD.sa, sa(structure(0, u32(0), 9)), 'truncated', 'proposal', 16],
  [
    'an SPI longer than its proposal',
    PAYLOAD.sa,
    sa(structure(0, fromHex('0103ff0100001000'))),
    'truncated',
    'proposal',
    20,
  ],
  [
    'a proposal with bytes behind its last transform',
    PAYLOAD.sa,
    sa(proposal(0, 1, concat(ONE_TRANSFORM, u8(0)))),
    'trailing-bytes',
    'proposal',
    32,
  ],
  [
    'fewer transforms than announced',
    PAYLOAD.sa,
    sa(proposal(0, 2, ONE_TRANSFORM)),
    'count-mismatch',
    'proposal',
    32,
  ],
  [
    'more transforms than announced',
    PAYLOAD.sa,
    sa(proposal(0, 0, ONE_TRANSFORM)),
    'count-mismatch',
    'proposal',
    32,
  ],
  [
    'a transform followed by a proposal',
    PAYLOAD.sa,
    sa(proposal(0, 1, structure(PAYLOAD.proposal, TRANSFORM_HEAD))),
    'bad-next-payload',
    'transform',
    24,
  ],
  [
    'a transform of length 7',
    PAYLOAD.sa,
    sa(proposal(0, 1, structure(0, TRANSFORM_HEAD.subarray(1)))),
    'truncated',
    'transform',
    30,
  ],
  [
    'an attribute longer than its transform',
    PAYLOAD.sa,
    sa(proposal(0, 1, structure(0, concat(TRANSFORM_HEAD, fromHex('000c0005'), u32(1))))),
    'truncated',
    'attribute',
    36,
  ],
  [
    'half an attribute',
    PAYLOAD.sa,
    sa(proposal(0, 1, structure(0, concat(TRANSFORM_HEAD, u16(0x800b))))),
    'truncated',
    'transform',
    34,
  ],
  [
    'a notify whose SPI does not fit',
    PAYLOAD.notification,
    structure(0, concat(u32(1), fromHex('0110000e'), u32(1))),
    'truncated',
    'NOTIFY',
    12,
  ],
  [
    'a delete of fewer SPIs than announced',
    PAYLOAD.delete,
    structure(0, concat(u32(1), fromHex('03040002'), u32(1))),
    'count-mismatch',
    'DELETE',
    12,
  ],
  [
    'a delete of more SPIs than announced',
    PAYLOAD.delete,
    structure(0, concat(u32(1), fromHex('03040000'), u32(1))),
    'count-mismatch',
    'DELETE',
    12,
  ],
  ['an identity of 3 bytes', PAYLOAD.identification, structure(0, fromHex('010000')), 'truncated', 'ID', 6],
  [
    'a certificate without its encoding',
    PAYLOAD.certificate,
    structure(0, new Uint8Array(0)),
    'truncated',
    'CERT',
    4,
  ],
];

describe('decoding of malformed chains', () => {
  for (const [what, first, bytes, code, payload, offset] of REFUSED) {
    it(`refuses ${what}, and says where`, () => {
      const fault = faultOf(first, bytes);
      assert.deepEqual([fault.code, fault.payload, fault.offset], [code, payload, offset]);
    });
  }

  it('names the notify that RFC 2408 5 wants', () => {
    assert.equal(faultOf(PAYLOAD.nonce, u8(0)).notify, NOTIFY.payloadMalformed);
    assert.equal(faultOf(PAYLOAD.sa, sa(proposal(0, 2, ONE_TRANSFORM))).notify, NOTIFY.badProposalSyntax);
    assert.equal(faultOf(PAYLOAD.sa, structure(0, concat(u32(2), u32(1)))).notify, NOTIFY.doiNotSupported);
    assert.equal(
      faultOf(PAYLOAD.sa, structure(0, concat(u32(1), u32(4)))).notify,
      NOTIFY.situationNotSupported,
    );
  });
});

describe('decoding is bounded', () => {
  it('to 64 payloads', () => {
    assert(decodePayloads(PAYLOAD.vendorId, many(64, PAYLOAD.vendorId, u8(1))).ok);
    assert.equal(faultOf(PAYLOAD.vendorId, many(65, PAYLOAD.vendorId, u8(1))).code, 'too-many');
  });

  it('to 64 proposals', () => {
    const body = proposal(0, 1, ONE_TRANSFORM).subarray(4);
    assert(decodePayloads(PAYLOAD.sa, sa(many(64, PAYLOAD.proposal, body))).ok);
    assert.equal(faultOf(PAYLOAD.sa, sa(many(65, PAYLOAD.proposal, body))).code, 'too-many');
  });

  it('to 255 transforms, which the count cannot exceed either', () => {
    assert(decodePayloads(PAYLOAD.sa, sa(proposal(0, 255, many(255, PAYLOAD.transform, TRANSFORM_HEAD)))).ok);
    assert.equal(
      faultOf(PAYLOAD.sa, sa(proposal(0, 0, many(256, PAYLOAD.transform, TRANSFORM_HEAD)))).code,
      'too-many',
    );
  });

  it('to 64 attributes', () => {
    const attributes = (count: number) => concat(...Array.from({ length: count }, () => fromHex('800b0001')));
    const transform = (count: number) => structure(0, concat(TRANSFORM_HEAD, attributes(count)));
    assert(decodePayloads(PAYLOAD.sa, sa(proposal(0, 1, transform(64)))).ok);
    assert.equal(faultOf(PAYLOAD.sa, sa(proposal(0, 1, transform(65)))).code, 'too-many');
  });

  it('to 4096 structures in all', () => {
    const attributes = concat(...Array.from({ length: 30 }, () => fromHex('800b0001')));
    const body = proposal(0, 35, many(35, PAYLOAD.transform, concat(TRANSFORM_HEAD, attributes))).subarray(4);
    // A proposal and its 35 transforms of 30 attributes are 1086 structures.
    assert(decodePayloads(PAYLOAD.sa, sa(many(3, PAYLOAD.proposal, body))).ok);
    assert.equal(faultOf(PAYLOAD.sa, sa(many(4, PAYLOAD.proposal, body))).code, 'too-many');
  });

  it('to 1024 SPIs, and to none without a size', () => {
    const list = (count: number, size: number) =>
      structure(0, concat(u32(1), u8(3), u8(size), u16(count), new Uint8Array(count * size)));
    assert(decodePayloads(PAYLOAD.delete, list(1024, 4)).ok);
    assert.equal(faultOf(PAYLOAD.delete, list(1025, 4)).code, 'too-many');
    assert.equal(faultOf(PAYLOAD.delete, list(0xffff, 0)).code, 'too-many');
  });
});
