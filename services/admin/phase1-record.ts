/** A Phase 1 SA as the daemon sees it, in the numbers of the door. */
import type { IdentityView, Phase1SaView } from './administration.js';
import { PHASE1_STATE } from './administration.js';
import { CIPHER_NUMBERS, HASH_NUMBERS, METHOD_NUMBERS } from './algorithm-numbers.js';
import { IDENTITY_TYPE, type IdentityRecord } from './door/identity.js';
import { KEY_TYPE } from './door/phase1-parts.js';
import type { Phase1SaRecord } from './door/phase1-sa.js';
import type { TransformRecord } from './door/phase1-transform.js';

const EXCHANGE = { main: 2, aggressive: 4 } as const;
const DPD_STATE = { idle: 0, probing: 1, alive: 2, dead: 3 } as const;

export function phase1Record(view: Phase1SaView): Phase1SaRecord {
  const dpd = view.deadPeerDetection;
  return {
    initiatorCookie: view.initiatorCookie,
    responderCookie: view.responderCookie,
    major: 1,
    minor: 0,
    exchange: EXCHANGE[view.exchange],
    isInitiator: view.isInitiator,
    state: PHASE1_STATE[view.state],
    supportsDpd: dpd !== undefined,
    dpdState: dpd ? DPD_STATE[dpd.state] : 0,
    dpdTime: dpd?.at ?? 0,
    transform: transformRecord(view),
    addresses: { local: view.local, remote: view.remote },
    usage: view.usage,
    errors: view.errors,
    localIdentity: identityRecord(view.localIdentity),
    remoteIdentity: identityRecord(view.remoteIdentity),
    keys: (view.keys ?? []).map(({ type, bytes }) => ({ type: KEY_TYPE[type], bytes })),
  };
}

function transformRecord({ transform, limits }: Phase1SaView): TransformRecord {
  return {
    group: transform?.group ?? 0,
    cipher: transform ? CIPHER_NUMBERS[transform.cipher].sadb : 0,
    lowBits: 0,
    highBits: transform?.keyBits ?? 0,
    hash: transform ? HASH_NUMBERS[transform.hash].sadb : 0,
    method: transform ? METHOD_NUMBERS[transform.method] : 0,
    prf: transform?.prf ? HASH_NUMBERS[transform.prf].prf : 0,
    pfsGroup: transform?.pfsGroup ?? 0,
    maxSeconds: limits.seconds,
    maxKilobytes: limits.kilobytes,
    maxKeyUses: limits.keyUses,
  };
}

function identityRecord(view: IdentityView | undefined): IdentityRecord | undefined {
  return view && { type: IDENTITY_TYPE[view.type], uid: 0, text: view.text };
}
