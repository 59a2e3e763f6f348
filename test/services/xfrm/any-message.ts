/** Messages of NETLINK_XFRM with random content, each one that can be said. */
import fc from 'fast-check';
import { addressFromBytes } from '../../../services/net/address.js';
import type { XfrmSelector } from '../../../services/xfrm/addresses.js';
import type { XfrmMessage, XfrmSaId } from '../../../services/xfrm/message.js';
import type { XfrmPolicy, XfrmTemplate } from '../../../services/xfrm/policy.js';
import { AF_INET, AF_INET6 } from '../../../services/xfrm/registry.js';
import type { SaAttributes, XfrmSa } from '../../../services/xfrm/sa.js';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.nat(Number.MAX_SAFE_INTEGER);
const limit = fc.oneof(u64, fc.constant(Infinity));
const bytes = (longest: number) => fc.uint8Array({ maxLength: longest });

export function addressOf(family: number): fc.Arbitrary<string> {
  const length = family === AF_INET6 ? 16 : 4;
  return fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((octets) => addressFromBytes(octets) ?? '0.0.0.0');
}

const family = fc.constantFrom(AF_INET, AF_INET6);

const selector = (of: number): fc.Arbitrary<XfrmSelector> => {
  const side = fc.record({
    address: addressOf(of),
    prefixLength: fc.nat(of === AF_INET6 ? 128 : 32),
    port: u16,
    portMask: u16,
  });
  return fc.record({
    family: fc.constant(of),
    source: side,
    destination: side,
    protocol: u8,
    interfaceIndex: fc.nat(0x7fff_ffff),
    user: u32,
  });
};

const limits = fc.record({
  softBytes: limit,
  hardBytes: limit,
  softPackets: limit,
  hardPackets: limit,
  softAddSeconds: u64,
  hardAddSeconds: u64,
  softUseSeconds: u64,
  hardUseSeconds: u64,
});

const saOf = (of: number): fc.Arbitrary<XfrmSa> =>
  fc.record({
    selector: selector(of),
    source: addressOf(of),
    destination: addressOf(of),
    spi: u32,
    protocol: u8,
    family: fc.constant(of),
    mode: u8,
    requestId: u32,
    sequence: u32,
    replayWindow: u8,
    flags: u8,
    limits,
    current: fc.record({ bytes: u64, packets: u64, addTime: u64, useTime: u64 }),
    refused: fc.record({ beforeWindow: u32, replayed: u32, unproved: u32 }),
  });

const name = fc.stringMatching(/^[a-z0-9()]{1,60}$/);

const attributesOf = (of: number): fc.Arbitrary<SaAttributes> =>
  fc.record(
    {
      crypt: fc.record({ name, key: bytes(64) }),
      auth: fc.record({ name, key: bytes(64), truncatedBits: fc.option(u32, { nil: undefined }) }),
      aead: fc.record({ name, key: bytes(64), icvBits: u32 }),
      encapsulation: fc.record({
        type: u16,
        sourcePort: u16,
        destinationPort: u16,
        original: addressOf(of),
      }),
      replay: fc.record({
        outgoing: u32,
        incoming: u32,
        outgoingHigh: u32,
        incomingHigh: u32,
        window: u32,
        bitmap: fc.nat(8).chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
      }),
      others: fc.array(fc.record({ type: fc.integer({ min: 40, max: 0x3fff }), payload: bytes(12) }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: ['others'] },
  );

const template: fc.Arbitrary<XfrmTemplate> = family.chain((of) =>
  fc.record({
    protocol: u8,
    spi: u32,
    family: fc.constant(of),
    source: addressOf(of),
    destination: addressOf(of),
    requestId: u32,
    mode: u8,
    optional: fc.boolean(),
  }),
);

const policyOf = (of: number): fc.Arbitrary<XfrmPolicy> =>
  fc.record({
    selector: selector(of),
    priority: u32,
    index: u32,
    direction: u8,
    action: u8,
    flags: u8,
    share: u8,
    templates: fc.array(template, { maxLength: 6 }),
  });

const idOf = (of: number): fc.Arbitrary<XfrmSaId> =>
  fc.record({ destination: addressOf(of), spi: u32, family: fc.constant(of), protocol: u8 });

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

export const anyMessage: fc.Arbitrary<XfrmMessage> = family.chain((of) => {
  const withSa = { sa: saOf(of), attributes: attributesOf(of) };
  return fc.oneof<fc.Arbitrary<XfrmMessage>[]>(
    fc.record({ kind: fc.constantFrom('NEWSA', 'UPDSA'), ...withSa }),
    fc.record({ kind: fc.constant('DELSA'), id: idOf(of), deleted: maybe(saOf(of)) }),
    fc.record({ kind: fc.constant('GETSA'), id: idOf(of) }),
    fc.record({ kind: fc.constant('ALLOCSPI'), min: u32, max: u32, ...withSa }),
    fc
      .tuple(policyOf(of), addressOf(of), addressOf(of), selector(of), u32, u32)
      .chain(([policy, destination, source, packet, spi, sequence]) => {
        // The ends are of the family of the template that asks.
        const templates = policy.templates.map((each) => ({
          ...each,
          family: of,
          source,
          destination,
        }));
        return fc
          .constantFrom(...(templates.length === 0 ? [50] : templates.map((each) => each.protocol)))
          .map((protocol): XfrmMessage => ({
            kind: 'ACQUIRE',
            id: { destination, spi, protocol },
            source,
            packet,
            policy: { ...policy, templates },
            sequence,
          }));
      }),
    fc.record({ kind: fc.constant('EXPIRE'), sa: saOf(of), hard: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('NEWPOLICY', 'UPDPOLICY'), policy: policyOf(of) }),
    fc.record({
      kind: fc.constantFrom('DELPOLICY', 'GETPOLICY'),
      selector: selector(of),
      index: u32,
      direction: u8,
      deleted: maybe(policyOf(of)),
    }),
    fc.record({ kind: fc.constant('FLUSHSA'), protocol: u8 }),
    fc.record({ kind: fc.constant('FLUSHPOLICY') }),
    fc.record({
      kind: fc.constant('MAPPING'),
      id: idOf(of),
      requestId: u32,
      before: fc.record({ address: addressOf(of), port: u16 }),
      now: fc.record({ address: addressOf(of), port: u16 }),
    }),
  );
});
