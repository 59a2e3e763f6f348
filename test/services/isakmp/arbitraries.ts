/** Generators of payloads: all shapes the codecs must carry, and only those; `verify` accepts them. */
import fc from 'fast-check';
import { type Bytes, u32 } from '../../../services/bytes.js';
import type { IsakmpHeader } from '../../../services/isakmp/header.js';
import { hex } from '../../../services/bytes.js';
import type { Payload, PayloadKind } from '../../../services/isakmp/payload.js';
import type { Attribute } from '../../../services/isakmp/payloads/attribute.js';
import type { Proposal } from '../../../services/isakmp/payloads/proposal.js';
import type { SaPayload } from '../../../services/isakmp/payloads/security-association.js';
import type { Transform } from '../../../services/isakmp/payloads/transform.js';
import { CERT_ENCODINGS } from '../../../services/isakmp/registries/cert-encodings.js';
import { ID_TYPE } from '../../../services/isakmp/registries/id-types.js';
import { PAYLOAD_TYPES } from '../../../services/isakmp/registries/payload-types.js';
import { PROTOCOL } from '../../../services/isakmp/registries/protocols.js';

/** Decoded values are plain objects, and so are these. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const byte = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const number32 = fc.integer({ min: 0, max: 0xffff_ffff });

export function bytes(least: number, most: number): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength: least, maxLength: most });
}

export const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  record({ type: fc.integer({ min: 0, max: 0x7fff }), form: fc.constant('basic' as const), value: u16 }),
  record({
    type: fc.integer({ min: 0, max: 0x7fff }),
    form: fc.constant('variable' as const),
    value: bytes(0, 40),
  }),
);

const transforms: fc.Arbitrary<readonly Transform[]> = fc.uniqueArray(
  record({ number: byte, id: byte, attributes: fc.array(attribute, { maxLength: 8 }) }),
  { minLength: 1, maxLength: 5, selector: (transform) => transform.number },
);

const phase1Proposals: fc.Arbitrary<readonly Proposal[]> = fc.tuple(
  record({ number: byte, protocol: fc.constant<number>(PROTOCOL.isakmp), spi: bytes(0, 16), transforms }),
);

const spi = fc.integer({ min: 256, max: 0xffff_ffff }).map(u32);
const phase2Proposals: fc.Arbitrary<readonly Proposal[]> = fc
  .array(
    fc.oneof(
      record({ number: byte, protocol: fc.constantFrom(PROTOCOL.ah, PROTOCOL.esp), spi, transforms }),
      record({ number: byte, protocol: fc.constant(PROTOCOL.ipcomp), spi: bytes(2, 2), transforms }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => list.sort((a, b) => a.number - b.number));

function saOf(proposals: fc.Arbitrary<readonly Proposal[]>): fc.Arbitrary<SaPayload> {
  return record({
    kind: fc.constant('SA' as const),
    doi: fc.constant(1),
    situation: fc.constant(1),
    proposals,
  });
}

const text = fc
  .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength: 1, maxLength: 40 })
  .map((codes) => Uint8Array.from(codes));

function doubled(half: fc.Arbitrary<Bytes>): fc.Arbitrary<Bytes> {
  return fc
    .tuple(half, half)
    .map((halves) => Uint8Array.from(halves.sort((a, b) => Buffer.compare(a, b)).flatMap((h) => [...h])));
}

function subnet(length: number): fc.Arbitrary<Bytes> {
  return fc.tuple(bytes(length, length), fc.integer({ min: 0, max: length * 8 })).map(([address, bits]) => {
    const mask = address.map((_, i) => (0xff00 >>> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
    return Uint8Array.from([...address, ...mask]);
  });
}

const identity = fc.oneof(
  fc.tuple(fc.constant<number>(ID_TYPE.ipv4Addr), bytes(4, 4)),
  fc.tuple(fc.constant<number>(ID_TYPE.ipv6Addr), bytes(16, 16)),
  fc.tuple(fc.constant<number>(ID_TYPE.ipv4AddrSubnet), subnet(4)),
  fc.tuple(fc.constant<number>(ID_TYPE.ipv6AddrSubnet), subnet(16)),
  fc.tuple(fc.constant<number>(ID_TYPE.ipv4AddrRange), doubled(bytes(4, 4))),
  fc.tuple(fc.constant<number>(ID_TYPE.ipv6AddrRange), doubled(bytes(16, 16))),
  fc.tuple(fc.constantFrom<number>(ID_TYPE.fqdn, ID_TYPE.userFqdn), text),
  fc.tuple(fc.constantFrom<number>(ID_TYPE.derAsn1Dn, ID_TYPE.derAsn1Gn, ID_TYPE.keyId), bytes(1, 60)),
);

const host = fc.oneof(
  record({ idType: fc.constant<number>(ID_TYPE.ipv4Addr), address: bytes(4, 4) }),
  record({ idType: fc.constant<number>(ID_TYPE.ipv6Addr), address: bytes(16, 16) }),
);

const encoding = fc.constantFrom(...CERT_ENCODINGS.entries.map((entry) => entry.number));

/** Types that have no codec; SA's inner structures are no payloads of their own. */
const CODECLESS = [2, 3, 14, 20, 23, 99, 127, 130, 132, 200, 255];

const data = bytes(1, 80);

/** One generator per kind, so that a payload without one does not compile. */
export const PAYLOADS: { readonly [K in PayloadKind]: fc.Arbitrary<Extract<Payload, { kind: K }>> } = {
  SA: fc.oneof(saOf(phase1Proposals), saOf(phase2Proposals)),
  KE: record({ kind: fc.constant('KE'), data: bytes(1, 1024) }),
  ID: record({ protocol: byte, port: u16, identity }).map(
    ({ protocol, port, identity: [idType, value] }) => ({
      kind: 'ID',
      idType,
      protocol,
      port,
      data: value,
    }),
  ),
  CERT: record({ kind: fc.constant('CERT'), encoding, data }),
  CERTREQ: record({ kind: fc.constant('CERTREQ'), encoding, data: bytes(0, 80) }),
  HASH: record({ kind: fc.constant('HASH'), data }),
  SIG: record({ kind: fc.constant('SIG'), data }),
  NONCE: record({ kind: fc.constant('NONCE'), data: bytes(8, 256) }),
  NOTIFY: fc.oneof(
    record({
      kind: fc.constant('NOTIFY' as const),
      doi: fc.constantFrom(0, 1),
      protocol: fc.constantFrom(0, 1),
      spi: bytes(0, 16),
      notifyType: fc.integer({ min: 1, max: 0xffff }),
      data: bytes(0, 80),
    }),
    record({
      kind: fc.constant('NOTIFY' as const),
      doi: fc.constant(1),
      protocol: fc.constantFrom(2, 3),
      spi,
      notifyType: fc.integer({ min: 1, max: 0xffff }),
      data: bytes(0, 80),
    }),
  ),
  DELETE: fc.constantFrom([1, 16], [2, 4], [3, 4], [4, 2], [4, 4]).chain(([protocol = 1, spiSize = 16]) =>
    record({
      kind: fc.constant('DELETE' as const),
      doi: fc.constantFrom(0, 1),
      protocol: fc.constant(protocol),
      spiSize: fc.constant(spiSize),
      spis: fc.array(bytes(spiSize, spiSize), { minLength: 1, maxLength: 6 }),
    }),
  ),
  VENDOR: record({ kind: fc.constant('VENDOR'), data: bytes(0, 40) }),
  'NAT-OA': record({ kind: fc.constant('NAT-OA'), host }).map(({ kind, host: of }) => ({ kind, ...of })),
  'NAT-OA-DRAFT': record({ kind: fc.constant('NAT-OA-DRAFT'), host }).map(({ kind, host: of }) => ({
    kind,
    ...of,
  })),
  UNKNOWN: record({
    kind: fc.constant('UNKNOWN'),
    type: fc.constantFrom(...CODECLESS),
    data: bytes(0, 80),
  }),
};

export const payload: fc.Arbitrary<Payload> = fc.oneof(...Object.values(PAYLOADS));

/** Payload types that decode to UNKNOWN although the registry names them. */
export const NAMED_CODECLESS = PAYLOAD_TYPES.entries
  .map((entry) => entry.number)
  .filter((number) => (number === 2 || number === 3 || number >= 14) && number !== 21 && number !== 131);

const cookie = bytes(8, 8).map(hex);
export const header: fc.Arbitrary<IsakmpHeader> = record({
  initiatorCookie: cookie,
  responderCookie: cookie,
  nextPayload: byte,
  majorVersion: fc.constant(1),
  minorVersion: fc.integer({ min: 0, max: 15 }),
  exchangeType: byte,
  flags: byte,
  messageId: number32,
  length: fc.constant(28),
});
