/** Phase 1 identities under a pre-shared key: what we call ourselves, and whether the peer may be called what it says. */
import type { FailurePlace } from '../failure/build.js';
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type IdPayload, namesNoTraffic } from '../isakmp/payloads/identification.js';
import { ID_TYPE } from '../isakmp/registries/id-types.js';
import { formatEndpoint, parseAddress } from '../net/address.js';
import { placeOfPreshared, type PresharedIdentity } from '../policy/preshared-key.js';
import type { CertificateSelector, Rule } from '../policy/rule.js';
import { err, ok, type Result } from '../result.js';
import { addressIdentity, describeIdentity, identityRange } from './identity.js';
import { known, type Phase1Record, placeOf } from './phase1-record.js';

const NAME_TYPES = {
  fqdn: ID_TYPE.fqdn,
  user_fqdn: ID_TYPE.userFqdn,
  keyid: ID_TYPE.keyId,
} as const;

function nameIdentity(type: keyof typeof NAME_TYPES, text: string): IdPayload {
  return { kind: 'ID', idType: NAME_TYPES[type], protocol: 0, port: 0, data: new TextEncoder().encode(text) };
}

/** `DNS=east.example` to `east.example`: the tags of certificate selectors (ike.config(5)) name identities here. */
function selectorValue(text: string): string {
  return /^(?:DNS|EMAIL|IP)=(.*)$/i.exec(text)?.[1]?.trim() ?? text;
}

/** What an Aggressive Mode rule with a pre-shared key calls us by `local_id`; undefined when it says nothing. */
export function ruleIdentity(rule: Rule): IdPayload | undefined {
  const [selector] = rule.localIds;
  if (selector === undefined || selector.negated) return undefined;
  const value = selectorValue(selector.text);
  if (rule.localIdType === 'fqdn' || rule.localIdType === 'user_fqdn')
    return nameIdentity(rule.localIdType, value);
  const address = parseAddress(value);
  return address === undefined ? undefined : addressIdentity(address);
}

/** The identity that an entry of `ike.preshared` gives an end, where it is a name. */
export function presharedName(identity: PresharedIdentity): IdPayload | undefined {
  if ('range' in identity) return undefined;
  const { type, text } = identity;
  return type === 'dn' || type === 'gn' ? undefined : nameIdentity(type, text);
}

/** Under a pre-shared key: the address in Main Mode (RFC 2409 5.4); else what the rule says, or the key's own entry. */
export function presharedIdentity(record: Phase1Record): IdPayload {
  const address = addressIdentity(record.local.address);
  if (record.mode === 'main') return address;
  const rule = known(record.rule, 'a rule');
  const { local } = known(record.presharedKey, 'a pre-shared key');
  return ruleIdentity(rule) ?? presharedName(local) ?? address;
}

/** Names are compared without regard to case, as DNS names are. */
export function sameIdentity(a: IdPayload, b: IdPayload): boolean {
  return a.idType === b.idType && identityKey(a) === identityKey(b);
}

/** One text for identities that are the same. */
export function identityKey({ idType, data }: IdPayload): string {
  const text = Buffer.from(data).toString('latin1');
  const isName = idType === ID_TYPE.fqdn || idType === ID_TYPE.userFqdn;
  return `${String(idType)} ${isName ? text.toLowerCase() : text}`;
}

function selects(selector: CertificateSelector, identity: IdPayload): boolean {
  if (selector.text === '') return true;
  const value = selectorValue(selector.text);
  const address = parseAddress(value);
  const range = identityRange(identity);
  if (address !== undefined) return range?.begin === address && range.end === address;
  const text = Buffer.from(identity.data).toString('latin1');
  return range === undefined && text.toLowerCase() === value.toLowerCase();
}

/** Whether `remote_id` of a rule lets a peer of this name in; a rule that says nothing lets everybody in. */
export function ruleAllows(rule: Rule, identity: IdPayload): boolean {
  const wanted = rule.remoteIds.filter(({ negated }) => !negated);
  const barred = rule.remoteIds.some((selector) => selector.negated && selects(selector, identity));
  return !barred && (wanted.length === 0 || wanted.some((selector) => selects(selector, identity)));
}

/** What is wrong with an identity that came in Phase 1, whatever the method. */
export function trafficFault(identity: IdPayload, peer: string, place: FailurePlace): Failure | undefined {
  if (namesNoTraffic(identity)) return undefined;
  return failure(
    'bad-identity',
    place,
    'peer',
    `${peer} sent an identity for IP protocol ${String(identity.protocol)} port ${String(identity.port)}; in Phase 1 it must be 0 or UDP 500 (RFC 2407 4.6.2).`,
    'The peer does not follow RFC 2407.',
    { payload: 'ID' },
  );
}

/** After the proof: whether the owner of the key may call itself that. */
export function checkPresharedIdentity(
  record: Phase1Record,
  identity: IdPayload,
  number: number,
): Result<undefined, Failure> {
  const peer = formatEndpoint(record.remote);
  const place = placeOf(record, number);
  const traffic = trafficFault(identity, peer, place);
  if (traffic !== undefined) return err(traffic);
  const mismatch = (explanation: string, hint: string): Result<never, Failure> =>
    err(failure('identity-mismatch', place, 'config', explanation, hint, { payload: 'ID' }));
  if (record.mode === 'aggressive') {
    const rule = known(record.rule, 'a rule');
    if (!ruleAllows(rule, identity)) {
      return mismatch(
        `${peer} calls itself ${describeIdentity(identity)}, which remote_id of rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)}) does not allow.`,
        'Change remote_id of the rule, or the identity of the peer.',
      );
    }
    return keyAllows(record, identity, number);
  }
  const range = identityRange(identity);
  // A peer behind a NAT knows only its inner address, and the key was found by the outer one.
  const natted = record.features.nat.remote && range !== undefined && range.begin === range.end;
  if (natted || (range?.begin === record.remote.address && range.end === record.remote.address))
    return ok(undefined);
  return mismatch(
    `${peer} holds the right key but calls itself ${describeIdentity(identity)}; with a pre-shared key in Main Mode its identity must be its address, ${record.remote.address}.`,
    'Set the identity of the peer to its address.',
  );
}

/** A key that `ike.preshared` gives to a name proves that name only. */
function keyAllows(record: Phase1Record, identity: IdPayload, number: number): Result<undefined, Failure> {
  const key = known(record.presharedKey, 'a pre-shared key');
  const name = presharedName(key.remote);
  if (name === undefined || sameIdentity(name, identity)) return ok(undefined);
  return err(
    failure(
      'identity-mismatch',
      placeOf(record, number),
      'config',
      `${formatEndpoint(record.remote)} calls itself ${describeIdentity(identity)}, but the key is that of ${describeIdentity(name)} (${key.position.file}:${String(key.position.line)}).`,
      'Give the peer an entry of its own in ike.preshared, or correct its identity.',
      { payload: 'ID', places: [placeOfPreshared(key)] },
    ),
  );
}
