/** Whether a setting's keyword exists and stands where it may. */
import { DiagnosticLog, quote } from './diagnostic.js';
import { keywordNamed, type Level, standsAt } from './ike-config-keywords.js';
import { placeOf, Word } from './lexicon.js';
import type { Setting } from './setting.js';

const PLACES: Readonly<Record<Level, string>> = {
  file: 'at file level',
  rule: 'in a rule',
  transform: 'in `p1_xform { ... }`',
};

/** What to do with a setting: its keyword, and the log for mistakes in its value. */
export interface Checked {
  readonly name: string;
  readonly log: DiagnosticLog;
  /** False when the keyword is misspelt and `name` is what was most probably meant. */
  readonly spelt: boolean;
}

/** Undefined when the setting says nothing here; the reason is logged. */
export function checkKeyword(setting: Setting, level: Level, log: DiagnosticLog): Checked | undefined {
  const { keyword, name } = setting;
  if (keyword.tokenType === Word) {
    const meant =
      name === undefined ? `expected a keyword that may stand ${PLACES[level]}` : `did you mean \`${name}\`?`;
    log.error(placeOf(keyword), `unknown keyword ${quote(keyword.image)}`, meant);
    // The value counts as if the keyword were right, so that it is not missed; to judge it would be a guess too far.
    return name !== undefined && standsAt(name, level)
      ? { name, log: new DiagnosticLog(log.file), spelt: false }
      : undefined;
  }
  if (name === undefined || standsAt(name, level))
    return name === undefined ? undefined : { name, log, spelt: true };
  const places = (keywordNamed(name)?.levels ?? []).map((place) => PLACES[place]).join(' or ');
  log.error(placeOf(keyword), `\`${name}\` must not stand ${PLACES[level]}`, `expected it ${places}`);
  return undefined;
}

/** Whether a keyword is given again. One without a value is a slip that was reported, and so is a misspelt one. */
export function isRepetition(checked: Checked, earlier: Setting | undefined): boolean {
  return checked.spelt && earlier !== undefined && earlier.argument.length > 0;
}

/** `a`, `b` and `c`. */
export function listKeywords(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`;
}

/**
 * How many values of a block stand without their keyword, as far as one can tell. Each is complained of already, and
 * most probably belongs to a keyword that the block lacks.
 */
export function orphanValues(settings: readonly Setting[]): number {
  return settings.filter(
    ({ name, argument, surplus }) => (name === undefined && argument.length === 0) || surplus.length > 0,
  ).length;
}
