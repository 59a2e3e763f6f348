/** What to say, and what to fetch, when no CRL clears a certificate. */
import type { GlobalParameters } from '../policy/rule.js';
import { type Certificate, describeCertificate } from './certificate.js';
import type { LinkFault } from './link-fault.js';
import { formatName, printable } from './name.js';
import { describeRevocation, formatDay, type RevocationFault } from './revocation.js';
import type { FetchedView } from './stores.js';

export interface FetchContext {
  readonly globals: GlobalParameters;
  readonly fetched: FetchedView;
}

export function explainRevocation(
  certificate: Certificate,
  issuer: Certificate,
  fault: RevocationFault,
  context: FetchContext,
): LinkFault {
  const which = `the certificate ${describeCertificate(certificate)}`;
  if (fault.kind === 'revoked') {
    return {
      code: 'certificate-revoked',
      blame: 'peer',
      explanation: `${capital(which)} was revoked by "${formatName(issuer.subject)}" (${describeRevocation(fault.revocation)}), says ${fault.source}.`,
      hint: 'Have a new one issued, unless the old key got lost to somebody: then be glad.',
    };
  }
  const uris = fetchable(certificate);
  const wanted = [{ kind: 'crl', issuer: formatName(issuer.subject), uris } as const];
  const hint = howToGetOne(uris, context);
  const of = `of "${formatName(issuer.subject)}"`;
  switch (fault.kind) {
    case 'missing':
      return {
        code: 'crl-missing',
        blame: 'config',
        explanation: `No CRL ${of} is at hand, so it is not known whether ${which} was revoked.`,
        hint,
        wanted,
      };
    case 'stale':
      return {
        code: 'crl-stale',
        blame: 'config',
        explanation: `The newest CRL ${of} (${fault.source}) ${fault.why === 'over' ? 'ran out on' : 'holds only from'} ${formatDay(fault.at)}, so it is not known whether ${which} was revoked.`,
        hint: fault.why === 'over' ? hint : 'Check the clock of this host.',
        wanted,
      };
    case 'unusable':
      return {
        code: 'crl-unusable',
        blame: 'config',
        explanation: `The CRL ${of} (${fault.source}) must not be used: ${fault.why}. So it is not known whether ${which} was revoked.`,
        hint,
        wanted,
      };
  }
}

/** Addresses at which a certificate's CRL may be fetched. */
export function fetchable({ crlDistributionPoints }: Certificate): readonly string[] {
  return crlDistributionPoints.flatMap(({ uris, indirect }) =>
    indirect ? [] : uris.filter((uri) => /^(http|ldap):/i.test(uri)),
  );
}

function howToGetOne(uris: readonly string[], { globals, fetched }: FetchContext): string {
  const byHand =
    'put a current CRL into etc/inet/ike/crls (ikecert certrldb -a) and send SIGHUP, or set ignore_crls';
  const pending = uris.find((uri) => fetched.pending.has(uri));
  if (pending !== undefined)
    return `It is being fetched from ${printable(pending)}: try again in a few seconds. Otherwise ${byHand}.`;
  const failed = uris.find((uri) => fetched.failed.has(uri));
  if (failed !== undefined) {
    const why = fetched.failed.get(failed) ?? '';
    return `It could not be fetched from ${printable(failed)}: ${printable(why)}. Mend that, or ${byHand}.`;
  }
  const http = uris.find((uri) => /^http:/i.test(uri));
  if (http !== undefined && !globals.useHttp)
    return `Set use_http, and it will be fetched from ${printable(http)}; or ${byHand}.`;
  if (http !== undefined || globals.ldapServers.length > 0)
    return `A fetch has been asked for: try again in a few seconds. Otherwise ${byHand}.`;
  return `${capital(byHand)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
