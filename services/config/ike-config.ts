/** Reading `ike.config` (5): every mistake of a file in one run, and the rules with their defaults applied. */
import type { IkeConfig, Rule } from '../policy/rule.js';
import { type Diagnostic, DiagnosticLog } from './diagnostic.js';
import { applyFileLevel, type FileLevel, NOTHING_SAID } from './file-level.js';
import { IkeConfigParser } from './ike-config-grammar.js';
import { ikeConfigLexer } from './ike-config-tokens.js';
import type { FileItem } from './ike-config-tree.js';
import { readRule } from './ike-config-rule.js';
import { readTransform, type WrittenTransform } from './ike-config-transform.js';
import { checkKeyword } from './keyword-check.js';
import { resolvePhase2 } from './phase2-parameters.js';

export { BUILT_IN_GLOBALS } from './file-level.js';

export interface IkeConfigReading {
  /** Undefined when there is any error. */
  readonly config: IkeConfig | undefined;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Built at the first use: a process that reads no such file does not pay for the grammar. */
let tools:
  { readonly lexer: ReturnType<typeof ikeConfigLexer>; readonly parser: IkeConfigParser } | undefined;

/** `file` is only the name that positions carry. */
export function parseIkeConfig(text: string, file: string): IkeConfigReading {
  tools ??= {
    lexer: ikeConfigLexer({ skipValidations: true }),
    parser: new IkeConfigParser({ skipValidations: true }),
  };
  const { items, problems } = tools.parser.parse(tools.lexer.tokenize(text).tokens);
  const log = new DiagnosticLog(file);
  for (const { place, problem, expected } of problems) log.error(place, problem, expected);
  const { level, rules } = readItems(items, log);
  const config: IkeConfig = { globals: { ...level.globals, phase2: resolvePhase2(level.phase2, {}) }, rules };
  return { config: log.hasErrors ? undefined : config, diagnostics: log.entries() };
}

/** In file order: a default holds for the rules that follow it. */
function readItems(
  items: readonly FileItem[],
  log: DiagnosticLog,
): { level: FileLevel; rules: readonly Rule[] } {
  let level = NOTHING_SAID;
  const transforms: WrittenTransform[] = [];
  const labels = new Map<string, number>();
  const rules: Rule[] = [];
  for (const item of items) {
    if (item.kind === 'transform') {
      transforms.push(readTransform(item, log));
    } else if (item.kind === 'rule') {
      const rule = readRule(item, { ...level, transforms, labels }, log);
      if (rule !== undefined) rules.push(rule);
    } else {
      const checked = checkKeyword(item, 'file', log);
      if (checked !== undefined) level = applyFileLevel(level, item, checked.log);
    }
  }
  return { level, rules };
}
