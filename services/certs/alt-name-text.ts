/** What `ikecert -A` says: one subject alternative name (RFC 5280 4.2.1.6). */
import { GeneralName } from '@peculiar/asn1-x509';
import { parseAddress } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { parseName } from './name.js';
import { encodeName } from './name-encoding.js';

const TAGS = 'IP, DNS, EMAIL, URI, DN or RID';

/** Letters, digits and hyphens, dots between them; a wildcard may stand first (RFC 1123 2.1, RFC 6125 6.4.3). */
const HOST = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/i;

/** `DNS=gw.example.net`. The error is a sentence part: "`10.0.0` is no IPv4 or IPv6 address". */
export function parseAltName(text: string): Result<GeneralName, string> {
  const equals = text.indexOf('=');
  if (equals < 0) return err(`it has no tag; write TAG=value, the tag one of ${TAGS}`);
  const tag = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  if (value === '') return err(`nothing follows \`${tag}=\``);
  switch (tag.toUpperCase()) {
    case 'IP': {
      const iPAddress = parseAddress(value);
      return iPAddress === undefined
        ? err(`\`${value}\` is no IPv4 or IPv6 address`)
        : ok(new GeneralName({ iPAddress }));
    }
    case 'DNS':
      return HOST.test(value) && value.length <= 253
        ? ok(new GeneralName({ dNSName: value }))
        : err(`\`${value}\` is no host name`);
    case 'EMAIL': {
      const at = value.lastIndexOf('@');
      return at > 0 && /^[\x21-\x7e]+$/.test(value) && HOST.test(value.slice(at + 1))
        ? ok(new GeneralName({ rfc822Name: value }))
        : err(`\`${value}\` is no mailbox of the form user@host`);
    }
    case 'URI':
      return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value)
        ? ok(new GeneralName({ uniformResourceIdentifier: value }))
        : err(`\`${value}\` is no URI with a scheme, such as https://gw.example.net/`);
    case 'RID':
      return isOid(value)
        ? ok(new GeneralName({ registeredID: value }))
        : err(`\`${value}\` is no object identifier, such as 1.3.6.1.4.1.1`);
    case 'DN': {
      const name = parseName(value);
      const encoded = name.ok ? encodeName(name.value) : name;
      return encoded.ok ? ok(new GeneralName({ directoryName: encoded.value })) : encoded;
    }
    default:
      return err(`\`${tag}\` is no tag; write one of ${TAGS}`);
  }
}

/** X.660: the first arc is 0, 1 or 2, and below 0 and 1 the second ends at 39. */
function isOid(text: string): boolean {
  const [first = '', second = ''] = text.split('.');
  return /^[0-2](\.(0|[1-9]\d{0,15}))+$/.test(text) && (first === '2' || Number(second) < 40);
}
