/** Reads ike.config, ike.preshared and the policy file; all mistakes of all files in one go. */
import { NodeFiles } from '../../adapters/files/node-files.js';
import { handlesIn } from '../../daemon/configuration.js';
import type { Settings } from '../../daemon/settings.js';
import { StartRefused } from '../../machines/daemon.js';
import { certificateWarnings } from '../../services/advice/certificate-warnings.js';
import { policyAdvice } from '../../services/advice/policy-advice.js';
import { presharedAdvice } from '../../services/advice/preshared-advice.js';
import { ruleAdvice } from '../../services/advice/rule-advice.js';
import { type Diagnostic, formatDiagnostic } from '../../services/config/diagnostic.js';
import { emptyIkeConfig, parseIkeConfig } from '../../services/config/ike-config.js';
import { parsePreshared } from '../../services/config/ike-preshared.js';
import { parseIpsecPolicies } from '../../services/config/ipsec-policy.js';
import type { FileFault } from '../../services/ports/files.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import type { Keys } from '../../services/ports/keys.js';
import type { Result } from '../../services/result.js';
import { readCertificates } from './read-certificates.js';
import type { Paths } from './paths.js';

export interface Reading {
  readonly settings: Settings;
  readonly policies: readonly IpsecPolicy[];
  /** Notes and warnings, one line each. */
  readonly notes: readonly string[];
  /** What is weak in the configuration, or hardly what was meant, one line each: to be said once. */
  readonly advice: readonly string[];
  /** Why files count as empty, one line each. */
  readonly faults: readonly string[];
}

export interface ReadingOptions {
  readonly policyFile: string | undefined;
  readonly keys: Keys;
  /** `Clock.wallTime()`. */
  readonly now: number;
  /** Whether a file with mistakes counts as empty, instead of all being refused. */
  readonly ignoreErrors: boolean;
}

/** What comes of `adopt`; when it throws, nothing will use what was read, and of its keys nothing stays. */
export function orErased<T>(keys: Keys, settings: Settings, adopt: () => T): T {
  try {
    return adopt();
  } catch (error) {
    keys.erase(...handlesIn(settings));
    throw error;
  }
}

/** Throws `StartRefused` with every mistake. Key bytes go into `keys`; nothing is kept when anything is refused. */
export function readSettings(paths: Paths, { policyFile, keys, now, ignoreErrors }: ReadingOptions): Reading {
  const files = new NodeFiles();
  const faults: string[] = [];
  const notes: string[] = [];
  const reasons = new Set<FileFault['reason']>();
  const text = (result: Result<string, FileFault>): string | undefined => {
    if (result.ok) return result.value;
    faults.push(result.error.message);
    reasons.add(result.error.reason);
    return undefined;
  };
  const sort = (diagnostics: readonly Diagnostic[]): void => {
    for (const diagnostic of diagnostics) {
      (diagnostic.severity === 'error' ? faults : notes).push(formatDiagnostic(diagnostic));
    }
  };
  const configText = text(files.read(paths.config));
  const parsed = configText === undefined ? undefined : parseIkeConfig(configText, paths.config);
  sort(parsed?.diagnostics ?? []);
  const policyText = policyFile === undefined ? undefined : text(files.read(policyFile));
  const policies = policyText === undefined ? undefined : parseIpsecPolicies(policyText, policyFile ?? '');
  sort(policies?.diagnostics ?? []);
  const kept: ReturnType<Keys['put']>[] = [];
  const secretText = text(files.readSecret(paths.preshared));
  const preshared =
    secretText === undefined
      ? undefined
      : parsePreshared(secretText, paths.preshared, (bytes) => {
          const handle = keys.put(bytes);
          kept.push(handle);
          return handle;
        });
  sort(preshared?.diagnostics ?? []);
  const config = parsed?.config;
  const presharedKeys = preshared?.keys;
  const complete = faults.length === 0 && config !== undefined && presharedKeys !== undefined;
  if (presharedKeys === undefined || (!complete && !ignoreErrors)) keys.erase(...kept);
  if (!complete && !ignoreErrors) {
    const permission = reasons.has('permission') || reasons.has('insecure');
    throw new StartRefused(permission ? 'permission' : 'configuration', faults);
  }
  const inUse = config ?? emptyIkeConfig();
  const certificates = readCertificates(paths.certificates, inUse, now, (key) => keys.put(key));
  notes.push(...certificates.notes);
  const advice = [
    ...[
      ...ruleAdvice(inUse),
      ...presharedAdvice(presharedKeys ?? [], (key) => keys.bytes(key)),
      ...policyAdvice(policies?.policies ?? []),
    ].map(formatDiagnostic),
    ...certificateWarnings(inUse, certificates.stores, now),
  ];
  return {
    settings: {
      config: inUse,
      presharedKeys: presharedKeys ?? [],
      certificates: certificates.stores,
    },
    policies: policies?.policies ?? [],
    notes,
    advice,
    faults,
  };
}
