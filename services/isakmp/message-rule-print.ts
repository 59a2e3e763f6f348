/** The message-rule table for people. */
import { type MessageRule, MESSAGE_RULES, type PayloadRule } from './message-rule-table.js';

const PROTECTION = { never: 'in the clear', always: 'encrypted', either: 'encrypted or not' } as const;

/** `SA`, `[KE]` for optional, `[ID ID]` for both or none, `VENDOR*` for any number, `SA+` for one at least. */
export function notation({ payload, least, most, together }: PayloadRule): string {
  if (most === Infinity) return `${payload}${least === 0 ? '*' : '+'}`;
  if (together === true) return `[${Array.from({ length: most }, () => payload).join(' ')}]`;
  return least === 0 ? `[${payload}]` : payload;
}

/** A Markdown table, one row per rule. */
export function messageRulesTable(rules: readonly MessageRule[] = MESSAGE_RULES): string {
  const rows = rules.map((rule) => [
    rule.exchange,
    String(rule.number),
    typeof rule.methods === 'string' ? rule.methods : rule.methods.join(', '),
    PROTECTION[rule.protection],
    rule.payloads.map(notation).join(' '),
    rule.begins.join(', '),
    (rule.sealed ?? []).join(', '),
    rule.source,
  ]);
  const head = ['exchange', 'message', 'method', 'protection', 'payloads', 'begins with', 'sealed', 'source'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n') + '\n';
}
