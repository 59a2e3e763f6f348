/** Offers and choices: alternatives, protocols together, the peer's order before ours, and what explains a refusal. */
import assert from 'node:assert/strict';
import type { Proposal } from '../../../services/isakmp/payloads/proposal.js';
import { choosePhase2, offeredGroup, recogniseChoice } from '../../../services/proposal/phase2-choice.js';
import { comparePhase2 } from '../../../services/proposal/phase2-comparison.js';
import { offeredProtocols, phase2Offer } from '../../../services/proposal/phase2-offer.js';
import type { Phase2Terms } from '../../../services/proposal/phase2-suite.js';
import { ah, esp, policyOf, proposal, transform, TUNNEL } from './phase2-fixtures.js';

const AH_SHA1 = transform(3, { 4: 1, 5: 2 });
const AES_SHA1 = transform(12, { 4: 1, 5: 2, 6: 128 });
const AES_SHA1_256 = transform(12, { 4: 1, 5: 2, 6: 256 }, 2);
const BOTH = policyOf([ah('hmac-sha1-96'), esp('aes-cbc', 'hmac-sha1-96')]);
const EITHER = policyOf([ah('hmac-sha1-96')], [esp('aes-cbc', 'hmac-sha1-96')]);

/** Protocol, proposal number and transform number of each part. */
function chosen(offer: readonly Proposal[], policy = BOTH) {
  return choosePhase2(offer, policy, TUNNEL)?.map((part) => [
    part.suite.protocol,
    part.proposal.number,
    part.transform.number,
  ]);
}

describe('the choice among Phase 2 proposals', () => {
  it('takes proposals of one number together, in whatever order the peer names them', () => {
    const both = [
      [51, 1, 1],
      [50, 1, 1],
    ];
    assert.deepEqual(chosen([proposal(1, 'AH', AH_SHA1), proposal(1, 'ESP', AES_SHA1)]), both);
    assert.deepEqual(chosen([proposal(1, 'ESP', AES_SHA1), proposal(1, 'AH', AH_SHA1)]), both);
  });

  it('takes no part of what was to be taken together, and adds nothing to what was not', () => {
    const together = [proposal(1, 'AH', AH_SHA1), proposal(1, 'ESP', AES_SHA1)];
    assert.equal(chosen(together, EITHER), undefined);
    const apart = [proposal(1, 'AH', AH_SHA1), proposal(2, 'ESP', AES_SHA1)];
    assert.equal(chosen(apart, BOTH), undefined);
    assert.equal(chosen([proposal(1, 'ESP', AES_SHA1)], BOTH), undefined);
    const twice = [proposal(1, 'ESP', AES_SHA1), proposal(1, 'ESP', AES_SHA1)];
    assert.equal(chosen(twice, BOTH), undefined);
  });

  it('goes by the order of the peer, first of proposals, then of transforms', () => {
    const apart = [proposal(1, 'ESP', AES_SHA1), proposal(2, 'AH', AH_SHA1)];
    assert.deepEqual(chosen(apart, EITHER), [[50, 1, 1]]);
    const wishes = policyOf(
      [esp('aes-cbc', 'hmac-sha1-96', [256, 256])],
      [esp('aes-cbc', 'hmac-sha1-96', [128, 128])],
    );
    assert.deepEqual(chosen([proposal(1, 'ESP', AES_SHA1, AES_SHA1_256)], wishes), [[50, 1, 1]]);
    assert.deepEqual(chosen([proposal(1, 'ESP', AES_SHA1_256, AES_SHA1)], wishes), [[50, 1, 2]]);
  });

  it('takes SHA-256 in the form that our policy names, for the number does not tell', () => {
    const offer = [proposal(1, 'ESP', transform(12, { 4: 1, 5: 5, 6: 128 }))];
    for (const integrity of ['hmac-sha2-256-128', 'hmac-sha2-256-96'] as const) {
      const [part] = choosePhase2(offer, policyOf([esp('aes-cbc', integrity)]), TUNNEL) ?? [];
      assert.equal(part?.suite.integrity, integrity);
    }
  });

  it('takes no AH through a NAT', () => {
    const offer = [
      proposal(1, 'AH', transform(3, { 4: 3, 5: 2 })),
      proposal(2, 'ESP', transform(12, { 4: 3, 5: 2, 6: 128 })),
    ];
    const carriage = { mode: 'tunnel', encapsulation: 'udp' } as const;
    assert.deepEqual(
      choosePhase2(offer, EITHER, carriage)?.map(({ suite }) => suite.protocol),
      [50],
    );
  });

  it('knows a group of PFS only where all proposals have the same', () => {
    const group = (number: number) => transform(12, { 3: number, 4: 1, 5: 2 });
    assert.equal(offeredGroup([proposal(1, 'ESP', group(14)), proposal(2, 'AH', group(14))]), 14);
    assert.equal(offeredGroup([proposal(1, 'ESP', group(14)), proposal(1, 'AH', group(5))]), undefined);
    assert.equal(offeredGroup([proposal(1, 'ESP', AES_SHA1)]), 0);
  });
});

const TERMS: Phase2Terms = {
  ...TUNNEL,
  group: 14,
  lifetimeSeconds: 3600,
  lifetimeKb: 100_000,
};
const spiOf = (): Uint8Array => Uint8Array.of(0, 0, 1, 0);

describe('our Phase 2 offer', () => {
  const policy = policyOf(
    [ah('hmac-sha2-256-128'), esp('aes-cbc', 'hmac-sha1-96', [128, 256])],
    [esp('blowfish', 'hmac-md5-96', [40, 448])],
    [esp('aes-gcm-16', undefined, [128, 128])],
  );

  it('has a number for each alternative, and both protocols of one under the same', () => {
    const offer = phase2Offer(policy, TERMS, spiOf);
    assert.deepEqual(
      offer.map(({ number, protocol, transforms }) => [number, protocol, transforms.map(({ id }) => id)]),
      [
        [1, 2, [5]],
        [1, 3, [12, 12, 12]],
        [2, 3, [7]],
        [3, 3, [20]],
      ],
    );
    assert.deepEqual(offeredProtocols(policy, 'none'), [51, 50]);
    assert.equal(offeredGroup(offer), 14);
  });

  it('says key sizes where they are wanted: AES strongest first, Blowfish 128, no integrity beside GCM', () => {
    const said = (type: number) =>
      phase2Offer(policy, TERMS, spiOf).map(({ transforms }) =>
        transforms.map(({ attributes }) => attributes.find((attribute) => attribute.type === type)?.value),
      );
    assert.deepEqual(said(6), [[undefined], [256, 192, 128], [128], [128]]);
    assert.deepEqual(said(5), [[5], [2, 2, 2], [1], [undefined]]);
    // Extended sequence numbers are never offered (RFC 4304 2).
    assert.deepEqual(new Set(said(11).flat()), new Set([undefined]));
  });

  it('leaves out what needs AH where there is a NAT', () => {
    const offer = phase2Offer(policy, { ...TERMS, encapsulation: 'udp' }, spiOf);
    assert.deepEqual(
      offer.map(({ number, protocol }) => [number, protocol]),
      [
        [1, 3],
        [2, 3],
      ],
    );
    assert.deepEqual(offeredProtocols(policy, 'udp'), [50]);
  });

  it('is recognised in an answer with the same values, whatever its numbers, and not in anything else', () => {
    const offer = phase2Offer(policy, TERMS, spiOf);
    const answer = (numbers: readonly number[]) =>
      numbers.map((index): Proposal => {
        const { protocol, spi, transforms, number } = offer[index] ?? proposal(9, 'ESP');
        return { number: number + 7, protocol, spi, transforms: transforms.slice(-1) };
      });
    const recognised = (proposals: readonly Proposal[]) =>
      recogniseChoice(offer, proposals, policy, TERMS)?.map(({ suite }) => suite.protocol);
    assert.deepEqual(recognised(answer([0, 1])), [51, 50]);
    assert.deepEqual(recognised(answer([2])), [50]);
    assert.equal(recognised(answer([1])), undefined, 'half of what belongs together');
    assert.equal(recognised(answer([0, 1, 2])), undefined, 'more than one');
    assert.equal(recognised([]), undefined);
    const [gcm] = answer([3]);
    assert.ok(gcm);
    assert.equal(recognised([{ ...gcm, transforms: [AES_SHA1] }]), undefined, 'not offered');
    assert.equal(recognised([{ ...gcm, protocol: 2 }]), undefined, 'another protocol');
  });
});

describe('the comparison that explains a refusal', () => {
  const differing = (offer: readonly Proposal[], policy = BOTH, carriage = TUNNEL) =>
    comparePhase2(offer, policy, carriage)[0]?.attributes.filter(({ agrees }) => !agrees);

  it('names protocols that were to be taken together', () => {
    assert.deepEqual(
      differing([proposal(1, 'ESP', AES_SHA1)])?.map(({ name, offered, accepted }) => [
        name,
        offered,
        accepted,
      ]),
      [['protocol', 'ESP', 'AH and ESP']],
    );
  });

  it('shows of several together the nearest transform of each', () => {
    const offer = [
      proposal(1, 'AH', transform(2, { 4: 1, 5: 1 })),
      proposal(1, 'ESP', transform(3, { 4: 2, 5: 1 }), AES_SHA1_256),
    ];
    assert.deepEqual(
      differing(offer)?.map(({ name }) => name),
      ['AH transform', 'auth_algs'],
    );
  });

  it('names modes and attributes that we do not have', () => {
    const offer = [proposal(1, 'ESP', transform(12, { 4: 3, 5: 2, 6: 128, 11: 1 }))];
    assert.deepEqual(
      differing(offer, EITHER)?.map(({ name, offered }) => [name, offered]),
      [
        ['encapsulation', 'UDP tunnel'],
        ['Extended (64-bit) Sequence Number', 'unknown or contradictory'],
      ],
    );
  });
});
