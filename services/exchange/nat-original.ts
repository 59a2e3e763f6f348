/**
 * NAT-OA in Quick Mode (RFC 3947 5.2): in transport mode through a NAT each end says which addresses it believes the
 * two ends to have themselves, the initiator's first, so that the other can mend checksums made with them.
 */
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { ID_TYPE } from '../isakmp/registries/id-types.js';
import { type Address, addressBytes, addressFromBytes, familyOf } from '../net/address.js';
import type { Phase2Record, OriginalAddresses } from './phase2-record.js';
import { allOf, firstOf } from './payloads-of.js';

export const NOTHING_SAID: OriginalAddresses = { local: undefined, remote: undefined };

export function originalAddresses(record: Phase2Record): readonly Payload[] {
  const { mode, encapsulation } = record.terms;
  if (mode !== 'transport' || encapsulation === 'none') return [];
  const ours = host(record.phase1.local.address);
  const theirs = host(record.phase1.remote.address);
  // The drafts know one address, that of the end that sends it.
  if (encapsulation === 'draft') return [{ kind: 'NAT-OA-DRAFT', ...ours }];
  const [initiator, responder] = record.role === 'initiator' ? [ours, theirs] : [theirs, ours];
  return [
    { kind: 'NAT-OA', ...initiator },
    { kind: 'NAT-OA', ...responder },
  ];
}

function host(address: Address): { readonly idType: number; readonly address: Uint8Array } {
  const idType = familyOf(address) === 4 ? ID_TYPE.ipv4Addr : ID_TYPE.ipv6Addr;
  return { idType, address: addressBytes(address) };
}

/** What the peer says of the two ends. */
export function readOriginalAddresses(
  role: Phase2Record['role'],
  payloads: readonly DecodedPayload[],
): OriginalAddresses {
  const draft = firstOf(payloads, 'NAT-OA-DRAFT');
  if (draft !== undefined) return { local: undefined, remote: addressFromBytes(draft.address) };
  const [initiator, responder] = allOf(payloads, 'NAT-OA').map(({ address }) => addressFromBytes(address));
  return role === 'initiator'
    ? { local: initiator, remote: responder }
    : { local: responder, remote: initiator };
}
