/** What certificates and CRLs there are: an immutable value, replaced as a whole by a refresh or a fetch. */
import type { KeyHandle } from '../ports/keys.js';
import type { PrivateKey, TokenObject } from '../ports/public-key.js';
import type { Certificate } from './certificate.js';
import type { Crl } from './crl.js';

export interface StoredCertificate {
  /** Name of the file in `publickeys`: `SLOT=` of a selector. */
  readonly slot: string;
  readonly file: string;
  readonly certificate: Certificate;
  /** Undefined: somebody else's certificate. */
  readonly privateKey: PrivateKey | undefined;
  /** Where the certificate is on a token; the file is then a reference with a copy. */
  readonly onToken?: TokenObject | undefined;
}

/** `absent`: the library knows no such token, or there is no library. */
export type TokenState = 'absent' | 'locked' | 'unlocking' | 'unlocked';

/** A list, and the file or URL it came from. */
export interface SourcedCrl {
  readonly source: string;
  readonly crl: Crl;
}

export interface SourcedCertificate {
  readonly source: string;
  readonly certificate: Certificate;
}

/** What has been fetched over the network up to now. Fetched certificates are never trusted by themselves. */
export interface FetchedView {
  readonly certificates: readonly SourcedCertificate[];
  readonly crls: readonly SourcedCrl[];
  /** URLs being fetched now. */
  readonly pending: ReadonlySet<string>;
  /** URLs that could not be fetched, and why. */
  readonly failed: ReadonlyMap<string, string>;
}

export interface CertificateStores {
  /** In the order of their slots. */
  readonly certificates: readonly StoredCertificate[];
  readonly crls: readonly SourcedCrl[];
  readonly fetched: FetchedView;
  /** By label, of the tokens that private keys are on. One that is not among them has not been looked for yet. */
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** By label: PINs that are written into reference files. */
  readonly pins: ReadonlyMap<string, KeyHandle>;
}

export const NOTHING_FETCHED: FetchedView = {
  certificates: [],
  crls: [],
  pending: new Set(),
  failed: new Map(),
};

export const NO_STORES: CertificateStores = {
  certificates: [],
  crls: [],
  fetched: NOTHING_FETCHED,
  tokens: new Map(),
  pins: new Map(),
};

/** Whether the certificate's private key can be used now; a key that is stored always can. */
export function isAvailable(key: PrivateKey, { tokens }: CertificateStores): boolean {
  return !('object' in key) || tokens.get(key.object.token) === 'unlocked';
}
