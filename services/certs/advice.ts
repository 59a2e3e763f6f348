/** What will go wrong with the certificates at hand, said before a negotiation does. */
import { type IkeConfig, type Rule, usesCertificates } from '../policy/rule.js';
import { describeCertificate } from './certificate.js';
import { localIdentity, selectedCertificate } from './local.js';
import { formatDay } from './revocation.js';
import type { CertificateStores } from './stores.js';
import { formatSelector, matchesAnySelector, parseSelector, selectorOf } from './selectors.js';

/** Sentences for an operator; none when all is well. `now` is `Clock.wallTime()`. */
export function certificateAdvice(
  config: Pick<IkeConfig, 'globals' | 'rules'>,
  stores: CertificateStores,
  now: number,
): readonly string[] {
  const rules = config.rules.filter(usesCertificates);
  const [first] = rules;
  if (first === undefined) return [];
  const { file: configFile } = first.position;
  const advice = rules.flatMap((rule) => ruleAdvice(rule, stores, now));
  const selectors = [
    ...config.globals.certRoots.map((written) => ({ keyword: 'cert_root', written })),
    ...config.globals.certTrusts.map((written) => ({ keyword: 'cert_trust', written })),
  ];
  for (const { keyword, written } of selectors) {
    const selector = selectorOf(written);
    const selects = stores.certificates.some(({ certificate, slot }) =>
      matchesAnySelector(certificate, [selector], slot),
    );
    if (!selects && !selector.negated)
      advice.push(
        `${configFile}: note: ${keyword} "${written}" selects no certificate in etc/inet/ike/publickeys.`,
      );
  }
  if (selectors.length === 0)
    advice.push(
      `${configFile}: note: there is neither a cert_root nor a cert_trust, so no certificate of a peer will be accepted.`,
    );
  return [...new Set(advice)];
}

function ruleAdvice(rule: Rule, stores: CertificateStores, now: number): string[] {
  const methods = new Set(
    rule.transforms.map(({ method }) => method).filter((method) => method !== 'preshared'),
  );
  const where = `${rule.position.file}:${String(rule.position.line)}:${String(rule.position.column)}`;
  const faulty = rule.remoteIds.flatMap((selector) => {
    const parsed = parseSelector(selector.text);
    return parsed.ok
      ? []
      : [
          `${where}: note: remote_id ${formatSelector(selector)} of rule "${rule.label}" selects nothing: ${parsed.error}.`,
        ];
  });
  const own = [...methods].flatMap((method) => {
    const found = selectedCertificate(rule, method, stores);
    if (!found.ok) return [`${where}: note: ${found.error.explanation} ${found.error.hint}`];
    const { certificate, file, privateKey } = found.value;
    const said: string[] = [];
    if (privateKey !== undefined && 'object' in privateKey && !stores.pins.has(privateKey.object.token))
      said.push(
        `${where}: note: the private key for rule "${rule.label}" is on PKCS#11 token "${privateKey.object.token}": after each start unlock it with ikeadm token login "${privateKey.object.token}".`,
      );
    // Of the address only its family matters, and that only for `local_id_type ip`.
    const identity = localIdentity(rule, certificate, rule.localAddresses[0]?.begin ?? '0.0.0.0');
    if (!identity.ok) said.push(`${where}: note: ${identity.error.explanation} ${identity.error.hint}`);
    if (now > certificate.notAfter)
      said.push(
        `${file}: warning: our certificate ${describeCertificate(certificate)} expired on ${formatDay(certificate.notAfter)}: peers refuse it, have it renewed.`,
      );
    else if (now < certificate.notBefore)
      said.push(
        `${file}: our certificate ${describeCertificate(certificate)} is valid only from ${formatDay(certificate.notBefore)}.`,
      );
    return said;
  });
  return [...faulty, ...own];
}
