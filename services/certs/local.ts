/** Our own end: which certificate a rule presents, and which of its names goes on the wire (ike.config(5)). */
import type { AuthMethod } from '../algorithms.js';
import { concat } from '../bytes.js';
import { failure, type FailurePlace } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { ID_TYPE } from '../isakmp/registries/id-types.js';
import { type Address, addressBytes, familyOf, parseAddress, prefixRange } from '../net/address.js';
import type { IdTypeKeyword, Rule } from '../policy/rule.js';
import { err, ok, type Result } from '../result.js';
import type { Certificate } from './certificate.js';
import { formatNames } from './identity-proof.js';
import { formatName } from './name.js';
import { formatSelector, matchesSelectors, reversedSelector } from './selectors.js';
import { type CertificateStores, isAvailable, type StoredCertificate } from './stores.js';
import { unavailable } from './token-failure.js';

/** Before any message: where no other place is given. */
const NOWHERE: FailurePlace = { exchange: '', message: 0 };

/** What kind of key a method of certificates works with. */
export function keyAlgorithmOf(method: AuthMethod): 'rsa' | 'dsa' {
  return method === 'dss_sig' ? 'dsa' : 'rsa';
}

/**
 * The certificate that the rule's first `local_id` selects and whose private key we can use now: one on a token that is
 * locked is no use, and is refused here, before the peer hears of it.
 */
export function localCertificate(
  rule: Rule,
  method: AuthMethod,
  stores: CertificateStores,
  place: FailurePlace = NOWHERE,
): Result<StoredCertificate, Failure> {
  const selected = selectedCertificate(rule, method, stores, place);
  if (!selected.ok) return selected;
  const { privateKey } = selected.value;
  if (privateKey === undefined || !('object' in privateKey) || isAvailable(privateKey, stores))
    return selected;
  const { object } = privateKey;
  return err(unavailable(selected.value, object, stores.tokens.get(object.token), place));
}

/** The same, whether the key can be used now or not; of several the first whose key can. */
export function selectedCertificate(
  rule: Rule,
  method: AuthMethod,
  stores: CertificateStores,
  place: FailurePlace = NOWHERE,
): Result<StoredCertificate, Failure> {
  const [selector] = rule.localIds;
  const where = `rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)})`;
  const refuse = (explanation: string, hint: string): Result<never, Failure> =>
    err(failure('no-local-certificate', place, 'config', explanation, hint));
  if (selector === undefined)
    return refuse(`${where} has no local_id, so no certificate of ours is selected.`, 'Give it a local_id.');
  const wanted = `local_id ${formatSelector(selector)} of ${where}`;
  const selected = stores.certificates.filter(({ certificate, slot }) =>
    matchesSelectors(certificate, [selector], slot),
  );
  if (selected.length === 0) {
    const reversed = stores.certificates.find(({ certificate }) => reversedSelector(certificate, [selector]));
    return refuse(
      `${wanted} selects no certificate: ${whatIsThere(stores)}.`,
      reversed === undefined
        ? 'Correct local_id, or put the certificate into etc/inet/ike/publickeys and its private key, under the same file name, into etc/inet/secret/ike.privatekeys; then SIGHUP.'
        : `Write the name in the order of the certificate: "${formatName(reversed.certificate.subject)}".`,
    );
  }
  const algorithm = keyAlgorithmOf(method);
  const fitting = selected.filter(({ privateKey }) => privateKey?.algorithm === algorithm);
  const usable =
    fitting.find(({ privateKey }) => privateKey !== undefined && isAvailable(privateKey, stores)) ??
    fitting[0];
  if (usable !== undefined) return ok(usable);
  const files = selected.map(({ file }) => file).join(', ');
  const other = selected.find(({ privateKey }) => privateKey !== undefined)?.privateKey;
  return other === undefined
    ? refuse(
        `${wanted} selects ${files}, for which there is no private key.`,
        `Put the private key (PKCS #8, DER) under the same file name into etc/inet/secret/ike.privatekeys, mode 0600; then SIGHUP.`,
      )
    : refuse(
        `${wanted} selects ${files} with a key of ${other.algorithm.toUpperCase()}, but ${method} needs one of ${algorithm.toUpperCase()}.`,
        'Select another certificate, or correct auth_method.',
      );
}

const MOST_SHOWN = 5;

function whatIsThere({ certificates }: CertificateStores): string {
  if (certificates.length === 0) return 'there are no certificates in etc/inet/ike/publickeys';
  const shown = certificates
    .slice(0, MOST_SHOWN)
    .map(({ slot, certificate }) => `${slot} (${formatNames(certificate)})`);
  const more = certificates.length - shown.length;
  return `there are ${shown.join('; ')}${more > 0 ? `, and ${String(more)} more` : ''}`;
}

/**
 * The identity we claim: `local_id_type` names the kind, the certificate says the value (ike.config(5)). Subject and
 * general names are the certificate's own bytes, because the peer may compare DER. Port and protocol stay 0.
 */
export function localIdentity(
  rule: Rule,
  certificate: Certificate,
  localAddress: Address,
  place: FailurePlace = NOWHERE,
): Result<IdPayload, Failure> {
  const body = identityBody(rule.localIdType, certificate, localAddress);
  if (body !== undefined) return ok({ kind: 'ID', protocol: 0, port: 0, ...body });
  return err(
    failure(
      'no-local-identity',
      place,
      'config',
      `local_id_type ${rule.localIdType} of rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)}) wants a name that our certificate does not have; it has ${formatNames(certificate)}.`,
      'Set local_id_type to a kind of name that the certificate has (dn is its subject), or have a certificate made with that alternative name.',
    ),
  );
}

type Body = Pick<IdPayload, 'idType' | 'data'>;

function identityBody(type: IdTypeKeyword, certificate: Certificate, local: Address): Body | undefined {
  const { altNames, subject, subjectDer } = certificate;
  const text = (kind: 'dns' | 'email', idType: number): Body | undefined => {
    const name = altNames.find((alt) => alt.kind === kind);
    return name !== undefined && 'text' in name
      ? { idType, data: Buffer.from(name.text, 'latin1') }
      : undefined;
  };
  switch (type) {
    case 'fqdn':
      return text('dns', ID_TYPE.fqdn);
    case 'user_fqdn':
      return text('email', ID_TYPE.userFqdn);
    case 'dn':
      return subject.rdns.length > 0 ? { idType: ID_TYPE.derAsn1Dn, data: subjectDer } : undefined;
    case 'gn': {
      const [first] = altNames;
      return first === undefined ? undefined : { idType: ID_TYPE.derAsn1Gn, data: first.der };
    }
    default:
      return addressBody(type, certificate, local);
  }
}

type AddressKeyword = Exclude<IdTypeKeyword, 'fqdn' | 'user_fqdn' | 'dn' | 'gn'>;

/** A certificate names single addresses; as a prefix or a range it is said as one of a single address. */
function addressBody(type: AddressKeyword, certificate: Certificate, local: Address): Body | undefined {
  const family = type === 'ip' ? familyOf(local) : type.startsWith('ipv4') ? 4 : 6;
  const named = certificate.altNames.flatMap((alt) =>
    alt.kind === 'ip' && familyOf(alt.text) === family ? [alt.text] : [],
  );
  const address = named.find((one) => one === parseAddress(local)) ?? named[0];
  if (address === undefined) return undefined;
  const bytes = addressBytes(address);
  switch (type) {
    case 'ip':
    case 'ipv4':
    case 'ipv6':
      return { idType: family === 4 ? ID_TYPE.ipv4Addr : ID_TYPE.ipv6Addr, data: bytes };
    case 'ipv4_prefix':
    case 'ipv6_prefix': {
      const mask = addressBytes(prefixRange(address, 0).end);
      return {
        idType: family === 4 ? ID_TYPE.ipv4AddrSubnet : ID_TYPE.ipv6AddrSubnet,
        data: concat(bytes, mask),
      };
    }
    case 'ipv4_range':
    case 'ipv6_range':
      return {
        idType: family === 4 ? ID_TYPE.ipv4AddrRange : ID_TYPE.ipv6AddrRange,
        data: concat(bytes, bytes),
      };
  }
}
