/** What `ike.config` says, after defaults have been applied. Positions are kept so that explanations can name a line. */
import type { AuthMethod, GroupNumber, HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import type { AddressRange } from '../net/address.js';

export interface SourcePosition {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Identity types by their canonical `ike.config` spelling. */
export type IdTypeKeyword =
  | 'ip'
  | 'ipv4'
  | 'ipv4_prefix'
  | 'ipv4_range'
  | 'ipv6'
  | 'ipv6_prefix'
  | 'ipv6_range'
  | 'fqdn'
  | 'user_fqdn'
  | 'dn'
  | 'gn';

export interface Phase1Transform {
  readonly method: AuthMethod;
  readonly group: GroupNumber;
  readonly hash: HashAlgorithm;
  readonly cipher: Phase1Cipher;
  /** Only for ciphers with a Key Length attribute: `aes` without a range has 128..256; blowfish has 40..448. */
  readonly keyBits: { readonly low: number; readonly high: number } | undefined;
  readonly lifetimeSeconds: number;
  readonly position: SourcePosition;
}

/** The same as a default of the file: without a lifetime it takes the file's at the place of the rule. */
export type TransformDefault = Omit<Phase1Transform, 'lifetimeSeconds'> & {
  readonly lifetimeSeconds: number | undefined;
};

/** A certificate selector as written, without the `!`. */
export interface CertificateSelector {
  readonly text: string;
  readonly negated: boolean;
}

export interface Phase2Parameters {
  /** Undefined: the kernel's or the daemon's default applies. */
  readonly lifetimeSeconds: number | undefined;
  readonly softlifeSeconds: number | undefined;
  readonly idletimeSeconds: number | undefined;
  readonly lifetimeKb: number | undefined;
  readonly softlifeKb: number | undefined;
  /** Oakley group of PFS; 0 is none. */
  readonly pfsGroup: GroupNumber;
}

export type Phase2Keyword =
  | 'p2_lifetime_secs'
  | 'p2_softlife_secs'
  | 'p2_idletime_secs'
  | 'p2_lifetime_kb'
  | 'p2_softlife_kb'
  | 'p2_pfs';

/** As written, by keyword, with the place of each. 0 of a lifetime says that there is none. */
export type Phase2Settings = Readonly<
  Partial<Record<Phase2Keyword, { readonly value: number; readonly position: SourcePosition }>>
>;

/** Which Phase 1 exchanges a rule allows; `both` begins with Main Mode. An extension of ike.config(5). */
export type IkeMode = 'main' | 'aggressive' | 'both';

export interface Rule {
  readonly label: string;
  readonly ikeMode: IkeMode;
  readonly localAddresses: readonly AddressRange[];
  readonly remoteAddresses: readonly AddressRange[];
  readonly localIdType: IdTypeKeyword;
  readonly localIds: readonly CertificateSelector[];
  readonly remoteIds: readonly CertificateSelector[];
  /** Only the transforms this version can run, in the order of the file. Empty when `unusable` is set. */
  readonly transforms: readonly Phase1Transform[];
  /** All of them, in the order of the file, with those that this version cannot run. */
  readonly written: readonly Phase1Transform[];
  readonly phase2: Phase2Parameters;
  readonly position: SourcePosition;
  /** Why the rule is valid but cannot be used by this version; undefined when it can. */
  readonly unusable: string | undefined;
}

/** For failures that name it. */
export function placeOfRule({ label, position: { file, line } }: Pick<Rule, 'label' | 'position'>) {
  return { what: `rule "${label}"`, file, line };
}

/** Whether the ends prove themselves with certificates. */
export function usesCertificates(rule: Rule): boolean {
  return rule.transforms.some(({ method }) => method !== 'preshared');
}

/** File-level values in use, defaults filled in. Seconds may have fractions for the retry timers only. */
export interface GlobalParameters {
  readonly expireTimerSeconds: number;
  readonly retryLimit: number;
  readonly retryTimerInitSeconds: number;
  readonly retryTimerMaxSeconds: number;
  /** How often a peer is looked at for signs of life; 0: it is never asked. */
  readonly dpdIntervalSeconds: number;
  readonly phase1LifetimeSeconds: number;
  readonly phase1NonceLength: number;
  readonly phase2NonceLength: number;
  readonly phase2: Phase2Parameters;
  readonly certRoots: readonly string[];
  readonly certTrusts: readonly string[];
  readonly ldapServers: readonly { readonly host: string; readonly port: number }[];
  readonly pkcs11Path: string | undefined;
  readonly proxy: string | undefined;
  readonly socks: string | undefined;
  readonly useHttp: boolean;
  readonly ignoreCrls: boolean;
  readonly maxCerts: number;
}

/** What a file says for the rules behind it that say nothing themselves. A rule added at run time is one of these. */
export interface RuleDefaults {
  readonly phase2: Phase2Settings;
  readonly localIdType: IdTypeKeyword | undefined;
  readonly transforms: readonly TransformDefault[];
}

export interface IkeConfig {
  readonly globals: GlobalParameters;
  /** As they are at the end of the file. */
  readonly defaults: RuleDefaults;
  /** In file order; includes the unusable ones. */
  readonly rules: readonly Rule[];
}
