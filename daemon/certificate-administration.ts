/** What the door may ask about certificates: those of the files, those that were fetched, those that peers showed. */
import type {
  CertificateAdministration,
  CertificateView,
} from '../services/admin/certificate-administration.js';
import { type CertificateNames, namesOf } from '../services/certs/certificate-names.js';
import { type CertificateStores, isAvailable, type StoredCertificate } from '../services/certs/stores.js';
import { trustedRoots, trustedThemselves } from '../services/certs/trust.js';
import type { IkeConfig } from '../services/policy/rule.js';
import { ok } from '../services/result.js';
import type { Engine } from './engine.js';
import type { Settings } from './settings.js';

export interface CertificateAdministrationOptions {
  /** Reads certificates, CRLs and private keys again; what is wrong with them becomes notes, never a refusal. */
  readonly readCertificates: (config: IkeConfig) => CertificateStores;
  /** Puts settings into use and sees to the keys that went. */
  readonly replaceSettings: (settings: Settings) => void;
  /** Forgets what was fetched, and begins anew with these stores. */
  readonly flushFetched: (stores: CertificateStores) => void;
}

export function certificateAdministration(
  engine: Engine,
  options: CertificateAdministrationOptions,
): CertificateAdministration {
  /** Certificates of peers that were flushed: their SAs live on, but the listing begins anew. */
  let forgotten = new WeakSet<CertificateNames>();
  const shownByPeers = function* (): Generator<CertificateNames> {
    for (const { sa } of engine.table.phase1())
      if (sa.peerCertificate !== undefined && !forgotten.has(sa.peerCertificate)) yield sa.peerCertificate;
  };
  return {
    certificatesFrom(from) {
      const views = viewsOf(engine.settings, shownByPeers());
      const at = Math.max(1, from);
      const entry = views[at - 1];
      return entry && { entry, next: at < views.length ? at + 1 : undefined };
    },
    flushCertificates() {
      forgotten = new WeakSet();
      for (const { sa } of engine.table.phase1())
        if (sa.peerCertificate !== undefined) forgotten.add(sa.peerCertificate);
      const { settings } = engine;
      const read = options.readCertificates(settings.config);
      // What is known of the tokens is not in files.
      const certificates = { ...read, tokens: settings.certificates.tokens };
      options.replaceSettings({ ...settings, certificates });
      options.flushFetched(certificates);
      return Promise.resolve(ok(undefined));
    },
  };
}

/** Those of the files in the order of their slots, then what came from elsewhere and is not among them. */
function viewsOf(
  { config: { globals }, certificates: stores }: Settings,
  shownByPeers: Iterable<CertificateNames>,
): readonly CertificateView[] {
  const trusted = new Set([...trustedRoots(globals, stores), ...trustedThemselves(globals, stores)]);
  const views: CertificateView[] = [];
  const seen = new Set<string>();
  const add = (names: CertificateNames, view: Pick<CertificateView, 'trusted' | 'link'>): void => {
    const { subject, issuer } = names;
    seen.add(keyOf(names));
    views.push({ id: views.length + 1, subject, issuer, ...view });
  };
  for (const stored of stores.certificates)
    add(namesOf(stored.certificate), { trusted: trusted.has(stored), link: linkOf(stored, stores) });
  const fetched = stores.fetched.certificates.map(({ certificate }) => namesOf(certificate));
  for (const names of [...fetched, ...shownByPeers])
    if (!seen.has(keyOf(names))) add(names, { trusted: false, link: 'received' });
  return views;
}

function keyOf({ issuer, serial }: CertificateNames): string {
  return `${serial} ${issuer}`;
}

function linkOf({ privateKey }: StoredCertificate, stores: CertificateStores): CertificateView['link'] {
  if (privateKey === undefined) return 'public';
  return isAvailable(privateKey, stores) ? 'available' : 'locked';
}
