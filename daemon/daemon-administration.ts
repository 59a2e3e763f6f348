/** What the door may ask about the daemon as a whole: counters, defaults, algorithms, debug output, privilege. */
import type { Administration } from '../services/admin/administration.js';
import type { DefaultsView } from '../services/admin/door/defaults.js';
import type { PrivilegeLevel } from '../services/admin/privilege-levels.js';
import { BUILT_GROUPS, BUILT_HASHES, BUILT_PHASE1_CIPHERS } from '../services/policy/capabilities.js';
import type { GlobalParameters } from '../services/policy/rule.js';
import { err, ok } from '../services/result.js';
import type { Engine } from './engine.js';

export type DaemonAdministration = Pick<
  Administration,
  'statistics' | 'defaults' | 'algorithms' | 'debugLevel' | 'setDebugLevel' | 'privilege' | 'lowerPrivilege'
>;

export interface DebugOutput {
  readonly level: number;
  readonly hasOutput: boolean;
  setLevel(level: number): void;
  /** Appends to an open descriptor from now on, which becomes its own. */
  writeToDescriptor(descriptor: number): void;
}

export interface DaemonAdministrationOptions {
  readonly builtIn: GlobalParameters;
  readonly privilege: PrivilegeLevel;
  readonly ikePort: number;
  readonly nattPort: number;
  readonly debug: DebugOutput;
  /** Path of the PKCS #11 library in use; empty when there is none. */
  readonly tokenLibrary: () => string;
  /** Told whenever the level was lowered. */
  readonly privilegeLowered?: (level: PrivilegeLevel) => void;
}

/** What the embedded kernel's SAs get where nothing else is said: RFC 2407 4.5. */
const SYSTEM_LIFETIME_SECONDS = 28_800;
/** ipsecesp's default soft limit, which `ikeadm get defaults` shows (ipsecesp(4P)). */
const SYSTEM_SOFTLIFE_SECONDS = 24_000;

export function daemonAdministration(
  engine: Engine,
  options: DaemonAdministrationOptions,
): DaemonAdministration {
  const { debug } = options;
  let privilege = options.privilege;
  return {
    statistics: () => {
      const current = { initiator: 0, responder: 0 };
      for (const { sa } of engine.table.phase1()) current[sa.role] += 1;
      return { ...engine.statistics.view(current), library: options.tokenLibrary() };
    },
    defaults: () => ({
      builtIn: defaultsOf(options.builtIn, options),
      inUse: defaultsOf(engine.settings.config.globals, options),
    }),
    algorithms: () => ({ groups: BUILT_GROUPS, ciphers: BUILT_PHASE1_CIPHERS, hashes: BUILT_HASHES }),
    debugLevel: () => debug.level,
    setDebugLevel: (level, file) => {
      if (file !== undefined) {
        const kept = file.keep();
        if (!kept.ok) return err({ name: 'SYS_ERR', errno: kept.error });
        debug.writeToDescriptor(kept.value);
      } else if (!debug.hasOutput) {
        return err({ name: 'NO_DESC' });
      }
      debug.setLevel(level);
      return ok(undefined);
    },
    privilege: () => privilege,
    lowerPrivilege: (level) => {
      privilege = level;
      options.privilegeLowered?.(level);
    },
  };
}

function defaultsOf(globals: GlobalParameters, options: DaemonAdministrationOptions): DefaultsView {
  const { phase2 } = globals;
  const lifetime = phase2.lifetimeSeconds ?? SYSTEM_LIFETIME_SECONDS;
  return {
    rule_p1_lifetime_secs: globals.phase1LifetimeSeconds,
    rule_p1_minlife: 0,
    rule_p1_nonce_len: globals.phase1NonceLength,
    rule_p2_lifetime_secs: lifetime,
    rule_p2_softlife_secs: phase2.softlifeSeconds ?? Math.floor(lifetime * 0.9),
    rule_p2_idletime_secs: phase2.idletimeSeconds ?? 0,
    sys_p2_lifetime_secs: SYSTEM_LIFETIME_SECONDS,
    sys_p2_softlife_secs: SYSTEM_SOFTLIFE_SECONDS,
    sys_p2_idletime_secs: 0,
    rule_p2_lifetime_kb: phase2.lifetimeKb ?? 0,
    rule_p2_softlife_kb: phase2.softlifeKb ?? 0,
    sys_p2_lifetime_bytes: 0,
    sys_p2_softlife_bytes: 0,
    rule_p2_minlife_hard_secs: 0,
    rule_p2_minlife_soft_secs: 0,
    rule_p2_minlife_idle_secs: 0,
    rule_p2_minlife_hard_kb: 0,
    rule_p2_minlife_soft_kb: 0,
    rule_p2_maxlife_secs: 0,
    rule_p2_maxlife_kb: 0,
    rule_p2_nonce_len: globals.phase2NonceLength,
    rule_p2_pfs: phase2.pfsGroup,
    rule_p2_mindiff_secs: 0,
    rule_p2_mindiff_kb: 0,
    conversion_factor: 0,
    rule_max_certs: globals.maxCerts,
    rule_ike_port: options.ikePort,
    rule_natt_port: options.nattPort,
  };
}
