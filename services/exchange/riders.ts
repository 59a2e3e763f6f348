/**
 * Payloads that ride along without belonging to an exchange: each rider looks at the place and the record, adds what it
 * has to say, and takes what concerns it from the peer. The mode files know only this list.
 */
import { concat, fromHex } from '../bytes.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { isVendorId, VENDOR_ID, type VendorIdEntry } from '../isakmp/registries/vendor-ids.js';
import { allOf } from './payloads-of.js';
import type { Phase1Patch, Phase1Record } from './phase1-record.js';

export interface RiderPlace {
  readonly exchange: 'main-mode';
  readonly number: number;
}

interface Rider {
  readonly name: string;
  outgoing(place: RiderPlace, record: Phase1Record): readonly Payload[];
  incoming(place: RiderPlace, record: Phase1Record, payloads: readonly DecodedPayload[]): Phase1Patch;
}

/** RFC 2407 4.6.3.3: says that we know of no older SA with this peer; rides only where it is authenticated. */
const initialContact: Rider = {
  name: 'initial contact',
  outgoing(place, record) {
    const last = record.role === 'initiator' ? 5 : 6;
    if (place.number !== last || !record.initialContact) return [];
    return [
      {
        kind: 'NOTIFY',
        doi: 1,
        protocol: PROTOCOL.isakmp,
        spi: concat(fromHex(record.initiatorCookie), fromHex(record.responderCookie)),
        notifyType: NOTIFY.initialContact,
        data: new Uint8Array(0),
      },
    ];
  },
  incoming(place, _record, payloads) {
    if (place.number < 5) return {};
    return allOf(payloads, 'NOTIFY').some((payload) => payload.notifyType === NOTIFY.initialContact)
      ? { peerInitialContact: true }
      : {};
  },
};

/** Vendor IDs of what we have, in the first message of each end (RFC 3706 5.1, RFC 3947 3.1). */
const vendorIds: Rider = {
  name: 'vendor IDs',
  outgoing(place, record) {
    if (place.number > 2) return [];
    // A responder answers what it heard: it must never say more to an unproved address than that said to it.
    if (record.role === 'responder' && !record.features.deadPeerDetection) return [];
    return [{ kind: 'VENDOR', data: VENDOR_ID.dpd.bytes }];
  },
  incoming(_place, record, payloads) {
    const said = (entry: VendorIdEntry): boolean =>
      allOf(payloads, 'VENDOR').some(({ data }) => isVendorId(entry, data));
    // Peers may repeat them in later messages.
    return said(VENDOR_ID.dpd) ? { features: { ...record.features, deadPeerDetection: true } } : {};
  },
};

const RIDERS: readonly Rider[] = [initialContact, vendorIds];

export function outgoingRiders(place: RiderPlace, record: Phase1Record): readonly Payload[] {
  return RIDERS.flatMap((rider) => rider.outgoing(place, record));
}

export function incomingRiders(
  place: RiderPlace,
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
): Phase1Patch {
  return RIDERS.reduce<Phase1Patch>(
    (patch, rider) => ({ ...patch, ...rider.incoming(place, record, payloads) }),
    {},
  );
}
