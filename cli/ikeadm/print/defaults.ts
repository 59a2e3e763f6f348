/** `get defaults`. */
import type { DefaultName } from '../../../services/admin/door/defaults.js';

interface Row {
  /** The keyword of the configuration file, `-` when there is none. */
  readonly token: string;
  readonly description: string;
  /** One blank for a plain count. */
  readonly unit: string;
  readonly field: DefaultName;
}

const ROWS: readonly Row[] = [
  row('p1_lifetime_secs', 'phase 1 lifetime', 'seconds', 'rule_p1_lifetime_secs'),
  row('-', 'minimum phase 1 lifetime', 'seconds', 'rule_p1_minlife'),
  row('p1_nonce_len', 'phase 1 nonce length', 'bytes', 'rule_p1_nonce_len'),
  row('p2_lifetime_secs', 'phase 2 lifetime', 'seconds', 'rule_p2_lifetime_secs'),
  row('p2_softlife_secs', 'phase 2 soft lifetime', 'seconds', 'rule_p2_softlife_secs'),
  row('p2_idletime_secs', 'phase 2 idle time', 'seconds', 'rule_p2_idletime_secs'),
  row('p2_lifetime_kb', 'phase 2 lifetime', 'kilobytes', 'rule_p2_lifetime_kb'),
  row('p2_softlife_kb', 'phase 2 soft lifetime', 'kilobytes', 'rule_p2_softlife_kb'),
  row('-', 'system phase 2 lifetime', 'seconds', 'sys_p2_lifetime_secs'),
  row('-', 'system phase 2 soft lifetime', 'seconds', 'sys_p2_softlife_secs'),
  row('-', 'system phase 2 idle time', 'seconds', 'sys_p2_idletime_secs'),
  row('-', 'system phase 2 lifetime', 'bytes', 'sys_p2_lifetime_bytes'),
  row('-', 'system phase 2 soft lifetime', 'bytes', 'sys_p2_softlife_bytes'),
  row('-', 'minimum phase 2 hard lifetime', 'seconds', 'rule_p2_minlife_hard_secs'),
  row('-', 'minimum phase 2 soft lifetime', 'seconds', 'rule_p2_minlife_soft_secs'),
  row('-', 'minimum phase 2 idle lifetime', 'seconds', 'rule_p2_minlife_idle_secs'),
  row('-', 'minimum phase 2 hard lifetime', 'kilobytes', 'rule_p2_minlife_hard_kb'),
  row('-', 'minimum phase 2 soft lifetime', 'kilobytes', 'rule_p2_minlife_soft_kb'),
  row('-', 'minimum phase 2 delta', 'seconds', 'rule_p2_mindiff_secs'),
  row('-', 'minimum phase 2 delta', 'kilobytes', 'rule_p2_mindiff_kb'),
  row('-', 'maximum phase 2 lifetime', 'seconds', 'rule_p2_maxlife_secs'),
  row('-', 'conversion factor', 'kbytes/s', 'conversion_factor'),
  row('-', 'maximum phase 2 lifetime', 'kilobytes', 'rule_p2_maxlife_kb'),
  row('p2_nonce_len', 'phase 2 nonce length', 'bytes', 'rule_p2_nonce_len'),
  row('p2_pfs', 'phase 2 PFS', ' ', 'rule_p2_pfs'),
  row('max_certs', 'max certificates', ' ', 'rule_max_certs'),
  row('-', 'IKE port number', ' ', 'rule_ike_port'),
  row('-', 'NAT-T port number', ' ', 'rule_natt_port'),
];

function row(token: string, description: string, unit: string, field: DefaultName): Row {
  return { token, description, unit, field };
}

type ReadDefault = (name: DefaultName) => number;

export function defaultsText(builtIn: ReadDefault, inUse: ReadDefault): string {
  const header =
    'Token:'.padEnd(18) +
    'Source:'.padEnd(10) +
    'Value:'.padEnd(12) +
    'Unit:'.padEnd(10) +
    'Description:'.padEnd(26);
  const lines = [
    '',
    'Global defaults. Some values can be over-ridden on a per rule basis.',
    '',
    'System defaults are time delayed.',
    '',
    header,
    '',
    ...ROWS.map(({ token, description, unit, field }) => {
      const value = String(inUse(field)).padStart(11);
      const start = token.padEnd(18) + source(builtIn, inUse, field).padEnd(10);
      return `${start}${value} ${unit.padEnd(10)}${description.padEnd(26)}`;
    }),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export function defaultsJson(builtIn: ReadDefault, inUse: ReadDefault): readonly object[] {
  return ROWS.map(({ token, description, unit, field }) => ({
    field,
    token: token === '-' ? null : token,
    source: source(builtIn, inUse, field),
    value: inUse(field),
    unit: unit === ' ' ? null : unit,
    description,
  }));
}

function source(builtIn: ReadDefault, inUse: ReadDefault, field: DefaultName): 'config' | 'default' {
  return builtIn(field) === inUse(field) ? 'default' : 'config';
}
