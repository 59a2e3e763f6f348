/** Reading `ike.config` (5): every mistake of a file in one run, and the rules with their defaults applied. */
import type { IkeConfig, Rule, RuleDefaults, TransformDefault } from '../policy/rule.js';
import { type Diagnostic, DiagnosticLog } from './diagnostic.js';
import { applyFileLevel, type FileLevel, NOTHING_SAID } from './file-level.js';
import { IkeConfigParser } from './ike-config-grammar.js';
import { ikeConfigLexer } from './ike-config-tokens.js';
import type { FileItem } from './ike-config-tree.js';
import { readRule } from './ike-config-rule.js';
import { readTransform, type WrittenTransform } from './ike-config-transform.js';
import { checkKeyword } from './keyword-check.js';
import { placeOf } from './lexicon.js';
import { resolvePhase2 } from './phase2-parameters.js';

export { BUILT_IN_GLOBALS } from './file-level.js';

export interface IkeConfigReading {
  /** Undefined when there is any error. */
  readonly config: IkeConfig | undefined;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface RuleReading {
  /** Undefined when there is any error. */
  readonly rule: Rule | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Built at the first use: a process that reads no such file does not pay for the grammar. */
let tools:
  { readonly lexer: ReturnType<typeof ikeConfigLexer>; readonly parser: IkeConfigParser } | undefined;

/** `file` is only the name that positions carry. */
export function parseIkeConfig(text: string, file: string): IkeConfigReading {
  const log = new DiagnosticLog(file);
  const { level, transforms, rules } = readItems(itemsOf(text, log), log);
  const config: IkeConfig = {
    globals: { ...level.globals, phase2: resolvePhase2(level.phase2, {}) },
    defaults: defaultsOf(level, transforms),
    rules,
  };
  return { config: log.hasErrors ? undefined : config, diagnostics: log.entries() };
}

/** What a file without a word says. */
export function emptyIkeConfig(): IkeConfig {
  const globals = { ...NOTHING_SAID.globals, phase2: resolvePhase2(NOTHING_SAID.phase2, {}) };
  return { globals, defaults: defaultsOf(NOTHING_SAID, []), rules: [] };
}

/** A text with one rule and nothing else, which inherits from `config` as if it stood behind its last line. */
export function parseRule(text: string, file: string, config: IkeConfig): RuleReading {
  const log = new DiagnosticLog(file);
  const inherited = {
    globals: config.globals,
    phase2: config.defaults.phase2,
    localIdType: config.defaults.localIdType,
    transforms: config.defaults.transforms.map(writtenOf),
    labels: new Map<string, number>(),
  };
  const rules: (Rule | undefined)[] = [];
  for (const item of itemsOf(text, log)) {
    if (item.kind === 'rule') {
      if (rules.length === 1)
        log.error(placeOf(item.start), 'a second rule begins here', 'expected one rule');
      rules.push(readRule(item, inherited, log));
    } else {
      const token = item.kind === 'transform' ? item.start : item.keyword;
      log.error(
        placeOf(token),
        `\`${token.image}\` stands outside the rule`,
        'expected one rule in braces: what holds for all rules is changed in the file, and read from there',
      );
    }
  }
  if (rules.length === 0 && !log.hasErrors)
    log.error({ line: 1, column: 1 }, 'there is no rule', 'expected one rule in braces');
  return { rule: log.hasErrors ? undefined : rules[0], diagnostics: log.entries() };
}

function itemsOf(text: string, log: DiagnosticLog): readonly FileItem[] {
  tools ??= {
    lexer: ikeConfigLexer({ skipValidations: true }),
    parser: new IkeConfigParser({ skipValidations: true }),
  };
  const { items, problems } = tools.parser.parse(tools.lexer.tokenize(text).tokens);
  for (const { place, problem, expected } of problems) log.error(place, problem, expected);
  return items;
}

/** In file order: a default holds for the rules that follow it. */
function readItems(
  items: readonly FileItem[],
  log: DiagnosticLog,
): { level: FileLevel; transforms: readonly WrittenTransform[]; rules: readonly Rule[] } {
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
  return { level, transforms, rules };
}

/** A transform with a mistake says nothing here: the file is refused anyway. */
function defaultsOf(
  { phase2, localIdType }: FileLevel,
  transforms: readonly WrittenTransform[],
): RuleDefaults {
  const complete = transforms.flatMap(
    ({ method, group, hash, cipher, lifetimeSeconds, position }): readonly TransformDefault[] =>
      method === undefined || group === undefined || hash === undefined || cipher === undefined
        ? []
        : [{ method, group, hash, ...cipher, lifetimeSeconds, position }],
  );
  return { phase2, localIdType, transforms: complete };
}

function writtenOf({ cipher, keyBits, ...rest }: TransformDefault): WrittenTransform {
  return { ...rest, cipher: { cipher, keyBits } };
}
