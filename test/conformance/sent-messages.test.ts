/** What RFC 2407, 2408 and 2409 demand of a sender, held against every message of a run that uses all of it. */
import assert from 'node:assert/strict';
import { hex, readU32 } from '../../services/bytes.js';
import { allOf, firstOf } from '../../services/exchange/payloads-of.js';
import { FLAG, HEADER_LENGTH } from '../../services/isakmp/header.js';
import { payloadName } from '../../services/isakmp/payload.js';
import { attributeNumber } from '../../services/isakmp/payloads/attribute.js';
import type { Transform } from '../../services/isakmp/payloads/transform.js';
import { ESP_TRANSFORM } from '../../services/isakmp/registries/esp-transforms.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { IPSEC_ATTRIBUTE } from '../../services/isakmp/registries/ipsec-attributes.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { OAKLEY_ATTRIBUTE } from '../../services/isakmp/registries/phase1-attributes.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import type { EspProtection } from '../../services/ports/kernel.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, startPair, tunnelPolicy, WEST } from '../sim/two-gateways.js';
import { opener, type OpenedMessage } from './opened-run.js';

/** Rules in this order of preference; the peer takes the last but one. */
const TRANSFORMS = [
  'auth_method preshared oakley_group 5 auth_alg sha256 encr_alg aes(128..256)',
  'auth_method preshared oakley_group 2 auth_alg sha1 encr_alg 3des',
  'auth_method preshared oakley_group 2 auth_alg md5 encr_alg 3des',
];

const esp = (
  encryption: EspProtection['encryption'],
  keyBits: { readonly low: number; readonly high: number },
  integrity: EspProtection['integrity'],
): EspProtection => ({ protocol: 50, encryption, keyBits, integrity });

const POLICY = [
  esp('aes-cbc', { low: 128, high: 256 }, 'hmac-sha1-96'),
  esp('3des', { low: 192, high: 192 }, 'hmac-md5-96'),
  esp('null', { low: 0, high: 0 }, 'hmac-sha1-96'),
  esp('aes-cbc', { low: 256, high: 256 }, undefined),
];

/** The only Phase 1 transform identifier (RFC 2407 4.4.2.1). */
const KEY_IKE = 1;

const GROUP = 2;
const NONCE_LENGTH = 33;

/** Lengths of public values, bytes (RFC 2409 6.2). */
const GROUP_LENGTH = 128;

/** Main Mode, a Quick Mode of each end, an offer that the peer takes the third of, and the Deletes of both. */
async function run(): Promise<readonly OpenedMessage[]> {
  const xforms = TRANSFORMS.map((words) => `p1_xform { ${words} }`).join('\n');
  const config = (end: 'east' | 'west', transforms: string): string => {
    const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
    return `p1_nonce_len ${String(NONCE_LENGTH)} p2_nonce_len ${String(NONCE_LENGTH)}
{ label "peer" local_addr ${local} remote_addr ${remote} p2_pfs ${String(GROUP)} ${transforms} }`;
  };
  const west = `p1_xform { ${TRANSFORMS[1] ?? ''} }`;
  const pair = await startPair(
    1,
    gatewayPlan('east', { config: config('east', xforms), policies: [tunnelPolicy('east', POLICY)] }),
    gatewayPlan('west', {
      config: config('west', west),
      policies: [tunnelPolicy('west', POLICY.slice(2, 3))],
    }),
  );
  pair.east.kernel.output(packetToWest());
  assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
  const asked = pair.west.engine.up('10.2.0.9', '10.1.0.5', 17);
  const both = [pair.east, pair.west];
  await runUntil(pair.clock, () => both.every(({ engine }) => engine.table.phase2Count === 2), 60_000);
  assert.ok((await asked).ok);
  const open = opener(pair);
  void pair.east.engine.sayGoodbye();
  await runUntil(pair.clock, () => false, 1000);
  return open(pair.network.sent);
}

/** Types of an attribute list that are basic by RFC 2407 4.5 and RFC 2409 appendix A: all but durations and groups. */
function basicOnes(transform: Transform, duration: number): readonly Transform['attributes'][number][] {
  return transform.attributes.filter(({ type }) => type !== duration);
}

describe('every message that a daemon sends', () => {
  let messages: readonly OpenedMessage[] = [];

  before(async () => {
    messages = await run();
    // Six of Main Mode, three of each Quick Mode, the Deletes of IPsec SAs and Phase 1 SA, and the peer's of the latter.
    assert.equal(messages.length, 15);
  });

  const of = (exchangeType: number): readonly OpenedMessage[] =>
    messages.filter(({ header }) => header.exchangeType === exchangeType);
  const phase1 = (): readonly OpenedMessage[] => of(EXCHANGE.mainMode);
  const quickModes = (): readonly OpenedMessage[] => of(EXCHANGE.quickMode);
  const proposalsOf = (message: OpenedMessage | undefined) => {
    const sa = message === undefined ? undefined : firstOf(message.payloads, 'SA');
    assert.ok(sa, 'an SA payload');
    return sa.proposals;
  };

  it('has version 1.0, no flag but that of encryption, and its own length', () => {
    for (const { header, bytes } of messages) {
      assert.equal(header.majorVersion, 1);
      assert.equal(header.minorVersion, 0);
      assert.equal(header.flags & ~FLAG.encryption, 0);
      assert.equal(header.length, bytes.length);
    }
  });

  it('has zeros in every reserved field', () => {
    for (const { payloads } of messages)
      for (const payload of payloads) assert.equal(payload.reservedNotZero, undefined, payloadName(payload));
  });

  it('has message ID 0 in Phase 1, and later one for each exchange', () => {
    assert.ok(phase1().every(({ header }) => header.messageId === 0));
    const ids = new Map<number, Set<number>>();
    for (const { header } of messages.slice(6)) {
      assert.notEqual(header.messageId, 0);
      ids.set(header.messageId, (ids.get(header.messageId) ?? new Set()).add(header.exchangeType));
    }
    assert.equal(ids.size, 5, 'two Quick Modes and three Informationals');
    assert.ok([...ids.values()].every((exchanges) => exchanges.size === 1));
  });

  it('names the SA by the cookies in the same order, whichever end begins an exchange', () => {
    const [first] = messages;
    assert.ok(first);
    assert.match(first.header.responderCookie, /^0+$/);
    const second = messages[1]?.header.responderCookie ?? '';
    assert.doesNotMatch(second, /^0+$/);
    assert.notEqual(second, first.header.initiatorCookie);
    for (const { header } of messages.slice(1)) {
      assert.equal(header.initiatorCookie, first.header.initiatorCookie);
      assert.equal(header.responderCookie, second);
    }
    assert.deepEqual(new Set(quickModes().map(({ from }) => from)), new Set([EAST, WEST]));
    assert.equal(quickModes()[3]?.from, WEST, 'the responder of Phase 1 begins the second Quick Mode');
  });

  it('is encrypted from the header on once public values were exchanged, and in the clear before', () => {
    messages.forEach(({ encrypted }, index) => {
      assert.equal(encrypted, index >= 4, `message ${String(index + 1)}`);
    });
  });

  it('is padded to the block of the cipher with zeros, which its length counts', () => {
    const padded = messages.filter(({ padding }) => padding.length > 0);
    assert.ok(padded.length > 0);
    for (const { encrypted, bytes, padding } of messages) {
      if (!encrypted) assert.equal(padding.length, 0);
      else assert.equal((bytes.length - HEADER_LENGTH) % 8, 0);
      assert.ok(padding.length < 8);
      assert.ok(padding.every((byte) => byte === 0));
    }
  });

  it('begins with the SA in Phase 1, and with HASH and SA in Quick Mode', () => {
    for (const { payloads } of phase1()) {
      const at = payloads.findIndex(({ kind }) => kind === 'SA');
      assert.ok(at <= 0);
    }
    for (const { payloads } of quickModes()) {
      assert.equal(payloads[0]?.kind, 'HASH');
      if (payloads.length > 1) assert.equal(payloads[1]?.kind, 'SA');
    }
    for (const { payloads } of of(EXCHANGE.informational)) assert.equal(payloads[0]?.kind, 'HASH');
  });

  it('asks for the IPsec DOI and a situation of identities alone', () => {
    const sas = messages.flatMap(({ payloads }) => allOf(payloads, 'SA'));
    assert.equal(sas.length, 6);
    assert.deepEqual(
      new Set(sas.map(({ doi, situation }) => `${String(doi)}/${String(situation)}`)),
      new Set(['1/1']),
    );
  });

  it('offers Phase 1 as numbered transforms of one proposal, in the order of the rule', () => {
    const [proposal, ...more] = proposalsOf(messages[0]);
    assert.ok(proposal);
    assert.equal(more.length, 0);
    assert.equal(allOf(messages[0]?.payloads ?? [], 'SA').length, 1);
    assert.equal(proposal.protocol, PROTOCOL.isakmp);
    assert.ok(proposal.transforms.every(({ id }) => id === KEY_IKE));
    assert.deepEqual(
      proposal.transforms.map(({ number }) => number),
      [1, 2, 3, 4, 5],
    );
    const values = (type: number): readonly (number | undefined)[] =>
      proposal.transforms.map(({ attributes }) => {
        const found = attributes.find((attribute) => attribute.type === type);
        return found === undefined ? undefined : attributeNumber(found);
      });
    assert.deepEqual(values(OAKLEY_ATTRIBUTE.encryptionAlgorithm), [7, 7, 7, 5, 5]);
    assert.deepEqual(values(OAKLEY_ATTRIBUTE.keyLength), [256, 192, 128, undefined, undefined]);
    assert.deepEqual(values(OAKLEY_ATTRIBUTE.hashAlgorithm), [4, 4, 4, 2, 1]);
    assert.deepEqual(values(OAKLEY_ATTRIBUTE.authenticationMethod), [1, 1, 1, 1, 1]);
    assert.deepEqual(values(OAKLEY_ATTRIBUTE.groupDescription), [5, 5, 5, 2, 2]);
  });

  it('describes no group by its numbers where it names one', () => {
    const parts = [5, 6, 7, 8, 9, 10, 15, 16];
    for (const { attributes } of proposalsOf(messages[0]).flatMap(({ transforms }) => transforms)) {
      assert.ok(attributes.some(({ type }) => type === OAKLEY_ATTRIBUTE.groupDescription));
      assert.ok(attributes.every(({ type }) => !parts.includes(type)));
    }
  });

  it('offers Phase 2 as numbered proposals in the order of the policy, with one SPI and the PFS group in each transform', () => {
    const proposals = proposalsOf(quickModes()[0]);
    assert.deepEqual(
      proposals.map(({ number, protocol, transforms }) => [number, protocol, transforms.map(({ id }) => id)]),
      [
        [1, PROTOCOL.esp, [12, 12, 12]],
        [2, PROTOCOL.esp, [3]],
        [3, PROTOCOL.esp, [11]],
        [4, PROTOCOL.esp, [12]],
      ],
    );
    for (const { transforms } of proposals) {
      transforms.forEach(({ number, attributes }, index) => {
        assert.equal(number, index + 1);
        const group = attributes.filter(({ type }) => type === IPSEC_ATTRIBUTE.groupDescription);
        assert.deepEqual(group.map(attributeNumber), [GROUP]);
      });
    }
  });

  it('chooses one proposal with one transform, and keeps the numbers and attributes of the offer', () => {
    const [phase1Choice, ...more1] = proposalsOf(messages[1]);
    const [phase2Choice, ...more2] = proposalsOf(quickModes()[1]);
    assert.ok(phase1Choice && phase2Choice);
    assert.deepEqual([more1.length, more2.length], [0, 0]);
    assert.deepEqual(phase1Choice.transforms, proposalsOf(messages[0])[0]?.transforms.slice(3, 4));
    assert.equal(phase2Choice.number, 3);
    assert.deepEqual(phase2Choice.transforms, proposalsOf(quickModes()[0])[2]?.transforms);
  });

  it('gives each SA an SPI of its own above the reserved ones', () => {
    const spis = quickModes().flatMap(({ payloads }) =>
      allOf(payloads, 'SA').flatMap(({ proposals }) => [...new Set(proposals.map(({ spi }) => hex(spi)))]),
    );
    assert.equal(spis.length, 4);
    assert.equal(new Set(spis).size, 4);
    assert.ok(spis.every((spi) => spi.length === 8 && readU32(Buffer.from(spi, 'hex'), 0) > 255));
  });

  it('writes basic attributes as basic ones, each duration behind its type', () => {
    for (const message of messages) {
      for (const sa of allOf(message.payloads, 'SA')) {
        const phase2 = message.header.exchangeType === EXCHANGE.quickMode;
        const [type, duration] = phase2
          ? [IPSEC_ATTRIBUTE.lifeType, IPSEC_ATTRIBUTE.lifeDuration]
          : [OAKLEY_ATTRIBUTE.lifeType, OAKLEY_ATTRIBUTE.lifeDuration];
        for (const transform of sa.proposals.flatMap(({ transforms }) => transforms)) {
          assert.ok(basicOnes(transform, duration).every(({ form }) => form === 'basic'));
          const types = transform.attributes.map((attribute) => attribute.type);
          assert.ok(types.includes(duration));
          types.forEach((one, index) => {
            if (one === duration) assert.equal(types[index - 1], type);
          });
        }
      }
    }
  });

  it('names a key length only for ciphers that have several', () => {
    const keyLengths = (list: readonly Transform[], type: number): readonly boolean[] =>
      list.map(({ attributes }) => attributes.some((attribute) => attribute.type === type));
    const [phase1Offer] = proposalsOf(messages[0]);
    assert.deepEqual(keyLengths(phase1Offer?.transforms ?? [], OAKLEY_ATTRIBUTE.keyLength), [
      true,
      true,
      true,
      false,
      false,
    ]);
    for (const { transforms } of proposalsOf(quickModes()[0])) {
      for (const { id, attributes } of transforms) {
        const named = attributes.some(({ type }) => type === IPSEC_ATTRIBUTE.keyLength);
        assert.equal(named, id === ESP_TRANSFORM.aesCbc, `ESP transform ${String(id)}`);
      }
    }
  });

  it('names an authentication algorithm where there is one, with the NULL cipher too, and none where there is none', () => {
    const named = proposalsOf(quickModes()[0]).map(({ transforms }) =>
      transforms.every(({ attributes }) =>
        attributes.some(({ type }) => type === IPSEC_ATTRIBUTE.authenticationAlgorithm),
      ),
    );
    assert.deepEqual(named, [true, true, true, false]);
  });

  it('carries public values as long as the group and nonces as long as configured, never one twice', () => {
    const ke = messages.flatMap(({ payloads }) => allOf(payloads, 'KE'));
    const nonces = messages.flatMap(({ payloads }) => allOf(payloads, 'NONCE'));
    assert.deepEqual([ke.length, nonces.length], [6, 6]);
    assert.ok(ke.every(({ data }) => data.length === GROUP_LENGTH));
    assert.ok(nonces.every(({ data }) => data.length === NONCE_LENGTH));
    assert.equal(new Set(ke.map(({ data }) => hex(data))).size, 6);
    assert.equal(new Set(nonces.map(({ data }) => hex(data))).size, 6);
  });

  it('identifies its sender once, encrypted, and its traffic in each Quick Mode, initiator first', () => {
    const identities = phase1().map(({ payloads }) => allOf(payloads, 'ID').length);
    assert.deepEqual(identities, [0, 0, 0, 0, 1, 1]);
    const own = allOf(messages[4]?.payloads ?? [], 'ID');
    assert.deepEqual(
      own.map(({ idType, protocol, port, data }) => [idType, protocol, port, hex(data)]),
      [[1, 0, 0, 'c0000201']],
    );
    const traffic = quickModes().map(({ payloads }) => allOf(payloads, 'ID').map(({ data }) => hex(data)));
    const east = '0a010000ffff0000';
    const west = '0a020000ffff0000';
    assert.deepEqual(traffic, [[east, west], [east, west], [], [west, east], [west, east], []]);
  });

  it('carries vendor IDs in Phase 1 only', () => {
    for (const { header, payloads } of messages)
      if (header.exchangeType !== EXCHANGE.mainMode) assert.equal(allOf(payloads, 'VENDOR').length, 0);
  });

  it('says INITIAL-CONTACT with both cookies and no data, where it is encrypted', () => {
    const said = messages.filter(({ payloads }) =>
      allOf(payloads, 'NOTIFY').some(({ notifyType }) => notifyType === NOTIFY.initialContact),
    );
    assert.deepEqual(
      said.map((message) => messages.indexOf(message)),
      [4, 5],
    );
    for (const { header, payloads, encrypted } of said) {
      assert.ok(encrypted);
      const [notify] = allOf(payloads, 'NOTIFY');
      assert.ok(notify);
      assert.equal(notify.doi, 1);
      assert.equal(notify.protocol, PROTOCOL.isakmp);
      assert.equal(hex(notify.spi), header.initiatorCookie + header.responderCookie);
      assert.equal(notify.data.length, 0);
    }
  });

  it('deletes under the Phase 1 SA, with SPIs of one protocol in each payload', () => {
    const deletes = of(EXCHANGE.informational);
    assert.deepEqual(
      deletes.map(({ payloads }) => payloads.map(payloadName)),
      [
        ['HASH', 'DELETE'],
        ['HASH', 'DELETE'],
        ['HASH', 'DELETE'],
      ],
    );
    const [ipsec, isakmp, answer] = deletes.map(({ payloads }) => firstOf(payloads, 'DELETE'));
    assert.ok(ipsec && isakmp && deletes.every(({ encrypted }) => encrypted));
    assert.deepEqual([ipsec.doi, ipsec.protocol, ipsec.spiSize, ipsec.spis.length], [1, 3, 4, 2]);
    assert.deepEqual([isakmp.doi, isakmp.protocol, isakmp.spiSize, isakmp.spis.length], [1, 1, 16, 1]);
    assert.deepEqual(answer?.spis, isakmp.spis);
    const [header] = messages.slice(-1);
    assert.deepEqual(isakmp.spis.map(hex), [
      `${header?.header.initiatorCookie ?? ''}${header?.header.responderCookie ?? ''}`,
    ]);
  });
});
