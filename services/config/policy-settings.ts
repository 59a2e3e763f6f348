/** The settings of one block of the policy file by keyword, each once and where it may stand. */
import { type DiagnosticLog, quote } from './diagnostic.js';
import { placeOf, Word } from './lexicon.js';
import type { Setting } from './setting.js';

export type SettingsByName = ReadonlyMap<string, Setting>;

/** Undefined when a keyword is wrong; that is logged, and what the block lacks is then not worth saying. */
export function settingsByName(
  settings: readonly Setting[],
  allowed: readonly string[],
  block: string,
  log: DiagnosticLog,
): SettingsByName | undefined {
  const named = new Map<string, Setting>();
  let faults = 0;
  for (const setting of settings) {
    const { keyword, name } = setting;
    const fault = (problem: string, expected: string): void => {
      log.error(placeOf(keyword), problem, expected);
      faults++;
    };
    if (keyword.tokenType === Word || name === undefined) {
      const meant = name === undefined ? `expected ${allowed.join(', ')}` : `did you mean \`${name}\`?`;
      fault(`unknown keyword ${quote(keyword.image)}`, meant);
    } else if (!allowed.includes(name)) {
      fault(`\`${name}\` must not stand in ${block}`, `expected ${allowed.join(', ')}`);
    } else if (named.has(name)) {
      fault(`\`${name}\` is given twice`, 'expected it once');
    } else {
      named.set(name, setting);
    }
  }
  return faults === 0 ? named : undefined;
}
