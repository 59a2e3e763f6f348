/** Reading the policy file of the embedded kernel, in the form of ipsecconf(8). */
import type { IpsecPolicy, Protection } from '../ports/kernel.js';
import { type Diagnostic, DiagnosticLog, quote } from './diagnostic.js';
import {
  IpsecPolicyParser,
  ipsecPolicyLexer,
  PATTERN_NAMES,
  type PolicyAction,
  type PolicyEntry,
  PROPERTY_NAMES,
} from './ipsec-policy-grammar.js';
import { readProtection } from './ipsec-protection.js';
import { placeOf } from './lexicon.js';
import { readPattern } from './policy-pattern.js';
import { settingsByName } from './policy-settings.js';

export interface PolicyReading {
  /** In file order, the first that fits decides. Undefined when there is any error. */
  readonly policies: readonly IpsecPolicy[] | undefined;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Built at the first use: a process that reads no such file does not pay for the grammar. */
let tools:
  { readonly lexer: ReturnType<typeof ipsecPolicyLexer>; readonly parser: IpsecPolicyParser } | undefined;

export function parseIpsecPolicies(text: string, file: string): PolicyReading {
  tools ??= {
    lexer: ipsecPolicyLexer({ skipValidations: true }),
    parser: new IpsecPolicyParser({ skipValidations: true }),
  };
  const { entries, problems } = tools.parser.parse(tools.lexer.tokenize(text).tokens);
  const log = new DiagnosticLog(file);
  for (const { place, problem, expected } of problems) log.error(place, problem, expected);
  const policies = entries.map((entry) => readEntry(entry, log)).filter((policy) => policy !== undefined);
  return { policies: log.hasErrors ? undefined : policies, diagnostics: log.entries() };
}

function readEntry(entry: PolicyEntry, log: DiagnosticLog): IpsecPolicy | undefined {
  const start = placeOf(entry.start);
  const before = log.errorCount;
  const settings = settingsByName(entry.pattern, PATTERN_NAMES, 'the pattern of a policy', log);
  const pattern = settings === undefined ? undefined : readPattern(settings, start, log);
  const proposals: (readonly Protection[])[] = [];
  for (const action of entry.actions) {
    const proposal = readAction(action, log);
    if (proposal !== undefined) proposals.push(proposal);
  }
  if (pattern === undefined || log.errorCount > before) return undefined;
  const { selectors, mode, outer, ruleLabel } = pattern;
  const position = { file: log.file, line: start.line };
  return { selectors, mode, outer, ruleLabel, proposals, position };
}

function readAction(action: PolicyAction, log: DiagnosticLog): readonly Protection[] | undefined {
  const properties = settingsByName(action.properties, PROPERTY_NAMES, '`ipsec { ... }`', log);
  if (action.start.image !== 'ipsec') {
    log.error(
      placeOf(action.start),
      `the action ${quote(action.start.image)} does not exist here`,
      'expected `ipsec`',
    );
    return undefined;
  }
  return properties === undefined ? undefined : readProtection(action, properties, log);
}
