/** The properties `config/*` of the SMF service, as svcprop(1) prints them: `config/debug_level astring op`. */
import { parseServiceDebugLevel } from '../admin/debug-levels.js';
import { parsePrivilegeLevel, type PrivilegeLevel } from '../admin/privilege-levels.js';
import { err, ok, type Result } from '../result.js';

/** What is undefined is not set. */
export interface ServiceProperties {
  readonly configFile: string | undefined;
  readonly privilege: PrivilegeLevel | undefined;
  readonly debugLevel: number | undefined;
  readonly debugLogfile: string | undefined;
  readonly ignoreErrors: boolean | undefined;
}

export const NO_PROPERTIES: ServiceProperties = {
  configFile: undefined,
  privilege: undefined,
  debugLevel: undefined,
  debugLogfile: undefined,
  ignoreErrors: undefined,
};

/** Names of the properties that the daemon reads, in the group `config`. */
export const PROPERTIES = [
  'config_file',
  'admin_privilege',
  'debug_level',
  'debug_logfile',
  'ignore_errors',
] as const;

/** Properties of other names are another program's business. The errors are whole lines, all mistakes in one go. */
export function parseServiceProperties(text: string): Result<ServiceProperties, readonly string[]> {
  const values = new Map<string, string>();
  const mistakes: string[] = [];
  for (const line of text.split('\n')) {
    const [, name = '', escaped = ''] = /^config\/(\S+) \S+(?: (.*))?$/.exec(line) ?? [];
    if (name !== '') values.set(name, unescaped(escaped));
  }
  const read = <T>(
    name: (typeof PROPERTIES)[number],
    parse: (value: string) => T | undefined,
    wanted: string,
  ): T | undefined => {
    const value = values.get(name);
    // An empty value is svccfg's way to say nothing.
    if (value === undefined || value === '') return undefined;
    const parsed = parse(value);
    if (parsed === undefined)
      mistakes.push(
        `The property config/${name} is "${value}"; expected ${wanted}. Set it with svccfg -s ipsec/ike setprop config/${name} = ..., then svcadm refresh ike.`,
      );
    return parsed;
  };
  const path = (value: string): string | undefined => (value.startsWith('/') ? value : undefined);
  const properties: ServiceProperties = {
    configFile: read('config_file', path, 'an absolute path'),
    privilege: read('admin_privilege', parsePrivilegeLevel, 'base, modkeys, keymat, or 0 to 2'),
    debugLevel: read(
      'debug_level',
      (value) => {
        const level = parseServiceDebugLevel(value);
        return level.ok ? level.value : undefined;
      },
      'a number, or categories such as op+p1+p2',
    ),
    debugLogfile: read('debug_logfile', path, 'an absolute path'),
    ignoreErrors: read(
      'ignore_errors',
      (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
      'true or false',
    ),
  };
  return mistakes.length === 0 ? ok(properties) : err(mistakes);
}

/** svcprop writes an empty string as `""` and a backslash before what a shell would not leave alone. */
function unescaped(value: string): string {
  return value === '""' ? '' : value.replaceAll(/\\(.)/g, '$1');
}
