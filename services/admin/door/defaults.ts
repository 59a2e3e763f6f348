/** The values the daemon uses where the configuration says nothing: 28 u32 and a filler, twice in a reply. */
import type { Bytes } from '../../bytes.js';
import { structure } from '../../c-structure.js';

/** Field names follow the original's: `rule_*` may be overridden by a rule, `sys_*` are the kernel's. */
export const DEFAULTS = structure('defaults', 116, {
  rule_p1_lifetime_secs: [0, 'u32'],
  rule_p1_minlife: [4, 'u32'],
  rule_p1_nonce_len: [8, 'u32'],
  rule_p2_lifetime_secs: [12, 'u32'],
  rule_p2_softlife_secs: [16, 'u32'],
  rule_p2_idletime_secs: [20, 'u32'],
  sys_p2_lifetime_secs: [24, 'u32'],
  sys_p2_softlife_secs: [28, 'u32'],
  sys_p2_idletime_secs: [32, 'u32'],
  rule_p2_lifetime_kb: [36, 'u32'],
  rule_p2_softlife_kb: [40, 'u32'],
  sys_p2_lifetime_bytes: [44, 'u32'],
  sys_p2_softlife_bytes: [48, 'u32'],
  rule_p2_minlife_hard_secs: [52, 'u32'],
  rule_p2_minlife_soft_secs: [56, 'u32'],
  rule_p2_minlife_idle_secs: [60, 'u32'],
  rule_p2_minlife_hard_kb: [64, 'u32'],
  rule_p2_minlife_soft_kb: [68, 'u32'],
  rule_p2_maxlife_secs: [72, 'u32'],
  rule_p2_maxlife_kb: [76, 'u32'],
  rule_p2_nonce_len: [80, 'u32'],
  rule_p2_pfs: [84, 'u32'],
  rule_p2_mindiff_secs: [88, 'u32'],
  rule_p2_mindiff_kb: [92, 'u32'],
  conversion_factor: [96, 'u32'],
  rule_max_certs: [100, 'u32'],
  rule_ike_port: [104, 'u32'],
  rule_natt_port: [108, 'u32'],
  reserved: [112, 'u32'],
});

export type DefaultName = Exclude<keyof typeof DEFAULTS.numbers, 'reserved'>;

/** Seconds, kilobytes, bytes or counts, as the field's name says. */
export type DefaultsView = Readonly<Record<DefaultName, number>>;

export function encodeDefaults(defaults: DefaultsView): Bytes {
  return DEFAULTS.encode({ ...defaults, reserved: 0 }, {});
}

/** Reads any field of the structure at `at`, or undefined when the bytes are too few. */
export function decodeDefaults(bytes: Bytes, at: number): ((name: DefaultName) => number) | undefined {
  const defaults = DEFAULTS.read(bytes, at);
  return defaults && ((name) => defaults.number(name));
}
