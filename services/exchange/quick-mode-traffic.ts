/** The traffic of a Quick Mode: the identities of message 1 and of its answer, and what they come to (RFC 2409 5.5). */
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type DecodedPayload, encodeBody } from '../isakmp/payload.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import { ID_TYPE } from '../isakmp/registries/id-types.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { type Address, familyOf, formatEndpoint, formatRange, single } from '../net/address.js';
import type { TrafficSelectors, TrafficSide } from '../ports/kernel.js';
import { modeNumber } from '../proposal/encapsulation.js';
import { readPhase2 } from '../proposal/phase2-agreement.js';
import { err, ok, type Result } from '../result.js';
import { describeIdentity, identityRange, selectorsOf } from './identity.js';
import { allOf } from './payloads-of.js';
import type { Phase1Sa } from './phase1-sa.js';
import type { Phase2Record } from './phase2-record.js';

type Traffic = Pick<Phase2Record, 'selectors' | 'identities'>;
/** What an initiator asked for, and of whom. */
export interface AskedTraffic extends Traffic, Pick<Phase2Record, 'terms'> {
  readonly phase1: Pick<Phase1Sa, 'local' | 'remote' | 'features'>;
}

/** What message 1 asks for, seen from the responder; or why it cannot be had. */
export function requestedTraffic(
  record: Phase2Record,
  payloads: readonly DecodedPayload[],
  offer: readonly Proposal[],
): Result<Traffic, Failure> {
  const identities = allOf(payloads, 'ID');
  const initiator = identities[0];
  const responder = identities[1];
  if (initiator === undefined || responder === undefined) {
    // RFC 2409 5.5: without identities the traffic is that of the ISAKMP peers themselves, as they see each other.
    return ok({ identities: undefined, selectors: hostSelectors(record.phase1) });
  }
  const selectors = selectorsOf(initiator, responder);
  if (selectors === undefined || !isOfOneFamily(selectors)) {
    const fault = identityFault(initiator, responder) ?? 'which do not belong together';
    return err(badIdentity(record, initiator, responder, fault));
  }
  const behindNat = offersTransportThroughNat(record, offer);
  return ok({
    identities: [initiator, responder],
    selectors: behindNat ? asWeSeeThem(selectors, record.phase1) : selectors,
  });
}

export function hostSelectors({ local, remote }: Phase2Record['phase1']): TrafficSelectors {
  const host = ({ address }: { readonly address: Address }) => ({ addresses: single(address), port: 0 });
  return { local: host(local), remote: host(remote), protocol: 0 };
}

function isOfOneFamily({ local, remote }: TrafficSelectors): boolean {
  return familyOf(local.addresses.begin) === familyOf(remote.addresses.begin);
}

/** Why two identities name no traffic, as a clause; or undefined. */
function identityFault(initiator: IdPayload, responder: IdPayload): string | undefined {
  const remote = identityRange(initiator);
  const local = identityRange(responder);
  if (remote === undefined || local === undefined) return 'which name no addresses';
  if (familyOf(remote.begin) !== familyOf(local.begin)) return 'one of which is IPv4, the other IPv6';
  if (initiator.protocol !== responder.protocol && initiator.protocol !== 0 && responder.protocol !== 0) {
    return `by the two IP protocols ${String(initiator.protocol)} and ${String(responder.protocol)} at once`;
  }
  return undefined;
}

function badIdentity(
  record: Phase2Record,
  initiator: IdPayload,
  responder: IdPayload,
  fault: string,
): Failure {
  return failure(
    'bad-identity',
    { exchange: 'Quick Mode', message: 1 },
    'peer',
    `${formatEndpoint(record.phase1.remote)} wants to protect traffic between ${describeIdentity(initiator)} and ${describeIdentity(responder)}, ${fault}.`,
    'Make the peer send addresses, subnets or ranges of one family and one protocol as Quick Mode identities.',
    { wire: notify(NOTIFY.invalidIdInformation), payload: 'ID' },
  );
}

function offersTransportThroughNat({ terms }: Phase2Record, offer: readonly Proposal[]): boolean {
  if (terms.encapsulation === 'none') return false;
  const wanted = modeNumber('transport', terms.encapsulation);
  return offer.some(({ transforms }) =>
    transforms.some((transform) => readPhase2(transform).mode === wanted),
  );
}

/**
 * Behind a NAT an end names the address it has itself, and the other end by the address it sees. In transport mode the
 * traffic is between the addresses that we see (RFC 3947 5.2); a side that is more than one host stays what it is, and
 * no transport policy will cover it.
 */
function asWeSeeThem(selectors: TrafficSelectors, { local, remote, features }: Phase2Record['phase1']) {
  const seen = (side: TrafficSide, address: Address, behindNat: boolean): TrafficSide =>
    behindNat && side.addresses.begin === side.addresses.end ? { ...side, addresses: single(address) } : side;
  return {
    ...selectors,
    local: seen(selectors.local, local.address, features.nat.local),
    remote: seen(selectors.remote, remote.address, features.nat.remote),
  };
}

/** RFC 2409 5.5: the responder repeats the identities. A peer that narrows or swaps them protects other traffic. */
export function repeatedIdentitiesFault(
  record: AskedTraffic,
  payloads: readonly DecodedPayload[],
): Failure | undefined {
  const theirs = allOf(payloads, 'ID');
  const ours = record.identities ?? [];
  if (theirs.length === 0 && isHostToHost(record)) return undefined;
  const same =
    theirs.length === ours.length &&
    ours.every((identity, index) => {
      const other = theirs[index];
      if (other === undefined) return false;
      return (
        Buffer.compare(encodeBody(identity), other.raw) === 0 ||
        isSeenBeyondNat(record, index, identity, other)
      );
    });
  if (same) return undefined;
  return failure(
    'selector-mismatch',
    { exchange: 'Quick Mode', message: 2 },
    'peer',
    `We asked for ${ours.map(describeIdentity).join(' and ')}; ${formatEndpoint(record.phase1.remote)} answered for ${theirs.map(describeIdentity).join(' and ') || 'its own address'}.`,
    'Make the networks on both ends the same; IKEv1 cannot narrow them.',
    { payload: 'ID' },
  );
}

/**
 * In transport mode through a NAT a responder may repeat the host behind it as it sees that host, by the address of the
 * NAT: strongSwan does. What we protect stays what we asked for.
 */
function isSeenBeyondNat(
  { terms, phase1 }: AskedTraffic,
  index: number,
  ours: IdPayload,
  theirs: IdPayload,
): boolean {
  const { local, remote } = phase1.features.nat;
  const isHost = ours.idType === ID_TYPE.ipv4Addr || ours.idType === ID_TYPE.ipv6Addr;
  return (
    terms.mode === 'transport' &&
    terms.encapsulation !== 'none' &&
    (index === 0 ? local : remote) &&
    isHost &&
    theirs.idType === ours.idType &&
    theirs.protocol === ours.protocol &&
    theirs.port === ours.port
  );
}

function isHostToHost({ selectors, phase1 }: AskedTraffic): boolean {
  const only = ({ addresses }: TrafficSide, address: Address): boolean =>
    addresses.begin === address && addresses.end === address;
  return only(selectors.local, phase1.local.address) && only(selectors.remote, phase1.remote.address);
}

export function describeTraffic(selectors: TrafficSelectors): string {
  const side = ({ addresses, port }: TrafficSelectors['local']): string =>
    port === 0 ? formatRange(addresses) : `${formatRange(addresses)} port ${String(port)}`;
  const protocol = selectors.protocol === 0 ? '' : ` (IP protocol ${String(selectors.protocol)})`;
  return `${side(selectors.local)} <-> ${side(selectors.remote)}${protocol}`;
}
