/** Puts the certificate fetcher together with its clients. */
import { HttpClient } from '../../adapters/http/http-client.js';
import { LdapDirectory } from '../../adapters/ldap/ldap-directory.js';
import { CertificateFetcher } from '../../daemon/certificate-fetcher.js';
import { LONGEST_CRL } from '../../services/certs/crl.js';
import type { FetchedView } from '../../services/certs/stores.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events } from '../../services/ports/events.js';

const HTTP_TIMEOUT_MS = 30_000;
const LDAP_TIMEOUT_MS = 15_000;

/** Reads from the event stream what failed negotiations lacked. */
export function openFetcher(
  clock: Clock,
  events: Events,
  publish: (view: FetchedView) => void,
): CertificateFetcher {
  const fetcher = new CertificateFetcher({
    clock,
    events,
    publish,
    http: ({ proxy, socks }) =>
      new HttpClient({ proxy, socks, mostBytes: LONGEST_CRL, timeoutMs: HTTP_TIMEOUT_MS }),
    directory: ({ ldapServers }) =>
      new LdapDirectory({ servers: ldapServers, timeoutMs: LDAP_TIMEOUT_MS, mostBytes: 2 * LONGEST_CRL }),
  });
  events.subscribe(
    (event) => {
      if (event.type === 'negotiation.ended' && event.failure?.wanted !== undefined)
        fetcher.want(event.failure.wanted);
    },
    (type) => type === 'negotiation.ended',
  );
  return fetcher;
}
