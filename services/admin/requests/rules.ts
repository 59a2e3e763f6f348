/** GET_RULE, DEL_RULE, DUMP_RULES, NEW_RULE, READ_RULES, WRITE_RULES, DBG_RBDUMP. */
import type { Bytes } from '../../bytes.js';
import { err, ok, type Result } from '../../result.js';
import type { DoorError } from '../door/door-error.js';
import { CMD, ID_TYPE, NEW } from '../door/heads.js';
import { decodeLabel } from '../door/label.js';
import { encodeRule } from '../door/rule.js';
import { SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { ruleRecord } from '../rule-record.js';
import { dumpHandler, refuse, type Handler } from './answer.js';
import { deleted, found, identificationOf, tooLarge } from './object.js';
import { addFile, readFile, writeFile } from './texts.js';

export const RULE_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    SERVICE.DUMP_RULES,
    dumpHandler(
      SERVICE.DUMP_RULES,
      PRIVILEGE.base,
      (from, admin) => admin.rulesFrom(from),
      (view) => encodeRule(ruleRecord(view)),
    ),
  ],
  [
    SERVICE.GET_RULE,
    atBase((request, admin) => {
      const label = labelOf(request);
      if (!label.ok) return label;
      const view = admin.findRule(label.value);
      if (view === undefined) return refuse('NO_OBJ');
      const body = encodeRule(ruleRecord(view));
      return body.ok ? found(SERVICE.GET_RULE, body.value) : tooLarge(body.error);
    }),
  ],
  [
    SERVICE.DEL_RULE,
    atBase((request, admin) => {
      const label = labelOf(request);
      if (!label.ok) return label;
      return admin.deleteRule(label.value) ? deleted(SERVICE.DEL_RULE) : refuse('NO_OBJ');
    }),
  ],
  [
    SERVICE.NEW_RULE,
    atBase((request, admin, files) => {
      const length = NEW.read(request)?.number('length');
      if (length === undefined) return refuse('REQ_INVALID');
      // No client sends a rule as a structure: the parser of the file does the work.
      return length === 0 ? addFile('rule', SERVICE.NEW_RULE, admin, files) : refuse('CMD_NOTSUP');
    }),
  ],
  [SERVICE.READ_RULES, atBase((request, admin, files) => readFile('rule', request, admin, files))],
  [SERVICE.WRITE_RULES, atBase((request, admin, files) => writeFile('rule', request, admin, files))],
  [
    SERVICE.DBG_RBDUMP,
    atBase((_request, admin) => {
      admin.dumpRuleBase();
      return ok(CMD.encode({ cmd: SERVICE.DBG_RBDUMP }, {}));
    }),
  ],
];

function atBase(answer: Handler['answer']): Handler {
  return { needs: PRIVILEGE.base, answer };
}

function labelOf(request: Bytes): Result<string, DoorError> {
  const id = identificationOf(request);
  if (!id.ok) return id;
  const label = id.value.idType === ID_TYPE.LABEL ? decodeLabel(id.value.bytes) : undefined;
  return label === undefined ? err({ name: 'ID_INVALID' }) : ok(label);
}
