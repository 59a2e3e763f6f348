/**
 * Payloads that ride along without belonging to an exchange: each rider looks at the message and the record, adds what it
 * has to say, and takes what concerns it from the peer. The mode files know only this list.
 */
import { certificatePayloads, certificateRequests } from '../certs/payloads.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { VENDOR_ID, type VendorIdEntry } from '../isakmp/registries/vendor-ids.js';
import type { Crypto } from '../ports/crypto.js';
import { initialContact, saysInitialContact } from './initial-contact.js';
import {
  natDetectionPayloads,
  natDigests,
  natFound,
  natTraversalHeard,
  natTraversalIds,
  saysVendorId,
} from './nat-detection.js';
import { allOf } from './payloads-of.js';
import type { PeerFeatures } from './peer-features.js';
import { known, type Phase1Patch, type Phase1Record } from './phase1-record.js';

/** What riders may learn from a message. */
type Learnt = {
  -readonly [K in 'features' | 'certificateRequests' | 'peerInitialContact' | 'natDigests']: Phase1Record[K];
};

interface Rider {
  readonly name: string;
  outgoing(number: number, record: Phase1Record, crypto: Crypto): readonly Payload[];
  /** `learnt`: by the riders before it, or before this message; it puts what it learns there. */
  incoming(
    number: number,
    record: Phase1Record,
    learnt: Learnt,
    payloads: readonly DecodedPayload[],
    crypto: Crypto,
  ): void;
}

/** Which messages of each mode, from both ends, a rider may use. */
const MESSAGES = {
  main: { greeting: [1, 2], requests: [3, 4], natDetection: [3, 4], proof: [5, 6] },
  aggressive: { greeting: [1, 2], requests: [1, 2], natDetection: [2, 3], proof: [2, 3] },
} as const;

function isAt(number: number, { mode }: Phase1Record, moment: keyof (typeof MESSAGES)['main']): boolean {
  const numbers: readonly number[] = MESSAGES[mode][moment];
  return numbers.includes(number);
}

/**
 * RFC 2407 4.6.3.3: says that we know of no older SA with this peer; rides only where it is encrypted, which message 2 of
 * Aggressive Mode is not: its sender says so in what follows (`introducing` of an established SA). DEVIATION: RFC 2407 4.6.3 forbids it in all of Aggressive Mode; message 3, encrypted, protects it
 * as well as message 5 of Main Mode does.
 */
const firstContact: Rider = {
  name: 'initial contact',
  outgoing(number, record) {
    if (!isAt(number, record, 'proof') || number === 2 || !record.initialContact) return [];
    return [initialContact(record)];
  },
  incoming(number, record, learnt, payloads) {
    if (!isAt(number, record, 'proof') || number === 2) return;
    if (saysInitialContact(payloads)) learnt.peerInitialContact = true;
  },
};

/** Vendor IDs of what we have, in the first message of each end (RFC 3706 5.1, RFC 3947 3.1). */
const vendorIds: Rider = {
  name: 'vendor IDs',
  outgoing(number, record) {
    if (!isAt(number, record, 'greeting')) return [];
    const ids =
      record.role === 'initiator'
        ? [...natTraversalIds(), VENDOR_ID.dpd, VENDOR_ID.fragmentation]
        : heardIds(record.features);
    return ids.map(({ bytes }) => ({ kind: 'VENDOR', data: bytes }));
  },
  incoming(_number, _record, learnt, payloads) {
    // Peers may repeat them in later messages.
    const ids = allOf(payloads, 'VENDOR');
    if (ids.length === 0) return;
    const said = saysVendorId(ids);
    const { features } = learnt;
    learnt.features = {
      deadPeerDetection: features.deadPeerDetection || said(VENDOR_ID.dpd),
      fragmentation: features.fragmentation || said(VENDOR_ID.fragmentation),
      natTraversal: features.natTraversal ?? natTraversalHeard(said),
      nat: features.nat,
    };
  },
};

/** A responder answers what it heard: it must never say more to an unproved address than that said to it. */
function heardIds({
  natTraversal,
  deadPeerDetection,
  fragmentation,
}: PeerFeatures): readonly VendorIdEntry[] {
  return [
    ...(natTraversal === undefined ? [] : natTraversalIds(natTraversal)),
    ...(deadPeerDetection ? [VENDOR_ID.dpd] : []),
    ...(fragmentation ? [VENDOR_ID.fragmentation] : []),
  ];
}

/** RFC 3947 3.2: who sees whom where. */
const natDetection: Rider = {
  name: 'NAT detection',
  outgoing: (number, record, crypto) =>
    isAt(number, record, 'natDetection') ? natDetectionPayloads(record, crypto) : [],
  incoming(number, record, learnt, payloads, crypto) {
    if (!isAt(number, record, 'natDetection')) return;
    const { deadPeerDetection, fragmentation, natTraversal } = learnt.features;
    const nat = natFound(learnt.features, payloads, () => (learnt.natDigests = natDigests(record, crypto)));
    if (nat !== undefined) learnt.features = { deadPeerDetection, fragmentation, natTraversal, nat };
  },
};

function signs({ method }: Phase1Record): boolean {
  return method === 'rsa_sig' || method === 'dss_sig';
}

/** RFC 2408 3.9, 3.10: asks for a certificate under our roots, and sends ours with those between it and its root. */
const certificates: Rider = {
  name: 'certificates',
  outgoing(number, record) {
    if (!signs(record)) return [];
    const requests = isAt(number, record, 'requests')
      ? certificateRequests(record.config.globals, known(record.rule, 'a rule'), record.stores)
      : [];
    // Sent whether asked for or not: peers forget to ask.
    const own = isAt(number, record, 'proof')
      ? certificatePayloads(
          known(record.certificate, 'a certificate'),
          record.stores,
          record.certificateRequests,
        )
      : [];
    return [...own, ...requests];
  },
  incoming(_number, _record, learnt, payloads) {
    const requests = allOf(payloads, 'CERTREQ');
    if (requests.length > 0) learnt.certificateRequests = [...learnt.certificateRequests, ...requests];
  },
};

const RIDERS: readonly Rider[] = [vendorIds, natDetection, certificates, firstContact];

export function outgoingRiders(number: number, record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const payloads: Payload[] = [];
  for (const rider of RIDERS) payloads.push(...rider.outgoing(number, record, crypto));
  return payloads;
}

/** Each rider sees what those before it have learnt. */
export function incomingRiders(
  number: number,
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Phase1Patch {
  const { features, certificateRequests, peerInitialContact, natDigests: digests } = record;
  const learnt: Learnt = { features, certificateRequests, peerInitialContact, natDigests: digests };
  for (const rider of RIDERS) rider.incoming(number, record, learnt, payloads, crypto);
  return learnt;
}
