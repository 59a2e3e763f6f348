/** What RFC 2407, 2408 and 2409 demand of who receives an offer: offers of a scripted peer, and what becomes of them. */
import assert from 'node:assert/strict';
import { fromHex, u32 } from '../../services/bytes.js';
import { allOf, firstOf } from '../../services/exchange/payloads-of.js';
import type { Payload } from '../../services/isakmp/payload.js';
import {
  type Attribute,
  attributeNumber,
  decodeAttributes,
} from '../../services/isakmp/payloads/attribute.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { configText } from '../sim/two-gateways.js';
import type { Transform } from '../../services/isakmp/payloads/transform.js';
import { ESP_TRANSFORM } from '../../services/isakmp/registries/esp-transforms.js';
import { AUTH_ALGORITHM, IPSEC_ATTRIBUTE } from '../../services/isakmp/registries/ipsec-attributes.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { OAKLEY_ATTRIBUTE } from '../../services/isakmp/registries/phase1-attributes.js';
import {
  basic,
  chosen,
  espProposal,
  phase1Pair,
  phase1Sa,
  phase2Sa,
  reactionToOffer,
  reactionToRequest,
} from './scripted-peer.js';

const KEY_IKE = 1;

/** What west accepts: AES-128, SHA-1, a pre-shared key, group 2. */
const GOOD_PHASE1: readonly Attribute[] = [
  basic(OAKLEY_ATTRIBUTE.encryptionAlgorithm, 7),
  basic(OAKLEY_ATTRIBUTE.hashAlgorithm, 2),
  basic(OAKLEY_ATTRIBUTE.authenticationMethod, 1),
  basic(OAKLEY_ATTRIBUTE.groupDescription, 2),
  basic(OAKLEY_ATTRIBUTE.keyLength, 128),
];

const phase1 = (number: number, attributes = GOOD_PHASE1, id = KEY_IKE): Transform => ({
  number,
  id,
  attributes,
});

/** The transform of a Phase 1 offer that west chooses. */
async function phase1Choice(...transforms: readonly Transform[]): Promise<Transform> {
  const { transforms: list } = chosen(await reactionToOffer([phase1Sa(transforms)]));
  assert.equal(list.length, 1);
  const [transform] = list;
  assert.ok(transform);
  return transform;
}

describe('a Phase 1 offer', () => {
  it('is answered with the transform that is accepted, as it was offered', async () => {
    const bad = GOOD_PHASE1.map((one) =>
      one.type === OAKLEY_ATTRIBUTE.hashAlgorithm ? { ...one, value: 1 } : one,
    );
    // Lifetimes longer and in another encoding than we would write them.
    const lifetime: readonly Attribute[] = [
      basic(OAKLEY_ATTRIBUTE.lifeType, 1),
      { type: OAKLEY_ATTRIBUTE.lifeDuration, form: 'variable', value: fromHex('0000000000093a80') },
      basic(OAKLEY_ATTRIBUTE.lifeType, 2),
      basic(OAKLEY_ATTRIBUTE.lifeDuration, 1000),
    ];
    const good = phase1(9, [...lifetime, ...GOOD_PHASE1]);
    assert.deepEqual(await phase1Choice(phase1(3, bad as readonly Attribute[]), good, phase1(12)), good);
  });

  it('may have transforms of unknown identifiers, which are passed over', async () => {
    assert.equal((await phase1Choice(phase1(1, GOOD_PHASE1, 2), phase1(2))).number, 2);
    const { answer, notifies } = await reactionToOffer([phase1Sa([phase1(1, GOOD_PHASE1, 2)])]);
    assert.equal(answer, undefined);
    assert.deepEqual(notifies, ['NO-PROPOSAL-CHOSEN']);
  });

  it('may have transforms with unknown attributes, which are passed over', async () => {
    const odd = [...GOOD_PHASE1, basic(17, 1)];
    assert.equal((await phase1Choice(phase1(1, odd), phase1(2))).number, 2);
  });

  it('may have transforms whose attributes conflict, which are passed over', async () => {
    const two = [...GOOD_PHASE1, basic(OAKLEY_ATTRIBUTE.hashAlgorithm, 1)];
    assert.equal((await phase1Choice(phase1(1, two), phase1(2))).number, 2);
  });

  it('may have transforms that lack an attribute that must be negotiated, which are passed over', async () => {
    for (const lacking of [1, 2, 3, 4]) {
      const rest = GOOD_PHASE1.filter(({ type }) => type !== lacking);
      assert.equal(
        (await phase1Choice(phase1(1, rest), phase1(2))).number,
        2,
        `attribute ${String(lacking)}`,
      );
    }
  });

  it('may describe its group by numbers, which no rule accepts', async () => {
    const described = [
      ...GOOD_PHASE1.filter(({ type }) => type !== OAKLEY_ATTRIBUTE.groupDescription),
      basic(5, 1),
      { type: 6, form: 'variable', value: new Uint8Array(128).fill(255) } as const,
      basic(7, 2),
    ];
    assert.equal((await phase1Choice(phase1(1, described), phase1(2))).number, 2);
  });

  it('may carry a cookie as its SPI, which is ignored', async () => {
    const transforms = [phase1(1)];
    for (const length of [4, 8, 16]) {
      const spi = new Uint8Array(length).fill(9);
      const sa: Payload = {
        kind: 'SA',
        doi: 1,
        situation: 1,
        proposals: [{ number: 1, protocol: PROTOCOL.isakmp, spi, transforms }],
      };
      assert.deepEqual(chosen(await reactionToOffer([sa])).transforms, transforms);
    }
  });

  it('that nothing accepts is answered with NO-PROPOSAL-CHOSEN, and its operator is told', async () => {
    const { answer, notifies, reported } = await reactionToOffer([phase1Sa([phase1(1, [])])]);
    assert.equal(answer, undefined);
    assert.deepEqual(notifies, ['NO-PROPOSAL-CHOSEN']);
    assert.deepEqual(reported, ['no-common-phase1-proposal']);
  });
});

const GOOD_PHASE2: readonly Attribute[] = [
  basic(IPSEC_ATTRIBUTE.encapsulationMode, 1),
  basic(IPSEC_ATTRIBUTE.keyLength, 128),
  basic(IPSEC_ATTRIBUTE.authenticationAlgorithm, AUTH_ALGORITHM.hmacSha1),
];

const phase2 = (number: number, attributes = GOOD_PHASE2, id: number = ESP_TRANSFORM.aesCbc): Transform => ({
  number,
  id,
  attributes,
});

const NONCE: Payload = { kind: 'NONCE', data: new Uint8Array(20).fill(7) };

function subnet(hexText: string): Payload {
  return { kind: 'ID', idType: 4, protocol: 0, port: 0, data: fromHex(hexText) };
}

const EAST_NET = subnet('0a010000ffff0000');
const WEST_NET = subnet('0a020000ffff0000');

/** The proposal that west chooses of a Quick Mode offer. */
async function phase2Choice(...transforms: readonly Transform[]) {
  const sa = phase2Sa(espProposal(1, transforms));
  return chosen(await reactionToRequest(await phase1Pair(), [sa, NONCE, EAST_NET, WEST_NET]));
}

describe('a Quick Mode offer', () => {
  it('is answered with the transform that is accepted, as it was offered', async () => {
    const good = phase2(9, [
      ...GOOD_PHASE2,
      basic(IPSEC_ATTRIBUTE.lifeType, 1),
      basic(IPSEC_ATTRIBUTE.lifeDuration, 600),
    ]);
    const other = phase2(4, GOOD_PHASE2, ESP_TRANSFORM.tripleDes);
    const proposal = await phase2Choice(other, good, phase2(12));
    assert.equal(proposal.number, 1);
    assert.deepEqual(proposal.transforms, [good]);
  });

  it('may have transforms of unknown identifiers or attributes, which are passed over', async () => {
    const proposal = await phase2Choice(
      phase2(1, GOOD_PHASE2, 200),
      phase2(2, [...GOOD_PHASE2, basic(32_000, 1)]),
      phase2(3),
    );
    assert.deepEqual(
      proposal.transforms.map(({ number }) => number),
      [3],
    );
  });

  it('may have transforms whose attributes conflict, which are passed over', async () => {
    const two = [...GOOD_PHASE2, basic(IPSEC_ATTRIBUTE.authenticationAlgorithm, AUTH_ALGORITHM.hmacMd5)];
    const seconds = [1, 2].flatMap((duration) => [
      basic(IPSEC_ATTRIBUTE.lifeType, 1),
      basic(IPSEC_ATTRIBUTE.lifeDuration, duration * 1000),
    ]);
    const proposal = await phase2Choice(phase2(1, two), phase2(2, [...GOOD_PHASE2, ...seconds]), phase2(3));
    assert.deepEqual(
      proposal.transforms.map(({ number }) => number),
      [3],
    );
  });

  it('may limit the lifetime in seconds and in kilobytes at once', async () => {
    const lifetimes: readonly Attribute[] = [
      basic(IPSEC_ATTRIBUTE.lifeType, 1),
      { type: IPSEC_ATTRIBUTE.lifeDuration, form: 'variable', value: u32(86_400) },
      basic(IPSEC_ATTRIBUTE.lifeType, 2),
      { type: IPSEC_ATTRIBUTE.lifeDuration, form: 'variable', value: u32(100_000) },
    ];
    const good = phase2(1, [...GOOD_PHASE2, ...lifetimes]);
    const proposal = await phase2Choice(good);
    assert.deepEqual(proposal.transforms, [good]);
  });

  it('for a longer life than ours is answered with RESPONDER-LIFETIME beside the SA', async () => {
    const pair = await phase1Pair({
      config: configText('west').replace('p2_pfs 0', 'p2_pfs 0 p2_lifetime_secs 600'),
    });
    const offered = phase2(1, [
      ...GOOD_PHASE2,
      basic(IPSEC_ATTRIBUTE.lifeType, 1),
      basic(IPSEC_ATTRIBUTE.lifeDuration, 3600),
    ]);
    const sa = phase2Sa(espProposal(1, [offered]));
    const reaction = await reactionToRequest(pair, [sa, NONCE, EAST_NET, WEST_NET]);
    const proposal = chosen(reaction);
    assert.deepEqual(proposal.transforms, [offered]);
    const [notify, ...more] = allOf(reaction.answer ?? [], 'NOTIFY');
    assert.ok(notify && more.length === 0);
    assert.equal(notify.notifyType, NOTIFY.responderLifetime);
    assert.deepEqual([notify.doi, notify.protocol], [1, PROTOCOL.esp]);
    assert.deepEqual(Buffer.from(notify.spi), Buffer.from(proposal.spi));
    const said = decodeAttributes(notify.data);
    assert.ok(said.ok);
    assert.deepEqual(
      said.value.map((attribute) => [attribute.type, attributeNumber(attribute)]),
      [
        [IPSEC_ATTRIBUTE.lifeType, 1],
        [IPSEC_ATTRIBUTE.lifeDuration, 600],
      ],
    );
  });

  it('of two protocols together is not taken as one of either', async () => {
    const ah: Transform = {
      number: 1,
      id: 3,
      attributes: GOOD_PHASE2.filter(({ type }) => type !== IPSEC_ATTRIBUTE.keyLength),
    };
    const together = [
      espProposal(1, [phase2(1)]),
      { number: 1, protocol: PROTOCOL.ah, spi: u32(0x2000), transforms: [ah] },
    ];
    const reaction = await reactionToRequest(await phase1Pair(), [
      phase2Sa(...together),
      NONCE,
      EAST_NET,
      WEST_NET,
    ]);
    assert.equal(reaction.answer, undefined);
    assert.deepEqual(reaction.notifies, ['NO-PROPOSAL-CHOSEN']);
    const alternative = [...together, espProposal(2, [phase2(7)])];
    const pair = await phase1Pair();
    const proposal = chosen(
      await reactionToRequest(pair, [phase2Sa(...alternative), NONCE, EAST_NET, WEST_NET]),
    );
    assert.deepEqual([proposal.number, proposal.transforms.map(({ number }) => number)], [2, [7]]);
  });

  it('that nothing accepts is answered with a protected NO-PROPOSAL-CHOSEN', async () => {
    const sa = phase2Sa(espProposal(1, [phase2(1, GOOD_PHASE2, ESP_TRANSFORM.tripleDes)]));
    const reaction = await reactionToRequest(await phase1Pair(), [sa, NONCE, EAST_NET, WEST_NET]);
    assert.equal(reaction.answer, undefined);
    assert.deepEqual(reaction.notifies, ['NO-PROPOSAL-CHOSEN']);
    assert.deepEqual(reaction.reported, ['no-common-phase2-proposal']);
  });

  it('for identities that no policy covers is answered with INVALID-ID-INFORMATION', async () => {
    const sa = phase2Sa(espProposal(1, [phase2(1)]));
    const pair = await phase1Pair();
    const strange = [
      subnet('0a090000ffff0000'),
      { kind: 'ID', idType: 2, protocol: 0, port: 0, data: fromHex('612e62') },
    ] as const;
    for (const [index, identity] of strange.entries()) {
      const reaction = await reactionToRequest(pair, [sa, NONCE, identity, WEST_NET], 7 + index);
      assert.equal(reaction.answer, undefined);
      assert.deepEqual(reaction.notifies, ['INVALID-ID-INFORMATION']);
    }
  });

  it('without identities is one for the two ISAKMP peers themselves', async () => {
    const sa = phase2Sa(espProposal(1, [phase2(1)]));
    const reaction = await reactionToRequest(await phase1Pair(), [sa, NONCE]);
    // The policy of west is for networks behind the peers.
    assert.deepEqual(reaction.notifies, ['INVALID-ID-INFORMATION']);
    assert.deepEqual(reaction.reported, ['no-policy']);
  });

  it('must name the same PFS group in every transform, and bring a public value with it', async () => {
    const pair = await phase1Pair();
    const group = [...GOOD_PHASE2, basic(IPSEC_ATTRIBUTE.groupDescription, 2)];
    const ke: Payload = { kind: 'KE', data: new Uint8Array(128).fill(3) };
    const offers: readonly (readonly Payload[])[] = [
      [phase2Sa(espProposal(1, [phase2(1, group), phase2(2)])), NONCE, ke, EAST_NET, WEST_NET],
      [phase2Sa(espProposal(1, [phase2(1, group)])), NONCE, EAST_NET, WEST_NET],
      [phase2Sa(espProposal(1, [phase2(1)])), NONCE, ke, EAST_NET, WEST_NET],
    ];
    for (const [index, offer] of offers.entries()) {
      const reaction = await reactionToRequest(pair, offer, 7 + index);
      assert.equal(reaction.answer, undefined);
      assert.deepEqual(reaction.reported, ['pfs-mismatch']);
    }
    const right = [
      phase2Sa(espProposal(1, [phase2(1, group), phase2(2, group)])),
      NONCE,
      ke,
      EAST_NET,
      WEST_NET,
    ];
    const { answer } = await reactionToRequest(pair, right, 17);
    assert.equal(firstOf(answer ?? [], 'KE')?.data.length, 128);
    assert.equal(allOf(answer ?? [], 'ID').length, 2);
  });
});
