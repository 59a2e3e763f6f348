/** Certificates and CRLs whose time is over or soon will be, and one RSA key for two uses. */
import { type Certificate, describeCertificate } from '../certs/certificate.js';
import { selectedCertificate } from '../certs/local.js';
import { formatDay } from '../certs/revocation.js';
import { formatName } from '../certs/name.js';
import type { CertificateStores } from '../certs/stores.js';
import { trustedRoots, trustedThemselves } from '../certs/trust.js';
import type { Diagnostic } from '../config/diagnostic.js';
import { formatDiagnostic } from '../config/diagnostic.js';
import { type IkeConfig, type Rule, usesCertificates } from '../policy/rule.js';
import { warning } from './warning.js';

const DAY_MS = 86_400_000;
/** Time enough to have a certificate renewed. */
const SOON_DAYS = 30;

/** Lines for an operator. `now` is `Clock.wallTime()`. Our own certificates that have expired are noted elsewhere. */
export function certificateWarnings(
  { globals, rules }: Pick<IkeConfig, 'globals' | 'rules'>,
  stores: CertificateStores,
  now: number,
): readonly string[] {
  const users = rules.filter((rule) => rule.unusable === undefined && usesCertificates(rule));
  if (users.length === 0) return [];
  const roots = trustedRoots(globals, stores);
  const trusted = [...roots, ...trustedThemselves(globals, stores)];
  const own = users.flatMap((rule) => ownCertificates(rule, stores));
  return [
    ...new Set([
      ...trusted.flatMap(({ certificate, file }) => timeWarning(file, certificate, now, true)),
      ...own.flatMap(({ certificate, file }) => timeWarning(file, certificate, now, false)),
      ...(globals.ignoreCrls ? [] : crlWarnings(stores, now)),
      ...twoUses(users, stores).map(formatDiagnostic),
    ]),
  ];
}

function ownCertificates(rule: Rule, stores: CertificateStores) {
  return [...new Set(rule.transforms.map(({ method }) => method))].flatMap((method) => {
    const found = method === 'preshared' ? undefined : selectedCertificate(rule, method, stores);
    return found?.ok === true ? [found.value] : [];
  });
}

function timeWarning(
  file: string,
  certificate: Certificate,
  now: number,
  alsoOver: boolean,
): readonly string[] {
  const { notAfter } = certificate;
  const which = describeCertificate(certificate);
  if (now > notAfter)
    return alsoOver
      ? [
          `${file}: warning: ${which} expired on ${formatDay(notAfter)}: what it vouches for is refused; get the new one.`,
        ]
      : [];
  const days = Math.floor((notAfter - now) / DAY_MS);
  return days >= SOON_DAYS
    ? []
    : [
        `${file}: warning: ${which} expires on ${formatDay(notAfter)}, in ${String(days)} day(s): have it renewed.`,
      ];
}

function crlWarnings({ crls }: CertificateStores, now: number): readonly string[] {
  return crls.flatMap(({ source, crl }) =>
    crl.nextUpdate !== undefined && now > crl.nextUpdate
      ? [
          `${source}: warning: the CRL of "${formatName(crl.issuer)}" ran out on ${formatDay(crl.nextUpdate)}: get the newest one, or certificates of this authority are refused.`,
        ]
      : [],
  );
}

/** Felsch et al., USENIX Security 2018: an oracle of the encryption modes breaks signatures of the same key. */
function twoUses(rules: readonly Rule[], stores: CertificateStores): readonly Diagnostic[] {
  const users = (method: 'rsa_sig' | 'rsa_encrypt') =>
    rules.flatMap((rule) => {
      const transform = rule.transforms.find((candidate) => candidate.method === method);
      const found = transform && selectedCertificate(rule, method, stores);
      return found?.ok === true ? [{ rule, transform, file: found.value.file }] : [];
    });
  const signing = users('rsa_sig');
  return users('rsa_encrypt').flatMap(({ rule, transform, file }) => {
    const other = signing.find((user) => user.file === file);
    if (other === undefined || transform === undefined) return [];
    return [
      warning(
        transform.position,
        `the RSA key of ${file} decrypts here and signs for rule "${other.rule.label}" of line ${String(other.rule.position.line)}: what gives away the one breaks the other`,
        'use a key of its own for rsa_encrypt, or do without rsa_encrypt',
        rule.label,
      ),
    ];
  });
}
