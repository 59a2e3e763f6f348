/** Which identities a certificate proves (RFC 2407 4.6.2.1, RFC 4945 3.1). */
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { ID_TYPE, idTypeName } from '../isakmp/registries/id-types.js';
import { formatRange } from '../net/address.js';
import { identityRange } from '../exchange/identity.js';
import type { Certificate } from './certificate.js';
import { formatGeneralName, type GeneralName, readGeneralName, sameText } from './general-name.js';
import { formatName, type Name, printable, readName, sameName } from './name.js';
import { isNamed } from './selectors.js';

/**
 * Whether the certificate bears the identity: addresses, host names and mailboxes among its alternative names, a
 * distinguished name as its subject, attribute by attribute. The common name is never taken for a host name.
 */
export function provesIdentity(certificate: Certificate, identity: IdPayload): boolean {
  const { subject, altNames } = certificate;
  const text = Buffer.from(identity.data).toString('latin1');
  switch (identity.idType) {
    case ID_TYPE.fqdn:
      return altNames.some((alt) => isNamed(alt, 'dns', text));
    case ID_TYPE.userFqdn:
      return altNames.some((alt) => isNamed(alt, 'email', text));
    case ID_TYPE.derAsn1Dn: {
      const name = readName(identity.data);
      return name.ok && name.value.rdns.length > 0 && sameName(name.value, subject);
    }
    case ID_TYPE.derAsn1Gn: {
      const name = readGeneralName(identity.data);
      return name !== undefined && altNames.some((alt) => sameGeneralName(alt, name));
    }
    default: {
      // A subnet or a range is proved only where it is one address.
      const range = identityRange(identity);
      return range?.begin === range?.end && altNames.some((alt) => isNamed(alt, 'ip', range?.begin ?? ''));
    }
  }
}

function sameGeneralName(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'other' || b.kind === 'other')
    return a.kind === b.kind && Buffer.compare(a.der, b.der) === 0;
  if (a.kind === 'dn' || b.kind === 'dn')
    return a.kind === 'dn' && b.kind === 'dn' && sameName(a.name, b.name);
  return a.kind === b.kind && sameText(a.kind, a.text, b.text);
}

/** The distinguished name an identity says, if it says one. */
export function identityName(identity: IdPayload): Name | undefined {
  if (identity.idType === ID_TYPE.derAsn1Dn) {
    const name = readName(identity.data);
    return name.ok ? name.value : undefined;
  }
  const general = identity.idType === ID_TYPE.derAsn1Gn ? readGeneralName(identity.data) : undefined;
  return general?.kind === 'dn' ? general.name : undefined;
}

/** For people: `DNS=gw.example.net`, `"C=CH, CN=gw"`. */
export function formatIdentity(identity: IdPayload): string {
  const text = Buffer.from(identity.data).toString('latin1');
  switch (identity.idType) {
    case ID_TYPE.fqdn:
      return `DNS=${printable(text)}`;
    case ID_TYPE.userFqdn:
      return `EMAIL=${printable(text)}`;
    case ID_TYPE.derAsn1Dn: {
      const name = readName(identity.data);
      return name.ok ? `"${formatName(name.value)}"` : 'a distinguished name that cannot be read';
    }
    case ID_TYPE.derAsn1Gn: {
      const name = readGeneralName(identity.data);
      return name === undefined ? 'a general name that cannot be read' : formatGeneralName(name);
    }
    default: {
      const range = identityRange(identity);
      return range === undefined ? idTypeName(identity.idType) : `IP=${formatRange(range)}`;
    }
  }
}

/** Everything a certificate proves, for people. */
export function formatNames(certificate: Certificate): string {
  const names = certificate.altNames.map(formatGeneralName);
  return [`subject "${formatName(certificate.subject)}"`, ...names].join(', ');
}
