/**
 * Payloads that ride along without belonging to an exchange: each rider looks at the place and the record, adds what it
 * has to say, and takes what concerns it from the peer. The mode files know only this list.
 */
import { concat, fromHex } from '../bytes.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
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

const RIDERS: readonly Rider[] = [initialContact];

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
