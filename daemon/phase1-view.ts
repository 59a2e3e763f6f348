/** A Phase 1 SA as the door shows it. */
import type { IdentityView, Phase1SaView } from '../services/admin/administration.js';
import { FIXED_KEY_BITS } from '../services/algorithms.js';
import { identityRange, identityText } from '../services/exchange/identity.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import type { Phase1Sa } from '../services/exchange/phase1-sa.js';
import type { IdPayload } from '../services/isakmp/payloads/identification.js';
import { ID_TYPE } from '../services/isakmp/registries/id-types.js';
import { familyOf, formatRange, prefixLengthOf } from '../services/net/address.js';
import type { PresharedKey } from '../services/policy/preshared-key.js';
import type { KeyHandle, Keys } from '../services/ports/keys.js';
import type { Phase1Suite } from '../services/proposal/phase1-suite.js';
import type { Phase1Entry } from './sa-table.js';

/** What an administrator with the privilege for it sees of an SA besides its record. */
export interface KeySight {
  readonly store: Keys;
  /** Those still configured: of another the bytes are gone. */
  readonly presharedKeys: readonly PresharedKey[];
}

/** `isAsking`: the peer is being asked whether it lives. With copies of the keys, if they may be seen. */
export function establishedView(
  entry: Phase1Entry,
  isAsking: boolean,
  sight: KeySight | undefined,
): Phase1SaView {
  const { sa, errors } = entry;
  const { suite } = sa;
  const view: Phase1SaView = {
    initiatorCookie: sa.initiatorCookie,
    responderCookie: sa.responderCookie,
    isInitiator: sa.role === 'initiator',
    exchange: sa.mode,
    state: 'active',
    local: sa.local,
    remote: sa.remote,
    transform: {
      method: suite.method,
      group: suite.group,
      hash: suite.hash,
      cipher: suite.cipher,
      keyBits: shownKeyBits(suite),
      prf: undefined,
      pfsGroup: sa.rule.phase2.pfsGroup,
    },
    limits: { seconds: suite.lifetimeSeconds, kilobytes: suite.lifetimeKb ?? 0, keyUses: 0 },
    usage: {
      quickModeSasCreated: entry.quickModesCreated,
      quickModeSasDeleted: entry.quickModesDeleted,
      created: Math.floor(entry.createdAt / 1000),
      kilobytes: 0,
      keyUses: entry.keyUses,
    },
    errors: {
      decryption: errors.decrypt,
      hash: errors.hash,
      other: errors.other,
      transmit: errors.transmit,
    },
    ...(sa.features.deadPeerDetection ? { deadPeerDetection: probingView(entry, isAsking) } : {}),
    localIdentity:
      sa.ownIdentity === undefined ? hostIdentity(sa.local.address) : identityView(sa.ownIdentity),
    remoteIdentity: sa.peerIdentity === undefined ? undefined : identityView(sa.peerIdentity),
  };
  return sight === undefined ? view : { ...view, keys: keysOf(sa, sight) };
}

/** An SA under which a peer has not answered is gone, so that none is ever shown as failed. */
function probingView(
  { probes }: Phase1Entry,
  isAsking: boolean,
): NonNullable<Phase1SaView['deadPeerDetection']> {
  const { answeredAt } = probes;
  if (isAsking) return { state: 'probing', at: 0 };
  return answeredAt === undefined
    ? { state: 'idle', at: 0 }
    : { state: 'alive', at: Math.floor(answeredAt / 1000) };
}

function keysOf(
  { keys, lastBlock, presharedKey }: Phase1Sa,
  { store, presharedKeys }: KeySight,
): NonNullable<Phase1SaView['keys']> {
  const isThere = presharedKeys.some(({ key }) => key === presharedKey);
  const copy = (handle: KeyHandle) => Uint8Array.from(store.bytes(handle));
  return [
    ...(presharedKey !== undefined && isThere
      ? [{ type: 'preshared', bytes: copy(presharedKey) } as const]
      : []),
    { type: 'skeyid', bytes: copy(keys.skeyid) },
    { type: 'skeyid_d', bytes: copy(keys.skeyidD) },
    { type: 'skeyid_a', bytes: copy(keys.skeyidA) },
    { type: 'skeyid_e', bytes: copy(keys.skeyidE) },
    { type: 'encryption', bytes: copy(keys.encryptionKey) },
    { type: 'iv', bytes: Uint8Array.from(lastBlock) },
  ];
}

function hostIdentity(address: string): IdentityView {
  return { type: 'prefix', text: `${address}/${familyOf(address) === 4 ? '32' : '128'}` };
}

const NAMED: ReadonlyMap<number, IdentityView['type']> = new Map([
  [ID_TYPE.fqdn, 'fqdn'],
  [ID_TYPE.userFqdn, 'user_fqdn'],
  [ID_TYPE.derAsn1Dn, 'dn'],
  [ID_TYPE.derAsn1Gn, 'gn'],
  [ID_TYPE.keyId, 'keyid'],
]);

/** An address is a prefix of full length, as the original shows it. */
function identityView(identity: IdPayload): IdentityView {
  const range = identityRange(identity);
  if (range === undefined)
    return { type: NAMED.get(identity.idType) ?? 'reserved', text: identityText(identity) };
  if (range.begin === range.end) return hostIdentity(range.begin);
  return { type: prefixLengthOf(range) === undefined ? 'range' : 'prefix', text: formatRange(range) };
}

/** Only of a cipher that has several sizes. */
function shownKeyBits({ cipher, keyBits }: Phase1Suite): number | undefined {
  return FIXED_KEY_BITS[cipher] === undefined ? keyBits : undefined;
}

/** A negotiation under way: its state as the original names it, by what we sent last. */
export function negotiatingView(record: Phase1Record, lastMessage: number): Phase1SaView {
  return {
    initiatorCookie: record.initiatorCookie,
    responderCookie: record.responderCookie,
    isInitiator: record.role === 'initiator',
    exchange: record.mode,
    state:
      lastMessage === 0
        ? 'beginning'
        : lastMessage <= 2
          ? 'sentSa'
          : lastMessage <= 4
            ? 'sentKeyExchange'
            : 'sentLast',
    local: record.local,
    remote: record.remote,
    transform:
      record.suite === undefined
        ? undefined
        : {
            method: record.suite.method,
            group: record.suite.group,
            hash: record.suite.hash,
            cipher: record.suite.cipher,
            keyBits: shownKeyBits(record.suite),
            prf: undefined,
            pfsGroup: record.rule?.phase2.pfsGroup ?? 0,
          },
    limits: { seconds: record.suite?.lifetimeSeconds ?? 0, kilobytes: 0, keyUses: 0 },
    usage: { quickModeSasCreated: 0, quickModeSasDeleted: 0, created: 0, kilobytes: 0, keyUses: 0 },
    errors: { decryption: 0, hash: 0, other: 0, transmit: 0 },
    localIdentity: undefined,
    remoteIdentity: undefined,
  };
}
