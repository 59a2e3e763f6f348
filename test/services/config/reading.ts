/** Short forms for tests of configuration readers. */
import assert from 'node:assert/strict';
import type { Diagnostic } from '../../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { IkeConfig, Rule } from '../../../services/policy/rule.js';

/** `line:column` of each diagnostic of a severity. */
export function places(
  diagnostics: readonly Diagnostic[],
  severity: Diagnostic['severity'] = 'error',
): string[] {
  return diagnostics
    .filter((diagnostic) => diagnostic.severity === severity)
    .map(({ position }) => `${String(position.line)}:${String(position.column)}`);
}

export function accepted(text: string): IkeConfig {
  const { config, diagnostics } = parseIkeConfig(text, 'test.config');
  assert.deepEqual(places(diagnostics), [], diagnostics.map((diagnostic) => diagnostic.problem).join('\n'));
  assert.ok(config);
  return config;
}

export const TRANSFORM = 'p1_xform { auth_method preshared oakley_group 14 auth_alg sha1 encr_alg aes }';

/** A good rule of one line, with more in it. */
export function ruleWith(more: string, transform = TRANSFORM): string {
  return `{ label "x" local_addr 192.0.2.1 remote_addr 192.0.2.2 ${more} ${transform} }\n`;
}

export function onlyRule(text: string): Rule {
  const { rules } = accepted(text);
  assert.equal(rules.length, 1);
  const [rule] = rules;
  assert.ok(rule);
  return rule;
}

/** Asserts exactly one error, whose offset in `text` is that of the mark `^`, which is taken out before reading. */
export function refusedAt(marked: string, pattern: RegExp): void {
  const offset = marked.indexOf('^');
  assert.notEqual(offset, -1, 'the test marks the place');
  const before = marked.slice(0, offset);
  const text = before + marked.slice(offset + 1);
  const { config, diagnostics } = parseIkeConfig(text, 'test.config');
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(config, undefined);
  assert.equal(errors.length, 1, errors.map(({ problem }) => problem).join('\n'));
  const lines = before.split('\n');
  assert.deepEqual(places(diagnostics), [
    `${String(lines.length)}:${String((lines.at(-1) ?? '').length + 1)}`,
  ]);
  assert.match(errors[0]?.problem ?? '', pattern);
  assert.notEqual(errors[0]?.problem, '');
}
