/**
 * Quick Mode, message by message (RFC 2409 5.5): what each one says, and what is learnt from the peer's.
 * Every message begins with a HASH that is checked before anything in it is believed.
 */
import { u32 } from '../bytes.js';
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import type { NotifyPayload } from '../isakmp/payloads/notification.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { formatEndpoint } from '../net/address.js';
import type { Crypto } from '../ports/crypto.js';
import { offeredGroup } from '../proposal/phase2-choice.js';
import { phase2Offer } from '../proposal/phase2-offer.js';
import { ipsecProtocol } from '../proposal/phase2-suite.js';
import { err, ok, type Result } from '../result.js';
import { reservedSpi } from './agreed-pairs.js';
import { selectorIdentities } from './identity.js';
import { originalAddresses, readOriginalAddresses } from './nat-original.js';
import { allOf, firstOf } from './payloads-of.js';
import type { Phase2Patch, Phase2Record } from './phase2-record.js';
import { type Agreement, chosenPairs } from './quick-mode-choice.js';
import { confirmationHash, withHash } from './quick-mode-hashes.js';
import { repeatedIdentitiesFault, requestedTraffic } from './quick-mode-traffic.js';
import { responderLifetimes, withResponderLifetimes } from './responder-lifetime.js';

const DOI_IPSEC = 1;
const SIT_IDENTITY_ONLY = 1;

const place = (message: number) => ({ exchange: 'Quick Mode', message });

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`Quick Mode step without ${what}`);
  return value;
}

// Message 1

/** `riders`: notifies about the Phase 1 SA that travel along (RFC 2407 4.6.3). */
export function buildRequest(
  record: Phase2Record,
  crypto: Crypto,
  riders: readonly NotifyPayload[] = [],
): { readonly payloads: readonly Payload[]; readonly patch: Phase2Patch } {
  const policy = known(record.policy, 'a policy');
  const offer = phase2Offer(policy, record.terms, (protocol) => u32(reservedSpi(record, protocol)));
  const identities = selectorIdentities(record.selectors);
  const rest: Payload[] = [
    { kind: 'SA', doi: DOI_IPSEC, situation: SIT_IDENTITY_ONLY, proposals: offer },
    { kind: 'NONCE', data: record.ownNonce },
    ...keyExchange(record),
    ...identities,
    ...originalAddresses(record),
    ...riders,
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
  const [sa, ...more] = allOf(payloads, 'SA');
  if (more.length > 0) return err(severalSas(record, more.length + 1));
  const { proposals } = known(sa, 'an SA payload');
  const nonce = known(firstOf(payloads, 'NONCE'), 'a NONCE payload');
  const traffic = requestedTraffic(record, payloads, proposals);
  if (!traffic.ok) return traffic;
  const group = offeredGroup(proposals);
  const ke = firstOf(payloads, 'KE');
  const required = record.phase1.rule.phase2.pfsGroup;
  const pfs = pfsFault(record, group, ke !== undefined, required);
  if (pfs !== undefined) return err(pfs);
  if (ke !== undefined) {
    const fault = crypto.publicValueFault(group ?? 0, ke.data);
    if (fault !== undefined) return err(badPublicValue(record, 1, group ?? 0, fault));
  }
  const { selectors, identities } = traffic.value;
  const { mode, encapsulation, lifetimeSeconds, lifetimeKb } = record.terms;
  return ok({
    selectors,
    identities,
    offer: proposals,
    peerOriginal: readOriginalAddresses(record.role, payloads),
    peerNonce: nonce.data,
    peerPublic: ke?.data,
    terms: { mode, encapsulation, group: group ?? 0, lifetimeSeconds, lifetimeKb },
  });
}

/** DEVIATION: RFC 2409 5.5 lets one Quick Mode carry several SA payloads. Nobody sends more than one. */
function severalSas(record: Phase2Record, count: number): Failure {
  return failure(
    'several-sa-payloads',
    place(1),
    'peer',
    `${formatEndpoint(record.phase1.remote)} wants to negotiate ${String(count)} sets of SAs in one Quick Mode, and this program takes one at a time.`,
    'Make the peer negotiate each of them in a Quick Mode of its own.',
    { wire: notify(NOTIFY.badProposalSyntax), payload: 'SA' },
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

/** `fault` is a clause of `Crypto.publicValueFault` or of `PublicValueRefused`. */
export function badPublicValue(record: Phase2Record, message: number, group: number, fault: string): Failure {
  return failure(
    'bad-public-value',
    place(message),
    'peer',
    `The Diffie-Hellman value of ${formatEndpoint(record.phase1.remote)} for group ${String(group)} must not be used: ${fault}.`,
    'The peer is broken, or offers a group that this version does not have.',
    { wire: notify(NOTIFY.invalidKeyInformation), payload: 'KE' },
  );
}

// Message 2

export function buildAnswer(
  record: Phase2Record,
  crypto: Crypto,
  riders: readonly NotifyPayload[] = [],
): readonly Payload[] {
  const proposals = record.chosen.map((proposal) => {
    const protocol = known(ipsecProtocol(proposal.protocol), 'an IPsec protocol');
    const { number, transforms } = proposal;
    return { number, protocol: proposal.protocol, spi: u32(reservedSpi(record, protocol)), transforms };
  });
  const rest: Payload[] = [
    { kind: 'SA', doi: DOI_IPSEC, situation: SIT_IDENTITY_ONLY, proposals },
    { kind: 'NONCE', data: record.ownNonce },
    ...keyExchange(record),
    ...(record.identities ?? []),
    ...responderLifetimes(record),
    ...originalAddresses(record),
    ...riders,
  ];
  return withHash(record, 2, rest, crypto);
}

export function processAnswer(
  record: Phase2Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Result<Agreement, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const nonce = known(firstOf(payloads, 'NONCE'), 'a NONCE payload');
  const ke = firstOf(payloads, 'KE');
  const { group } = record.terms;
  const chosen = chosenPairs(record, sa.proposals);
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
  const identities = repeatedIdentitiesFault(record, payloads);
  if (identities !== undefined) return err(identities);
  const { patch, notes } = chosen.value;
  return ok({
    patch: {
      agreed: withResponderLifetimes(patch.agreed ?? [], payloads),
      peerNonce: nonce.data,
      peerPublic: ke?.data,
      peerOriginal: readOriginalAddresses(record.role, payloads),
    },
    notes,
  });
}

// Message 3

export function buildConfirmation(record: Phase2Record, crypto: Crypto): readonly Payload[] {
  return [{ kind: 'HASH', data: confirmationHash(record, crypto) }];
}
