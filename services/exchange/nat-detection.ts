/**
 * Whether a NAT stands between the two ends (RFC 3947 3): each says, hashed, from where and to where it believes to send,
 * and each compares that with what it sees.
 */
import { type Bytes, sameBytes, u16 } from '../bytes.js';
import { cookiePair } from '../isakmp/header.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { PAYLOAD } from '../isakmp/registries/payload-types.js';
import { isVendorId, VENDOR_ID, type VendorIdEntry } from '../isakmp/registries/vendor-ids.js';
import { addressBytes, type Endpoint } from '../net/address.js';
import type { Crypto } from '../ports/crypto.js';
import type { NatTraversal, PeerFeatures } from './peer-features.js';
import { known, type NatDigests, type Phase1Record } from './phase1-record.js';

/** Best first. The second draft was published with two spellings of its name, of which the newline one is common. */
const FORMS: readonly { readonly form: NatTraversal; readonly ids: readonly VendorIdEntry[] }[] = [
  { form: 'rfc3947', ids: [VENDOR_ID.natT] },
  { form: 'draft-03', ids: [VENDOR_ID.natTDraft03] },
  { form: 'draft-02', ids: [VENDOR_ID.natTDraft02Newline, VENDOR_ID.natTDraft02] },
];

const IDS_OF_ALL_FORMS = FORMS.flatMap(({ ids }) => ids);

/** Vendor IDs of all forms for an offer, or of the one that was heard. */
export function natTraversalIds(form?: NatTraversal): readonly VendorIdEntry[] {
  if (form === undefined) return IDS_OF_ALL_FORMS;
  return FORMS.find((known) => known.form === form)?.ids ?? [];
}

/** The best form that the peer says it knows. */
export function natTraversalHeard(said: (entry: VendorIdEntry) => boolean): NatTraversal | undefined {
  return FORMS.find(({ ids }) => ids.some(said))?.form;
}

export function saysVendorId(vendorIds: readonly { readonly data: Bytes }[]) {
  return (entry: VendorIdEntry): boolean => vendorIds.some(({ data }) => isVendorId(entry, data));
}

/** NAT-D = hash(CKY-I | CKY-R | IP | port) with the negotiated hash (RFC 3947 3.2), of the two ends as we see them. */
export function natDigests(record: Phase1Record, crypto: Crypto): NatDigests {
  const { local, remote, natDigests: before } = record;
  // Hashed once for the message that came and the one that answers it, unless an end has moved.
  if (before?.ends.local === local && before.ends.remote === remote) return before;
  const cookies = cookiePair(record);
  const { hash } = known(record.suite, 'a suite');
  const of = ({ address, port }: Endpoint): Bytes =>
    crypto.hash(hash, cookies, addressBytes(address), u16(port));
  return { ends: { local, remote }, local: of(local), remote: of(remote) };
}

function payloadTypeOf(form: NatTraversal): number {
  return form === 'rfc3947' ? PAYLOAD.natD : PAYLOAD.natDDraft;
}

/** The destination first, then our own source. */
export function natDetectionPayloads(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const { natTraversal } = record.features;
  if (natTraversal === undefined) return [];
  const type = payloadTypeOf(natTraversal);
  const { local, remote } = natDigests(record, crypto);
  return [
    { kind: 'UNKNOWN', type, data: remote },
    { kind: 'UNKNOWN', type, data: local },
  ];
}

/** Which end is behind a NAT, by our own digests. Undefined: the peer says too little. */
export function natFound(
  { natTraversal }: PeerFeatures,
  payloads: readonly DecodedPayload[],
  digests: () => NatDigests,
): PeerFeatures['nat'] | undefined {
  if (natTraversal === undefined) return undefined;
  const type = payloadTypeOf(natTraversal);
  let destination: Bytes | undefined;
  const sources: Bytes[] = [];
  for (const payload of payloads) {
    if (payload.kind !== 'UNKNOWN' || payload.type !== type) continue;
    if (destination === undefined) destination = payload.raw;
    else sources.push(payload.raw);
  }
  if (destination === undefined || sources.length === 0) return undefined;
  const { local, remote } = digests();
  return {
    local: !sameBytes(destination, local),
    remote: !sources.some((source) => sameBytes(source, remote)),
  };
}
