/**
 * Quick Mode, message by message (RFC 2409 5.5): what each one says, and what is learnt from the peer's.
 * Every message begins with a HASH that is checked before anything in it is believed.
 */
import { readU32, u32 } from '../bytes.js';
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type DecodedPayload, encodeBody, type Payload } from '../isakmp/payload.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { formatEndpoint, formatRange, single } from '../net/address.js';
import type { Crypto } from '../ports/crypto.js';
import type { IpsecPolicy, TrafficSelectors } from '../ports/kernel.js';
import { choosePhase2, comparePhase2, offeredGroup } from '../proposal/phase2-choice.js';
import { isOneOf } from '../proposal/phase1-choice.js';
import { agreeEsp, espAlternatives, phase2Offer, readEsp } from '../proposal/phase2-suite.js';
import { err, ok, type Result } from '../result.js';
import { agreedPair, reservedSpi } from './agreed-pairs.js';
import { describeIdentity, selectorIdentities, selectorsOf } from './identity.js';
import { allOf, firstOf } from './payloads-of.js';
import type { Phase2Patch, Phase2Record } from './phase2-record.js';
import { confirmationHash, withHash } from './quick-mode-hashes.js';

const DOI_IPSEC = 1;
const SIT_IDENTITY_ONLY = 1;
/** Smallest SPI a peer may choose (RFC 4303 2.1). */
const LEAST_SPI = 256;

const place = (message: number) => ({ exchange: 'Quick Mode', message });

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`Quick Mode step without ${what}`);
  return value;
}

// Message 1

export function buildRequest(
  record: Phase2Record,
  crypto: Crypto,
): { readonly payloads: readonly Payload[]; readonly patch: Phase2Patch } {
  const policy = known(record.policy, 'a policy');
  const offer = phase2Offer(policy, record.terms, u32(reservedSpi(record, 50)));
  const identities = selectorIdentities(record.selectors);
  const rest: Payload[] = [
    { kind: 'SA', doi: DOI_IPSEC, situation: SIT_IDENTITY_ONLY, proposals: offer },
    { kind: 'NONCE', data: record.ownNonce },
    ...keyExchange(record),
    ...identities,
  ];
  return {
    payloads: withHash(record, 1, rest, crypto),
    patch: { offer, identities },
  };
}

function keyExchange(record: Phase2Record): readonly Payload[] {
  return record.keyPair === undefined ? [] : [{ kind: 'KE', data: record.keyPair.publicValue }];
}

/**
 * What message 1 says, before the kernel is asked: the traffic, the offer, the PFS group. The HASH was right, so a
 * fault is the authenticated peer's and may be answered with a protected notify.
 */
export function processRequest(
  record: Phase2Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Result<Phase2Patch, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const nonce = known(firstOf(payloads, 'NONCE'), 'a NONCE payload');
  const traffic = requestedTraffic(record, payloads);
  if (!traffic.ok) return traffic;
  const group = offeredGroup(sa.proposals);
  const ke = firstOf(payloads, 'KE');
  const required = record.phase1.rule.phase2.pfsGroup;
  const pfs = pfsFault(record, group, ke !== undefined, required);
  if (pfs !== undefined) return err(pfs);
  if (ke !== undefined) {
    const fault = crypto.publicValueFault(group ?? 0, ke.data);
    if (fault !== undefined) return err(badPublicValue(record, 1, group ?? 0, fault));
  }
  return ok({
    ...traffic.value,
    offer: sa.proposals,
    peerNonce: nonce.data,
    peerPublic: ke?.data,
    terms: { ...record.terms, group: group ?? 0 },
  });
}

function requestedTraffic(
  record: Phase2Record,
  payloads: readonly DecodedPayload[],
): Result<Pick<Phase2Record, 'selectors' | 'identities'>, Failure> {
  const [initiator, responder] = allOf(payloads, 'ID');
  if (initiator === undefined || responder === undefined) {
    // RFC 2409 5.5: without identities the traffic is that of the ISAKMP peers themselves.
    const { local, remote } = record.phase1;
    const between = (address: string) => ({ addresses: single(address), port: 0 });
    return ok({
      identities: undefined,
      selectors: { local: between(local.address), remote: between(remote.address), protocol: 0 },
    });
  }
  const selectors = selectorsOf(initiator, responder);
  if (selectors !== undefined) return ok({ identities: [initiator, responder], selectors });
  return err(
    failure(
      'bad-identity',
      place(1),
      'peer',
      `${formatEndpoint(record.phase1.remote)} wants to protect traffic between ${describeIdentity(initiator)} and ${describeIdentity(responder)}, which name no addresses.`,
      'Make the peer send addresses, subnets or ranges as Quick Mode identities.',
      { wire: notify(NOTIFY.invalidIdInformation), payload: 'ID' },
    ),
  );
}

function pfsFault(
  record: Phase2Record,
  group: number | undefined,
  hasKe: boolean,
  required: number,
): Failure | undefined {
  const peer = formatEndpoint(record.phase1.remote);
  const rule = record.phase1.rule;
  const fault = (explanation: string, hint: string): Failure =>
    failure('pfs-mismatch', place(1), 'config', explanation, hint, {
      wire: notify(NOTIFY.noProposalChosen),
      payload: 'KE',
    });
  if (group === undefined) {
    return fault(
      `${peer} offers different PFS groups in one message, which RFC 2409 5.5 forbids.`,
      'Configure one group on the peer.',
    );
  }
  if (hasKe !== (group !== 0)) {
    return fault(
      `${peer} sends ${hasKe ? 'a public value without naming its group' : 'a PFS group without a public value'}.`,
      'The peer does not follow RFC 2409 5.5.',
    );
  }
  if (required !== 0 && group !== required) {
    const offered = group === 0 ? 'no perfect forward secrecy' : `PFS with group ${String(group)}`;
    return fault(
      `${peer} offers ${offered}; rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)}) requires p2_pfs ${String(required)}.`,
      `Set PFS to group ${String(required)} on the peer, or change p2_pfs of the rule.`,
    );
  }
  return undefined;
}

function badPublicValue(record: Phase2Record, message: number, group: number, fault: string): Failure {
  return failure(
    'bad-public-value',
    place(message),
    'peer',
    `The Diffie-Hellman value of ${formatEndpoint(record.phase1.remote)} for group ${String(group)} must not be used: ${fault}.`,
    'The peer is broken, or offers a group that this version does not have.',
    { wire: notify(NOTIFY.invalidKeyInformation), payload: 'KE' },
  );
}

/** The responder's choice, once the kernel has said what it wants for this traffic. */
export function choose(record: Phase2Record, policy: IpsecPolicy | undefined): Result<Phase2Patch, Failure> {
  const peer = formatEndpoint(record.phase1.remote);
  if (policy === undefined) {
    return err(
      failure(
        'no-policy',
        place(1),
        'config',
        `${peer} wants to protect ${describeTraffic(record.selectors)}, which no IPsec policy of ours covers.`,
        'Add a policy that covers this traffic with this peer, or correct the networks on one of the two ends.',
        { wire: notify(NOTIFY.invalidIdInformation), payload: 'ID' },
      ),
    );
  }
  const choice = choosePhase2(record.offer, policy);
  if (choice === undefined) {
    return err(
      failure(
        'no-common-phase2-proposal',
        place(1),
        'config',
        `None of the Phase 2 proposals of ${peer} for ${describeTraffic(record.selectors)} is accepted by the IPsec policy.`,
        'Compare the nearest offer below with the ipsec { } part of the policy, and change one of them.',
        {
          wire: notify(NOTIFY.noProposalChosen),
          payload: 'SA',
          comparisons: comparePhase2(record.offer, policy),
        },
      ),
    );
  }
  const outboundSpi = readU32(choice.proposal.spi, 0);
  if (outboundSpi < LEAST_SPI) return err(badSpi(record, 1, outboundSpi));
  return ok({
    policy,
    agreed: [agreedPair(50, choice.suite, 0, outboundSpi)],
    chosen: [{ ...choice.proposal, transforms: [choice.transform] }],
  });
}

function badSpi(record: Phase2Record, message: number, spi: number): Failure {
  return failure(
    'bad-phase2-choice',
    place(message),
    'peer',
    `${formatEndpoint(record.phase1.remote)} chose the reserved SPI ${String(spi)}.`,
    'The peer is broken.',
    { wire: notify(NOTIFY.invalidSpi), payload: 'SA' },
  );
}

export function describeTraffic(selectors: TrafficSelectors): string {
  const side = ({ addresses, port }: TrafficSelectors['local']): string =>
    port === 0 ? formatRange(addresses) : `${formatRange(addresses)} port ${String(port)}`;
  const protocol = selectors.protocol === 0 ? '' : ` (IP protocol ${String(selectors.protocol)})`;
  return `${side(selectors.local)} <-> ${side(selectors.remote)}${protocol}`;
}

// Message 2

export function buildAnswer(record: Phase2Record, crypto: Crypto): readonly Payload[] {
  const proposals = record.chosen.map((proposal) => ({ ...proposal, spi: u32(reservedSpi(record, 50)) }));
  const rest: Payload[] = [
    { kind: 'SA', doi: DOI_IPSEC, situation: SIT_IDENTITY_ONLY, proposals },
    { kind: 'NONCE', data: record.ownNonce },
    ...keyExchange(record),
    ...(record.identities ?? []),
  ];
  return withHash(record, 2, rest, crypto);
}

export function processAnswer(
  record: Phase2Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Result<Phase2Patch, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const nonce = known(firstOf(payloads, 'NONCE'), 'a NONCE payload');
  const ke = firstOf(payloads, 'KE');
  const { group } = record.terms;
  const chosen = chosenSuite(record, sa.proposals);
  if (!chosen.ok) return chosen;
  if ((ke !== undefined) !== (group !== 0)) {
    return err(
      failure(
        'pfs-mismatch',
        place(2),
        'peer',
        `${formatEndpoint(record.phase1.remote)} answers ${ke === undefined ? 'without' : 'with'} a public value although the offer was ${group === 0 ? 'without PFS' : `PFS with group ${String(group)}`}.`,
        'The peer does not follow RFC 2409 5.5.',
        { payload: 'KE' },
      ),
    );
  }
  if (ke !== undefined) {
    const fault = crypto.publicValueFault(group, ke.data);
    if (fault !== undefined) return err(badPublicValue(record, 2, group, fault));
  }
  const identities = identitiesFault(record, payloads);
  if (identities !== undefined) return err(identities);
  return ok({ ...chosen.value, peerNonce: nonce.data, peerPublic: ke?.data });
}

function chosenSuite(record: Phase2Record, proposals: readonly Proposal[]): Result<Phase2Patch, Failure> {
  const policy = known(record.policy, 'a policy');
  const [proposal] = proposals;
  const [transform] = proposal?.transforms ?? [];
  const offered = record.offer.find(
    (ours) =>
      proposals.length === 1 &&
      proposal?.transforms.length === 1 &&
      proposal.protocol === PROTOCOL.esp &&
      proposal.spi.length === 4 &&
      transform !== undefined &&
      isOneOf(ours.transforms, transform) !== undefined,
  );
  const suite =
    offered === undefined || transform === undefined
      ? undefined
      : espAlternatives(policy)
          .map((accepted) => agreeEsp(readEsp(transform), accepted, policy.mode))
          .find((agreed) => agreed !== undefined);
  if (suite === undefined || proposal === undefined) {
    return err(
      failure(
        'bad-phase2-choice',
        place(2),
        'peer',
        `${formatEndpoint(record.phase1.remote)} answered with something other than one of the proposals offered.`,
        'The peer does not follow RFC 2409 5.5; compare what it chose with the policy.',
        { payload: 'SA', comparisons: comparePhase2(proposals, policy) },
      ),
    );
  }
  const outboundSpi = readU32(proposal.spi, 0);
  if (outboundSpi < LEAST_SPI) return err(badSpi(record, 2, outboundSpi));
  return ok({ agreed: [agreedPair(50, suite, reservedSpi(record, 50), outboundSpi)] });
}

/** RFC 2409 5.5: the responder repeats the identities. A peer that narrows or swaps them protects other traffic. */
function identitiesFault(record: Phase2Record, payloads: readonly DecodedPayload[]): Failure | undefined {
  const theirs = allOf(payloads, 'ID');
  const ours = record.identities ?? [];
  if (theirs.length === 0) {
    const { local, remote } = record.selectors;
    const hosts =
      local.addresses.begin === local.addresses.end &&
      remote.addresses.begin === remote.addresses.end &&
      local.addresses.begin === record.phase1.local.address &&
      remote.addresses.begin === record.phase1.remote.address;
    if (hosts) return undefined;
  }
  const same =
    theirs.length === ours.length &&
    ours.every((identity, index) => {
      const other = theirs[index];
      return other !== undefined && Buffer.compare(encodeBody(identity), other.raw) === 0;
    });
  if (same) return undefined;
  return failure(
    'selector-mismatch',
    place(2),
    'peer',
    `We asked for ${ours.map(describeIdentity).join(' and ')}; ${formatEndpoint(record.phase1.remote)} answered for ${theirs.map(describeIdentity).join(' and ') || 'its own address'}.`,
    'Make the networks on both ends the same; IKEv1 cannot narrow them.',
    { payload: 'ID' },
  );
}

// Message 3

export function buildConfirmation(record: Phase2Record, crypto: Crypto): readonly Payload[] {
  return [{ kind: 'HASH', data: confirmationHash(record, crypto) }];
}
