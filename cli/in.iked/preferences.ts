/** What the daemon is to be like: flags before properties of the service, those before what is built in. */
import { readFileSync } from 'node:fs';
import { StartRefused } from '../../machines/daemon.js';
import { ALL_DEBUG } from '../../services/admin/debug-levels.js';
import type { PrivilegeLevel } from '../../services/admin/privilege-levels.js';
import {
  NO_PROPERTIES,
  parseServiceProperties,
  type ServiceProperties,
} from '../../services/config/service-properties.js';
import type { Arguments } from './arguments.js';

export interface Preferences {
  /** Undefined for the one below the root. */
  readonly configFile: string | undefined;
  readonly privilege: PrivilegeLevel;
  readonly debugLevel: number;
  /** Undefined for stderr. */
  readonly logFile: string | undefined;
  /** Whether a start with broken files goes on without their rules. */
  readonly ignoreErrors: boolean;
}

/** `op`, and `config` so that notes about unusable rules are seen. */
const BUILT_IN_DEBUG = 0x204;

/** Throws `StartRefused` when the properties cannot be read or have mistakes. */
export function readPreferences(args: Arguments): Preferences {
  return combine(
    args,
    args.propertiesFile === undefined ? NO_PROPERTIES : readProperties(args.propertiesFile),
  );
}

/** Before any property was read, and without one. */
export function preferencesOfFlags(args: Arguments): Preferences {
  return combine(args, NO_PROPERTIES);
}

function combine(args: Arguments, properties: ServiceProperties): Preferences {
  return {
    configFile: args.configFile ?? properties.configFile,
    privilege: args.privilege ?? properties.privilege ?? 0,
    debugLevel: args.debugLevel ?? (args.debug ? ALL_DEBUG : (properties.debugLevel ?? BUILT_IN_DEBUG)),
    logFile: args.logFile ?? properties.debugLogfile,
    ignoreErrors: args.ignoreErrors ?? properties.ignoreErrors ?? false,
  };
}

function readProperties(file: string): ServiceProperties {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartRefused('configuration', [`The properties of the service cannot be read: ${why}.`]);
  }
  const properties = parseServiceProperties(text);
  if (!properties.ok) throw new StartRefused('configuration', properties.error);
  return properties.value;
}
