/**
 * A configuration with a line changed: a rule in braces takes the place of the one with its label, or stands before all
 * others; what belongs into a rule takes the place of the same keyword in every rule; anything else is a parameter of the
 * file, and the last one counts.
 */
import { parseIkeConfig } from '../config/ike-config.js';
import { formatDiagnostic } from '../config/diagnostic.js';
import { writeIkeConfig, writeRule } from '../config/write-ike-config.js';
import type { IkeConfig } from '../policy/rule.js';
import { err, ok, type Result } from '../result.js';

/** Keywords that a rule may have; a transform stands in braces of its own. */
const RULE_WORD =
  /^(ike_mode|local_addr|remote_addr|local_id_type|local_id|remote_id|p1_xform|p2_lifetime_secs|p2_softlife_secs|p2_idletime_secs|p2_lifetime_kb|p2_softlife_kb|p2_pfs)\b/;

/** The error is a sentence that says what is wrong with the line. */
export function changedConfig(text: string, line: string): Result<string, string> {
  const before = read(text);
  if (!before.ok) return before;
  const trimmed = line.trim();
  const changed = trimmed.startsWith('{')
    ? withRule(before.value, trimmed)
    : RULE_WORD.test(trimmed)
      ? withSetting(before.value, trimmed)
      : ok(`${globalsOf(before.value)}\n${trimmed}\n${rulesOf(before.value).join('\n')}\n`);
  if (!changed.ok) return changed;
  const after = read(changed.value);
  return after.ok ? ok(writeIkeConfig(after.value)) : err(`"${trimmed}": ${after.error}`);
}

function read(text: string): Result<IkeConfig, string> {
  const { config, diagnostics } = parseIkeConfig(text, 'changed');
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  return config === undefined
    ? err(fault === undefined ? 'it cannot be read' : formatDiagnostic(fault))
    : ok(config);
}

function withRule(config: IkeConfig, rule: string): Result<string, string> {
  const { config: alone } = parseIkeConfig(`${globalsOf(config)}\n${rule}\n`, '--set');
  if (alone?.rules.length !== 1) {
    const reading = read(`${globalsOf(config)}\n${rule}\n`);
    return err(reading.ok ? `"${rule}" is not one rule.` : `"${rule}": ${reading.error}`);
  }
  const label = alone.rules[0]?.label;
  const rules = config.rules.map((one) => (one.label === label ? rule : writeRule(one, config)));
  const known = config.rules.some((one) => one.label === label);
  return ok(`${globalsOf(config)}\n${(known ? rules : [rule, ...rules]).join('\n')}\n`);
}

function withSetting(config: IkeConfig, setting: string): Result<string, string> {
  const word = RULE_WORD.exec(setting)?.[1] ?? '';
  const value = word === 'p1_xform' ? String.raw`\{[^}]*\}` : String.raw`("[^"]*"|[^\s}]+)`;
  const old = new RegExp(String.raw`\b${word}\s+${value}\s*`, 'g');
  const rules = rulesOf(config).map((rule) => `{ ${setting} ${rule.slice(1).replaceAll(old, '')}`);
  return ok(`${globalsOf(config)}\n${rules.join('\n')}\n`);
}

function rulesOf(config: IkeConfig): readonly string[] {
  return config.rules.map((rule) => writeRule(rule, config));
}

function globalsOf(config: IkeConfig): string {
  return writeIkeConfig({ ...config, rules: [] });
}
