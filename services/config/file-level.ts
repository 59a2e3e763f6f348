/** File-level parameters of `ike.config`: their built-in values, and how one is read. */
import type { GlobalParameters, IdTypeKeyword, Phase2Settings } from '../policy/rule.js';
import type { DiagnosticLog } from './diagnostic.js';
import { readIdType, readLdapServers, readSelector, readText } from './identity-value.js';
import { applyPhase2, resolvePhase2 } from './phase2-parameters.js';
import type { Setting } from './setting.js';
import { readFlag, readNumber, readSeconds } from './setting-value.js';

/** RFC 2409 5: a nonce has 8 to 256 bytes. */
const NONCE = { low: 8, high: 256, unit: 'bytes' };

/** What holds when a file says nothing. Those the documentation leaves open are ours: see docs/decisions.md. */
export const BUILT_IN_GLOBALS: GlobalParameters = {
  expireTimerSeconds: 300,
  retryLimit: 5,
  retryTimerInitSeconds: 0.5,
  retryTimerMaxSeconds: 30,
  dpdIntervalSeconds: 30,
  phase1LifetimeSeconds: 3600,
  phase1NonceLength: 20,
  phase2NonceLength: 20,
  phase2: resolvePhase2({}, {}),
  certRoots: [],
  certTrusts: [],
  ldapServers: [],
  pkcs11Path: undefined,
  proxy: undefined,
  socks: undefined,
  useHttp: false,
  ignoreCrls: false,
  maxCerts: 1024,
};

/** What has been said so far. Values that a rule may override are kept apart. */
export interface FileLevel {
  readonly globals: GlobalParameters;
  readonly phase2: Phase2Settings;
  readonly localIdType: IdTypeKeyword | undefined;
}

export const NOTHING_SAID: FileLevel = { globals: BUILT_IN_GLOBALS, phase2: {}, localIdType: undefined };

/** The state after one more setting. The last of several wins, except in lists, which add up. */
export function applyFileLevel(level: FileLevel, setting: Setting, log: DiagnosticLog): FileLevel {
  const name = setting.name;
  if (name === 'local_id_type')
    return { ...level, localIdType: readIdType(setting, log) ?? level.localIdType };
  if (name?.startsWith('p2_') === true && name !== 'p2_nonce_len') {
    return { ...level, phase2: applyPhase2(level.phase2, setting, log) };
  }
  return { ...level, globals: { ...level.globals, ...globalSaid(level.globals, setting, log) } };
}

function globalSaid(
  globals: GlobalParameters,
  setting: Setting,
  log: DiagnosticLog,
): Partial<GlobalParameters> {
  const more = <T>(list: readonly T[], item: T | undefined): readonly T[] =>
    item === undefined ? list : [...list, item];
  switch (setting.name) {
    case 'expire_timer':
      return defined('expireTimerSeconds', readNumber(setting, log, { low: 1, unit: 'seconds' }));
    case 'retry_limit':
      return defined('retryLimit', readNumber(setting, log));
    case 'retry_timer_init':
      return defined('retryTimerInitSeconds', readSeconds(setting, log));
    case 'retry_timer_max':
      return defined('retryTimerMaxSeconds', readSeconds(setting, log));
    case 'dpd_interval_secs':
      return defined('dpdIntervalSeconds', readNumber(setting, log));
    case 'p1_lifetime_secs':
      return defined('phase1LifetimeSeconds', readNumber(setting, log, { low: 1, unit: 'seconds' }));
    case 'p1_nonce_len':
      return defined('phase1NonceLength', readNumber(setting, log, NONCE));
    case 'p2_nonce_len':
      return defined('phase2NonceLength', readNumber(setting, log, NONCE));
    case 'max_certs':
      return defined('maxCerts', readNumber(setting, log));
    case 'cert_root':
      return { certRoots: more(globals.certRoots, selectorText(setting, log)) };
    case 'cert_trust':
      return { certTrusts: more(globals.certTrusts, selectorText(setting, log)) };
    case 'ldap_server':
      return { ldapServers: [...globals.ldapServers, ...(readLdapServers(setting, log) ?? [])] };
    case 'pkcs11_path':
      return defined('pkcs11Path', readText(setting, log, 'the path of a library'));
    case 'proxy':
      return defined('proxy', readText(setting, log, 'a URL'));
    case 'socks':
      return defined('socks', readText(setting, log, 'a URL'));
    case 'use_http':
      return { useHttp: readFlag(setting, log) };
    case 'ignore_crls':
      return { ignoreCrls: readFlag(setting, log) };
    default:
      return {};
  }
}

function selectorText(setting: Setting, log: DiagnosticLog): string | undefined {
  const selector = readSelector(setting, log, 'someone');
  return selector === undefined ? undefined : `${selector.negated ? '!' : ''}${selector.text}`;
}

/** A value that could not be read says nothing; its error is in the log. */
function defined<K extends keyof GlobalParameters>(
  key: K,
  value: GlobalParameters[K] | undefined,
): Partial<GlobalParameters> {
  return value === undefined ? {} : { [key]: value };
}
