/** What well-formed payloads must not say. */
import assert from 'node:assert/strict';
import { type Bytes, fromHex, NO_BYTES } from '../../../services/bytes.js';
import { decodePayloads, encodePayloads } from '../../../services/isakmp/message.js';
import { type Payload, verifyPayload } from '../../../services/isakmp/payload.js';
import { ID, type IdPayload, namesNoTraffic } from '../../../services/isakmp/payloads/identification.js';
import type { Proposal } from '../../../services/isakmp/payloads/proposal.js';
import type { Transform } from '../../../services/isakmp/payloads/transform.js';
import { ID_TYPE } from '../../../services/isakmp/registries/id-types.js';
import { NOTIFY } from '../../../services/isakmp/registries/notify-types.js';
import type { VerifyFaultCode } from '../../../services/isakmp/verify-fault.js';

const TRANSFORM: Transform = { number: 1, id: 12, attributes: [{ type: 6, form: 'basic', value: 128 }] };
const ESP: Proposal = { number: 1, protocol: 3, spi: fromHex('c0a8a6b3'), transforms: [TRANSFORM] };
const ISAKMP: Proposal = { number: 1, protocol: 1, spi: NO_BYTES, transforms: [TRANSFORM] };

function sa(...proposals: readonly Proposal[]): Payload {
  return { kind: 'SA', doi: 1, situation: 1, proposals };
}

function id(idType: number, data: string | Bytes): IdPayload {
  return { kind: 'ID', idType, protocol: 0, port: 0, data: typeof data === 'string' ? fromHex(data) : data };
}

function notify(change: Partial<Extract<Payload, { kind: 'NOTIFY' }>>): Payload {
  return { kind: 'NOTIFY', doi: 1, protocol: 1, spi: NO_BYTES, notifyType: 14, data: NO_BYTES, ...change };
}

function remove(change: Partial<Extract<Payload, { kind: 'DELETE' }>>): Payload {
  return { kind: 'DELETE', doi: 1, protocol: 3, spiSize: 4, spis: [fromHex('c0a8a6b3')], ...change };
}

const bytes = (length: number) => new Uint8Array(length).fill(1);
const text = (value: string) => new Uint8Array(Buffer.from(value, 'latin1'));

const REFUSED: readonly [string, Payload, VerifyFaultCode, number][] = [
  [
    'an SA of another DOI',
    { kind: 'SA', doi: 2, situation: 1, proposals: [ESP] },
    'unsupported-doi',
    NOTIFY.doiNotSupported,
  ],
  [
    'an SA of the generic DOI',
    { kind: 'SA', doi: 0, situation: 1, proposals: [ESP] },
    'unsupported-doi',
    NOTIFY.doiNotSupported,
  ],
  [
    'a labelled SA',
    { kind: 'SA', doi: 1, situation: 3, proposals: [ESP] },
    'unsupported-situation',
    NOTIFY.situationNotSupported,
  ],
  ['an SA without a proposal', sa(), 'empty', NOTIFY.badProposalSyntax],
  ['proposal numbers that fall', sa({ ...ESP, number: 2 }, ESP), 'bad-number', NOTIFY.badProposalSyntax],
  ['two Phase 1 proposals', sa(ISAKMP, { ...ISAKMP, number: 2 }), 'too-many', NOTIFY.badProposalSyntax],
  ['proposals of both phases', sa(ISAKMP, { ...ESP, number: 2 }), 'too-many', NOTIFY.badProposalSyntax],
  ['a proposal without a transform', sa({ ...ESP, transforms: [] }), 'bad-value', NOTIFY.badProposalSyntax],
  [
    'transforms of the same number',
    sa({ ...ESP, transforms: [TRANSFORM, TRANSFORM] }),
    'bad-value',
    NOTIFY.badProposalSyntax,
  ],
  ['a proposal for no known protocol', sa({ ...ESP, protocol: 5 }), 'bad-protocol', NOTIFY.invalidProtocolId],
  ['a proposal for protocol 0', sa({ ...ESP, protocol: 0 }), 'bad-protocol', NOTIFY.invalidProtocolId],
  ['an ESP SPI of 8 bytes', sa({ ...ESP, spi: bytes(8) }), 'bad-spi', NOTIFY.invalidSpi],
  ['an ESP proposal without an SPI', sa({ ...ESP, spi: NO_BYTES }), 'bad-spi', NOTIFY.invalidSpi],
  ['a reserved ESP SPI', sa({ ...ESP, spi: fromHex('000000ff') }), 'bad-spi', NOTIFY.invalidSpi],
  ['an ISAKMP SPI of 17 bytes', sa({ ...ISAKMP, spi: bytes(17) }), 'bad-spi', NOTIFY.invalidSpi],
  [
    'a basic attribute beyond 16 bits',
    sa({ ...ESP, transforms: [{ ...TRANSFORM, attributes: [{ type: 2, form: 'basic', value: 65536 }] }] }),
    'bad-value',
    NOTIFY.badProposalSyntax,
  ],
  ['a key exchange without a value', { kind: 'KE', data: NO_BYTES }, 'empty', NOTIFY.invalidKeyInformation],
  ['an identity of an unknown type', id(12, '00'), 'unsupported-type', NOTIFY.invalidIdInformation],
  ['an identity of type 0', id(0, '00000000'), 'unsupported-type', NOTIFY.invalidIdInformation],
  ['an IPv4 address of 5 bytes', id(ID_TYPE.ipv4Addr, bytes(5)), 'bad-value', NOTIFY.invalidIdInformation],
  ['an IPv6 address of 4 bytes', id(ID_TYPE.ipv6Addr, bytes(4)), 'bad-value', NOTIFY.invalidIdInformation],
  [
    'an IPv4 subnet without a mask',
    id(ID_TYPE.ipv4AddrSubnet, bytes(4)),
    'bad-value',
    NOTIFY.invalidIdInformation,
  ],
  [
    'a mask with a hole',
    id(ID_TYPE.ipv4AddrSubnet, '0a000000ff00ff00'),
    'bad-value',
    NOTIFY.invalidIdInformation,
  ],
  [
    'an IPv6 mask with a hole',
    id(ID_TYPE.ipv6AddrSubnet, '00'.repeat(16) + 'ff'.repeat(4) + '00ff' + '00'.repeat(10)),
    'bad-value',
    NOTIFY.invalidIdInformation,
  ],
  [
    'a range that ends before it begins',
    id(ID_TYPE.ipv4AddrRange, '0a0000020a000001'),
    'bad-value',
    NOTIFY.invalidIdInformation,
  ],
  ['an empty name', id(ID_TYPE.fqdn, NO_BYTES), 'bad-value', NOTIFY.invalidIdInformation],
  [
    'a name with a NUL',
    id(ID_TYPE.fqdn, text('good.example\0.evil.example')),
    'bad-value',
    NOTIFY.invalidIdInformation,
  ],
  [
    'a mailbox with a line end',
    id(ID_TYPE.userFqdn, text('a@example\r\n')),
    'bad-value',
    NOTIFY.invalidIdInformation,
  ],
  ['an empty distinguished name', id(ID_TYPE.derAsn1Dn, NO_BYTES), 'bad-value', NOTIFY.invalidIdInformation],
  [
    'a certificate of encoding 0',
    { kind: 'CERT', encoding: 0, data: bytes(1) },
    'unsupported-type',
    NOTIFY.invalidCertEncoding,
  ],
  [
    'a certificate of encoding 11',
    { kind: 'CERT', encoding: 11, data: bytes(1) },
    'unsupported-type',
    NOTIFY.invalidCertEncoding,
  ],
  ['an empty certificate', { kind: 'CERT', encoding: 4, data: NO_BYTES }, 'empty', NOTIFY.invalidCertificate],
  [
    'a request of encoding 0',
    { kind: 'CERTREQ', encoding: 0, data: NO_BYTES },
    'unsupported-type',
    NOTIFY.invalidCertEncoding,
  ],
  ['an empty hash', { kind: 'HASH', data: NO_BYTES }, 'empty', NOTIFY.invalidHashInformation],
  ['an empty signature', { kind: 'SIG', data: NO_BYTES }, 'empty', NOTIFY.invalidSignature],
  ['a nonce of 7 bytes', { kind: 'NONCE', data: bytes(7) }, 'bad-length', NOTIFY.payloadMalformed],
  ['a nonce of 257 bytes', { kind: 'NONCE', data: bytes(257) }, 'bad-length', NOTIFY.payloadMalformed],
  ['a notify of another DOI', notify({ doi: 2 }), 'unsupported-doi', NOTIFY.doiNotSupported],
  ['a notify about an unknown protocol', notify({ protocol: 5 }), 'bad-protocol', NOTIFY.invalidProtocolId],
  ['a notify of type 0', notify({ notifyType: 0 }), 'bad-value', NOTIFY.payloadMalformed],
  ['a notify with an ISAKMP SPI of 17 bytes', notify({ spi: bytes(17) }), 'bad-spi', NOTIFY.invalidSpi],
  [
    'a notify with an ESP SPI of 3 bytes',
    notify({ protocol: 3, spi: bytes(3) }),
    'bad-spi',
    NOTIFY.invalidSpi,
  ],
  ['a delete of another DOI', remove({ doi: 2 }), 'unsupported-doi', NOTIFY.doiNotSupported],
  ['a delete for no known protocol', remove({ protocol: 0 }), 'bad-protocol', NOTIFY.invalidProtocolId],
  ['a delete of an ISAKMP SA by 4 bytes', remove({ protocol: 1 }), 'bad-spi', NOTIFY.invalidSpi],
  [
    'a delete whose SPIs are not as long as it says',
    remove({ spis: [bytes(5)] }),
    'bad-spi',
    NOTIFY.invalidSpi,
  ],
  ['a delete of nothing', remove({ spis: [] }), 'empty', NOTIFY.payloadMalformed],
  [
    'a payload longer than its length field can say',
    { kind: 'KE', data: bytes(0xffff) },
    'bad-length',
    NOTIFY.payloadMalformed,
  ],
];

const ACCEPTED: readonly [string, Payload][] = [
  ['proposals of the same number, to be taken together', sa(ESP, { ...ESP, protocol: 2 })],
  ['proposal numbers that begin at 0 or skip', sa({ ...ESP, number: 0 }, { ...ESP, number: 7 })],
  ['an ISAKMP proposal with a cookie as SPI', sa({ ...ISAKMP, spi: bytes(8) })],
  ['an IPCOMP proposal with a CPI of 2 bytes', sa(ESP, { ...ESP, protocol: 4, spi: bytes(2) })],
  [
    'attributes nobody knows',
    sa({
      ...ESP,
      transforms: [{ ...TRANSFORM, attributes: [{ type: 0x7fff, form: 'variable', value: bytes(3) }] }],
    }),
  ],
  ['a nonce of 8 bytes', { kind: 'NONCE', data: bytes(8) }],
  ['a nonce of 256 bytes', { kind: 'NONCE', data: bytes(256) }],
  ['a request for any authority', { kind: 'CERTREQ', encoding: 4, data: NO_BYTES }],
  ['the subnet that is everything', id(ID_TYPE.ipv4AddrSubnet, '0000000000000000')],
  ['the subnet that is one host', id(ID_TYPE.ipv4AddrSubnet, '0a000001ffffffff')],
  ['a range of one', id(ID_TYPE.ipv4AddrRange, '0a0000010a000001')],
  ['a notify before any DOI was agreed', notify({ doi: 0, protocol: 0 })],
  ['a notify with both cookies', notify({ spi: bytes(16) })],
  ['a notify about an ESP SA', notify({ protocol: 3, spi: bytes(4) })],
  ['a notify of a type nobody knows', notify({ notifyType: 40000 })],
  ['a delete of an ISAKMP SA by its cookies', remove({ protocol: 1, spiSize: 16, spis: [bytes(16)] })],
  ['a vendor ID nobody knows', { kind: 'VENDOR', data: bytes(3) }],
  ['a payload nobody knows', { kind: 'UNKNOWN', type: 200, data: NO_BYTES }],
];

describe('verify', () => {
  for (const [what, payload, code, notifyType] of REFUSED) {
    it(`refuses ${what}`, () => {
      const fault = verifyPayload(payload);
      assert.equal(fault?.code, code);
      assert.equal(fault.notify, notifyType);
      assert.equal(fault.payload, payload.kind);
      assert(fault.explanation.includes(payload.kind));
    });
  }

  for (const [what, payload] of ACCEPTED) {
    it(`accepts ${what}`, () => {
      assert.equal(verifyPayload(payload), undefined);
    });
  }

  describe('reserved fields', () => {
    const chain = encodePayloads([sa(ESP), { kind: 'NONCE', data: bytes(16) }]);
    /** Offsets of the reserved bytes of that chain: SA, proposal, transform (two fields), NONCE. */
    const saLength = (chain.bytes[2] ?? 0) * 256 + (chain.bytes[3] ?? 0);
    const reserved: readonly [string, number, 'SA' | 'NONCE', string][] = [
      ['the generic header of the SA', 1, 'SA', 'SA'],
      ['the proposal', 13, 'SA', 'proposal'],
      ['the generic header of the transform', 12 + 12 + 1, 'SA', 'transform'],
      ['the first byte of RESERVED2', 12 + 12 + 6, 'SA', 'transform'],
      ['the second byte of RESERVED2', 12 + 12 + 7, 'SA', 'transform'],
      ['the generic header of the nonce', saLength + 1, 'NONCE', 'NONCE'],
    ];
    for (const [what, offset, kind, structure] of reserved) {
      it(`is tolerated by decode and refused by verify: ${what}`, () => {
        const bytesWith = Uint8Array.from(chain.bytes);
        bytesWith[offset] = 1;
        const decoded = decodePayloads(chain.first, bytesWith);
        assert(decoded.ok);
        for (const payload of decoded.value.payloads) {
          assert.equal(verifyPayload(payload)?.code, payload.kind === kind ? 'reserved-not-zero' : undefined);
          if (payload.kind === kind) assert.deepEqual(payload.reservedNotZero, [structure]);
        }
        assert.deepEqual(decoded.value.payloads[0]?.raw, bytesWith.slice(4, saLength));
      });
    }
  });

  it('knows Phase 1 identities that name traffic (RFC 2407 4.6.2)', () => {
    const named = (protocol: number, port: number) =>
      namesNoTraffic({ ...id(ID_TYPE.ipv4Addr, '0a000001'), protocol, port });
    assert.deepEqual([named(0, 0), named(17, 500), named(17, 0), named(17, 4500)], [true, true, true, true]);
    assert.deepEqual(
      [named(0, 500), named(17, 53), named(6, 500), named(6, 0)],
      [false, false, false, false],
    );
    assert.equal(ID.verify(id(ID_TYPE.ipv4Addr, '0a000001')), undefined);
  });
});
