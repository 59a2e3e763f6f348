/** The same facts for `-j`: names where there are names, numbers in the units of the text. */
import type { IdentityRecord } from '../../../services/admin/door/identity.js';
import type { Phase1SaRecord } from '../../../services/admin/door/phase1-sa.js';
import { exchangeName, identityTypeName, keyName, stateName } from './names.js';
import { keyDigits } from './numbers.js';
import { limitsJson, transformJson } from './transform.js';

const DPD_STATES: readonly string[] = ['idle', 'probing', 'alive', 'dead'];

export function phase1Json(sa: Phase1SaRecord, paranoid: boolean): object {
  const { transform, errors, usage } = sa;
  return {
    initiatorCookie: `0x${sa.initiatorCookie}`,
    responderCookie: `0x${sa.responderCookie}`,
    role: sa.isInitiator ? 'initiator' : 'responder',
    version: `${String(sa.major)}.${String(sa.minor)}`,
    exchange: exchangeName(sa.exchange),
    state: stateName(sa.state),
    local: sa.addresses.local ?? null,
    remote: sa.addresses.remote ?? null,
    deadPeerDetection: sa.supportsDpd
      ? { state: DPD_STATES[sa.dpdState] ?? sa.dpdState, ...(sa.dpdState < 2 ? {} : { at: iso(sa.dpdTime) }) }
      : null,
    transform: transformJson(transform),
    limits: limitsJson(transform),
    usage: usage ? { ...usage, created: iso(usage.created) } : null,
    errors: errors ?? null,
    localIdentity: identityJson(sa.localIdentity),
    remoteIdentity: identityJson(sa.remoteIdentity),
    ...(sa.keys.length === 0
      ? {}
      : {
          keys: sa.keys.map(({ type, bytes }) => ({
            type: keyName(type) ?? type,
            key: bytes ? keyDigits(bytes, paranoid) : null,
          })),
        }),
  };
}

function identityJson(identity: IdentityRecord | undefined): object | null {
  return identity ? { type: identityTypeName(identity.type), uid: identity.uid, text: identity.text } : null;
}

/** UTC, or null for a time no calendar has. */
function iso(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
