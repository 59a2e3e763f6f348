/** Rules at run time: what the door may ask and change. Every change is one replacement of the settings, or none. */
import type { DoorError } from '../services/admin/door/door-error.js';
import type { RuleAdministration, RuleView } from '../services/admin/rule-administration.js';
import { entryFrom } from '../services/admin/listing.js';
import { certificateAdvice } from '../services/certs/advice.js';
import { type Diagnostic, formatDiagnostic, formatPosition } from '../services/config/diagnostic.js';
import { parseIkeConfig, parseRule } from '../services/config/ike-config.js';
import { writeIkeConfig, writeRule } from '../services/config/write-ike-config.js';
import type { IkeConfig, Rule } from '../services/policy/rule.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events } from '../services/ports/events.js';
import { err, ok, type Result } from '../services/result.js';
import type { ConfigurationInUse } from './configuration.js';
import type { RefreshRefusal } from './host.js';

export interface RuleAdministrationOptions {
  readonly configuration: ConfigurationInUse;
  /** What SIGHUP does; settles with how it ended. */
  readonly refresh: () => Promise<Result<void, RefreshRefusal>>;
  /** A refresh is under way, and what it reads will replace everything. */
  readonly isRefreshing: () => boolean;
}

export const EEXIST = 17;
const EACCES = 13;

export function ruleAdministration(
  { events, clock }: { readonly events: Events; readonly clock: Pick<Clock, 'wallTime'> },
  { configuration, refresh, isRefreshing }: RuleAdministrationOptions,
): RuleAdministration {
  const config = (): IkeConfig => configuration.settings.config;
  const viewOf = (rule: Rule): RuleView => ({
    rule,
    cookie: configuration.cookieOf(rule.label),
    globals: config().globals,
  });
  const replace = (next: IkeConfig): void => {
    configuration.replace({ ...configuration.settings, config: next });
  };
  /** As at a refresh: notes and warnings of the text, and what will go wrong with the certificates at hand. */
  const noteAbout = (diagnostics: readonly Diagnostic[], rules: readonly Rule[]): void => {
    noteAll(events, diagnostics);
    const { globals } = config();
    const { certificates } = configuration.settings;
    for (const note of certificateAdvice({ globals, rules }, certificates, clock.wallTime()))
      events.emit({ type: 'config.note', note });
  };
  return {
    rulesFrom: (from) => {
      const numbered = config().rules.map((rule, index) => ({ rule, number: index + 1 }));
      const listed = entryFrom(numbered, ({ number }) => number, from);
      return listed && { entry: viewOf(listed.entry.rule), next: listed.next };
    },
    findRule: (label) => {
      const rule = config().rules.find((candidate) => candidate.label === label);
      return rule && viewOf(rule);
    },
    addRule: (text, source) => {
      const { rule, diagnostics } = parseRule(text, source, config());
      if (rule === undefined) return err(dataInvalid(diagnostics));
      const { rules } = config();
      const twin = rules.find(({ label }) => label === rule.label);
      if (twin !== undefined) return err(duplicate(twin));
      replace({ ...config(), rules: [...rules, rule] });
      noteAbout(diagnostics, [rule]);
      configuration.report('rule added', rule.label);
      return ok(undefined);
    },
    deleteRule: (label) => {
      const { rules } = config();
      const rest = rules.filter((rule) => rule.label !== label);
      if (rest.length === rules.length) return false;
      replace({ ...config(), rules: rest });
      configuration.report('rule deleted', label);
      return true;
    },
    readRules: async (from) => {
      if (from === undefined) {
        const refreshed = await refresh();
        return refreshed.ok ? refreshed : err(refusedRefresh(refreshed.error));
      }
      if (isRefreshing()) return err({ name: 'IN_PROGRESS' });
      const { config: next, diagnostics } = parseIkeConfig(from.text, from.source);
      if (next === undefined) return err(dataInvalid(diagnostics));
      replace(next);
      noteAbout(diagnostics, next.rules);
      configuration.report('rules replaced', from.source);
      return ok(undefined);
    },
    writeRules: () => (config().rules.length === 0 ? undefined : writeIkeConfig(config())),
    labelCookies: () => configuration.labelCookies,
    dumpRuleBase: () => {
      const { rules } = config();
      for (const rule of rules) {
        const cookie = configuration.cookieOf(rule.label);
        events.emit({ type: 'config.rule', cookie, text: writeRule(rule, config()) });
      }
    },
  };
}

function duplicate({ label, position }: Rule): DoorError {
  return {
    name: 'SYS_ERR',
    errno: EEXIST,
    details: [
      `The label "${label}" belongs to the rule of ${formatPosition(position)} already: delete that rule first, or give this one another label.`,
    ],
  };
}

function refusedRefresh({ fault, lines }: RefreshRefusal): DoorError {
  return fault === 'permission'
    ? { name: 'SYS_ERR', errno: EACCES, details: lines }
    : { name: 'DATA_INVALID', details: lines };
}

/** All mistakes, and what was to be noted beside them. */
export function dataInvalid(diagnostics: readonly Diagnostic[]): DoorError {
  return { name: 'DATA_INVALID', details: diagnostics.map(formatDiagnostic) };
}

/** Notes and warnings of a text that was taken. */
export function noteAll(events: Events, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics)
    events.emit({ type: 'config.note', note: formatDiagnostic(diagnostic) });
}
