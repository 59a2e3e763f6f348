/**
 * What we prove ourselves with: the pre-shared key or the certificate that a rule and a method need. Whatever is missing
 * is found here, before anything is offered or chosen that could not be kept.
 */
import type { AuthMethod } from '../algorithms.js';
import { localCertificate } from '../certs/local.js';
import { peerCertificate } from '../certs/peer-key.js';
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { inRange } from '../net/address.js';
import type { PresharedIdentity, PresharedKey } from '../policy/preshared-key.js';
import type { Phase1Transform, Rule } from '../policy/rule.js';
import { precisionOf, presharedKeyFor } from '../policy/select-preshared-key.js';
import { err, ok, type Result } from '../result.js';
import { describeIdentity } from './identity.js';
import { presharedName, ruleIdentity, sameIdentity } from './phase1-identity.js';
import type { Phase1Patch, Phase1Record } from './phase1-record.js';
import { placeOf } from './phase1-record.js';
import { namedKeys } from './preshared-by-name.js';

/** The credentials for one method under one rule, or why there are none. */
export function credentialsFor(
  record: Phase1Record,
  rule: Rule,
  method: AuthMethod,
  presharedKeys: readonly PresharedKey[],
): Result<Phase1Patch, Failure> {
  if (method === 'preshared') {
    const key = selectPresharedKey(record, rule, presharedKeys);
    if (!key.ok) return err({ ...key.error, ...placeOf(record, 1) });
    return ok({ presharedKey: key.value.key, presharedWhy: key.value.why });
  }
  const certificate = localCertificate(rule, method, record.stores);
  if (!certificate.ok) return certificate;
  if (method !== 'rsa_encrypt' || record.role === 'responder') return ok({ certificate: certificate.value });
  // RFC 2409 5.2: the initiator encrypts before the peer can have shown a certificate.
  const peer = peerCertificate(rule, record.stores, record.remote.address);
  return peer.ok ? ok({ certificate: certificate.value, peerCertificate: peer.value }) : peer;
}

/** The transforms of a rule for which we have the credentials, and these by method. */
export interface UsableTransforms {
  readonly transforms: readonly Phase1Transform[];
  readonly credentials: ReadonlyMap<AuthMethod, Result<Phase1Patch, Failure>>;
}

/** If there are none, the first thing that is missing. */
export function usableTransforms(
  record: Phase1Record,
  rule: Rule,
  presharedKeys: readonly PresharedKey[],
): Result<UsableTransforms, Failure> {
  const byMethod = new Map<AuthMethod, Result<Phase1Patch, Failure>>();
  let missing: Failure | undefined;
  const transforms = rule.transforms.filter(({ method }) => {
    const known = byMethod.get(method) ?? credentialsFor(record, rule, method, presharedKeys);
    byMethod.set(method, known);
    if (!known.ok) missing ??= known.error;
    return known.ok;
  });
  if (missing !== undefined && transforms.length === 0) return err(missing);
  return ok({ transforms, credentials: byMethod });
}

interface Selected {
  readonly key: PresharedKey;
  readonly why: string;
}

function selectPresharedKey(
  record: Phase1Record,
  rule: Rule,
  keys: readonly PresharedKey[],
): Result<Selected, Failure> {
  const { local, remote, mode } = record;
  if (mode === 'main') return presharedKeyFor(keys, local.address, remote.address, 'main');
  return keyByName(record, rule, keys) ?? presharedKeyFor(keys, local.address, remote.address, 'aggressive');
}

/**
 * Aggressive Mode knows the names before it needs the key (RFC 2409 5.4): entries that name an end go before those that
 * only cover its address. Undefined: none names an end.
 */
function keyByName(
  record: Phase1Record,
  rule: Rule,
  keys: readonly PresharedKey[],
): Result<Selected, Failure> | undefined {
  const own = ruleIdentity(rule);
  const peer = record.role === 'responder' ? record.peerIdentity : expectedPeer(rule);
  const here = ({ local }: PresharedKey): boolean => {
    if (own === undefined) return true;
    const name = presharedName(local);
    if (name !== undefined) return sameIdentity(name, own);
    return 'range' in local && inRange(record.local.address, local.range);
  };
  const candidates = namedKeys(keys).ofPeer(peer, record.remote.address).filter(here);
  const [best] = candidates.sort((a, b) => rank(b) - rank(a));
  if (best !== undefined)
    return ok({ key: best, why: `The key used is that of ${where(best)}, chosen by name.` });
  if (peer === undefined || record.role === 'initiator') return undefined;
  const byAddress = presharedKeyFor(keys, record.local.address, record.remote.address, 'aggressive');
  if (byAddress.ok) return byAddress;
  return err(
    failure(
      'no-preshared-key',
      placeOf(record, 1),
      'config',
      `No entry of ike.preshared is for ${describeIdentity(peer)} or for ${record.remote.address} in aggressive mode.`,
      'Add an entry with this name as remoteid (and its type as remoteidtype), and load it.',
    ),
  );
}

/** The name that `remote_id` expects, where it is a single name. */
function expectedPeer(rule: Rule): IdPayload | undefined {
  const [selector] = rule.remoteIds.filter(({ negated }) => !negated);
  if (selector === undefined || selector.text === '') return undefined;
  const mail = /^EMAIL=/i.test(selector.text) || selector.text.includes('@');
  return ruleIdentity({ ...rule, localIdType: mail ? 'user_fqdn' : 'fqdn', localIds: [selector] });
}

/** Names of the peer before addresses, then the more exact address, then names of ours. */
function rank({ local, remote }: PresharedKey): number {
  const side = (end: PresharedIdentity): number =>
    presharedName(end) === undefined ? precisionOf(end) : 256;
  return side(remote) * 512 + side(local);
}

function where({ position, remote }: PresharedKey): string {
  const name = 'range' in remote ? '' : ` (remoteid ${remote.text})`;
  return `${position.file}:${String(position.line)}${name}`;
}

/** What the initiator must hold from the start: every credential that its offer may need before message 2 says which. */
export function credentialsOfOffer(
  record: Phase1Record,
  rule: Rule,
  offered: readonly Phase1Transform[],
  presharedKeys: readonly PresharedKey[],
): Phase1Patch {
  const methods = new Set(offered.map(({ method }) => method));
  return [...methods].reduce<Phase1Patch>((patch, method) => {
    const credentials = credentialsFor(record, rule, method, presharedKeys);
    return credentials.ok ? { ...credentials.value, ...patch } : patch;
  }, {});
}
