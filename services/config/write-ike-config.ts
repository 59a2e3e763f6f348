/** The configuration in use as the text of an `ike.config` (5) that reads back to the same. Comments of the file are gone. */
import { formatRange } from '../net/address.js';
import type {
  GlobalParameters,
  IkeConfig,
  Phase1Transform,
  Phase2Keyword,
  Phase2Parameters,
  Rule,
  RuleDefaults,
  TransformDefault,
} from '../policy/rule.js';
import { BUILT_IN_GLOBALS } from './file-level.js';
import { AES_KEY_BITS } from './key-size.js';
import { decimal } from './number-text.js';
import { resolvePhase2 } from './phase2-parameters.js';

export function writeIkeConfig(config: IkeConfig): string {
  const blocks = [
    [...globalLines(config.globals), ...defaultLines(config.defaults)],
    ...config.rules.map((rule) => ['{', ...ruleLines(rule, config).map((line) => `    ${line}`), '}']),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** One rule on one line, as it would be added to `config`. */
export function writeRule(rule: Rule, config: Pick<IkeConfig, 'globals' | 'defaults'>): string {
  return `{ ${ruleLines(rule, config).join(' ')} }`;
}

const GLOBAL_KEYWORDS = [
  ['expire_timer', 'expireTimerSeconds'],
  ['retry_limit', 'retryLimit'],
  ['retry_timer_init', 'retryTimerInitSeconds'],
  ['retry_timer_max', 'retryTimerMaxSeconds'],
  ['dpd_interval_secs', 'dpdIntervalSeconds'],
  ['max_certs', 'maxCerts'],
  ['p1_lifetime_secs', 'phase1LifetimeSeconds'],
  ['p1_nonce_len', 'phase1NonceLength'],
  ['p2_nonce_len', 'phase2NonceLength'],
] as const satisfies readonly (readonly [string, keyof GlobalParameters])[];

function globalLines(globals: GlobalParameters): readonly string[] {
  const text = (keyword: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [`${keyword} ${quoted(value)}`];
  return [
    ...GLOBAL_KEYWORDS.flatMap(([keyword, name]) =>
      globals[name] === BUILT_IN_GLOBALS[name] ? [] : [`${keyword} ${decimal(globals[name])}`],
    ),
    ...globals.certRoots.flatMap((selector) => text('cert_root', selector)),
    ...globals.certTrusts.flatMap((selector) => text('cert_trust', selector)),
    ...(globals.ignoreCrls ? ['ignore_crls'] : []),
    ...(globals.useHttp ? ['use_http'] : []),
    ...text('proxy', globals.proxy),
    ...text('socks', globals.socks),
    ...(globals.ldapServers.length === 0
      ? []
      : text('ldap_server', globals.ldapServers.map(server).join(','))),
    ...text('pkcs11_path', globals.pkcs11Path),
  ];
}

function server({ host, port }: GlobalParameters['ldapServers'][number]): string {
  return `${/[\s:]/.test(host) ? `[${host}]` : host}:${String(port)}`;
}

function defaultLines({ phase2, localIdType, transforms }: RuleDefaults): readonly string[] {
  return [
    ...PHASE2_KEYWORDS.flatMap((keyword) => phase2Line(keyword, phase2[keyword]?.value)),
    ...(localIdType === undefined ? [] : [`local_id_type ${localIdType}`]),
    ...transforms.map((transform) => transformLine(transform, transform.lifetimeSeconds)),
  ];
}

const PHASE2_KEYWORDS: readonly Phase2Keyword[] = [
  'p2_lifetime_secs',
  'p2_softlife_secs',
  'p2_idletime_secs',
  'p2_lifetime_kb',
  'p2_softlife_kb',
  'p2_pfs',
];

function phase2Line(keyword: Phase2Keyword, value: number | undefined): readonly string[] {
  return value === undefined ? [] : [`${keyword} ${String(value)}`];
}

function ruleLines(
  rule: Rule,
  { globals, defaults }: Pick<IkeConfig, 'globals' | 'defaults'>,
): readonly string[] {
  const shared = rule.written.every(({ method }) => method === 'preshared');
  const inheritsType =
    rule.localIdType === defaults.localIdType ||
    (shared && defaults.localIdType === undefined && rule.localIdType === 'ip');
  return [
    `label ${quoted(rule.label)}`,
    ...(rule.ikeMode === 'main' ? [] : [`ike_mode ${rule.ikeMode}`]),
    ...rule.localAddresses.map((range) => `local_addr ${formatRange(range)}`),
    ...rule.remoteAddresses.map((range) => `remote_addr ${formatRange(range)}`),
    ...(inheritsType ? [] : [`local_id_type ${rule.localIdType}`]),
    ...rule.localIds.map((selector) => `local_id ${selectorText(selector)}`),
    ...rule.remoteIds.map((selector) => `remote_id ${selectorText(selector)}`),
    ...phase2Lines(rule.phase2, resolvePhase2(defaults.phase2, {})),
    ...rule.written.map((transform) => transformLine(transform, ownLifetime(transform, globals))),
  ];
}

/** What differs from `inherited`. 0 says that there is no limit; a soft one goes with its hard one. */
function phase2Lines(own: Phase2Parameters, inherited: Phase2Parameters): readonly string[] {
  const limits = (
    unit: 'secs' | 'kb',
    hard: 'lifetimeSeconds' | 'lifetimeKb',
    soft: 'softlifeSeconds' | 'softlifeKb',
  ): readonly string[] =>
    own[hard] === inherited[hard] && own[soft] === inherited[soft]
      ? []
      : [
          ...phase2Line(`p2_lifetime_${unit}`, own[hard] ?? 0),
          ...phase2Line(`p2_softlife_${unit}`, own[soft]),
        ];
  return [
    ...limits('secs', 'lifetimeSeconds', 'softlifeSeconds'),
    ...(own.idletimeSeconds === inherited.idletimeSeconds
      ? []
      : phase2Line('p2_idletime_secs', own.idletimeSeconds ?? 0)),
    ...limits('kb', 'lifetimeKb', 'softlifeKb'),
    ...(own.pfsGroup === inherited.pfsGroup ? [] : phase2Line('p2_pfs', own.pfsGroup)),
  ];
}

function ownLifetime({ lifetimeSeconds }: Phase1Transform, globals: GlobalParameters): number | undefined {
  return lifetimeSeconds === globals.phase1LifetimeSeconds ? undefined : lifetimeSeconds;
}

function transformLine(transform: TransformDefault, lifetimeSeconds: number | undefined): string {
  const { method, group, hash } = transform;
  const lifetime = lifetimeSeconds === undefined ? '' : ` p1_lifetime_secs ${String(lifetimeSeconds)}`;
  return `p1_xform { auth_method ${method} oakley_group ${String(group)} auth_alg ${hash} encr_alg ${cipherText(transform)}${lifetime} }`;
}

function cipherText({ cipher, keyBits }: TransformDefault): string {
  if (cipher !== 'aes' || keyBits === undefined) return cipher;
  const { low, high } = keyBits;
  if (low === AES_KEY_BITS.low && high === AES_KEY_BITS.high) return cipher;
  return low === high ? `${cipher}(${String(low)})` : `${cipher}(${String(low)}..${String(high)})`;
}

function selectorText({ text, negated }: { readonly text: string; readonly negated: boolean }): string {
  return quoted(`${negated ? '!' : ''}${text}`);
}

/** The reader undoes `\\` and `\"`, and leaves a backslash before anything else alone. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
