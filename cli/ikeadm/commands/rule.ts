/** `dump rule`, `get rule`, `del rule`. */
import { decodeRule, type RuleRecord } from '../../../services/admin/door/rule.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { ruleJson, ruleText } from '../print/rule.js';
import { readRuleId } from './object-id.js';
import type { ObjectKind } from './objects.js';

export const RULE: ObjectKind<RuleRecord> = {
  thing: 'policy rule',
  table: 'policy rules',
  commands: { get: SERVICE.GET_RULE, del: SERVICE.DEL_RULE, dump: SERVICE.DUMP_RULES },
  readId: readRuleId,
  decode: (body) => decodeRule(body),
  text: (_session, rules) => Promise.resolve(rules.map(ruleText).join('')),
  json: (_session, rule) => ruleJson(rule),
};
