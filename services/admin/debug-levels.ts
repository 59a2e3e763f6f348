/** The debug level: a mask of categories, how it is written and how it is shown. */
import type { EventCategory } from '../events/event.js';
import { err, ok, type Result } from '../result.js';
import { parseCNumber } from './c-number.js';

interface DebugCategory {
  readonly bit: number;
  readonly category: EventCategory;
  readonly nicknames: readonly string[];
  readonly text: string;
}

/** In ascending order of their bits, which is the order they are shown in. */
export const DEBUG_CATEGORIES: readonly DebugCategory[] = [
  { bit: 0x001, category: 'cert', nicknames: ['cert'], text: 'Certificate management' },
  { bit: 0x002, category: 'key', nicknames: ['key'], text: 'Key management' },
  { bit: 0x004, category: 'op', nicknames: ['op'], text: 'Operational' },
  { bit: 0x008, category: 'phase1', nicknames: ['p1', 'phase1'], text: 'Phase 1 SA creation' },
  { bit: 0x010, category: 'phase2', nicknames: ['p2', 'phase2'], text: 'Phase 2 SA creation' },
  { bit: 0x020, category: 'pfkey', nicknames: ['pfkey'], text: 'PF_KEY interface' },
  { bit: 0x040, category: 'policy', nicknames: ['pol', 'policy'], text: 'Policy management' },
  { bit: 0x080, category: 'prop', nicknames: ['prop'], text: 'Proposal construction' },
  { bit: 0x100, category: 'door', nicknames: ['door'], text: 'Door interface' },
  { bit: 0x200, category: 'config', nicknames: ['config'], text: 'Config file processing' },
  { bit: 0x400, category: 'label', nicknames: ['label'], text: 'MAC label processing' },
];

export const ALL_DEBUG = 0x7ff;

export function isDebugLevel(level: number): boolean {
  return Number.isInteger(level) && level >= 0 && level <= ALL_DEBUG;
}

export function categoriesIn(level: number): readonly DebugCategory[] {
  return DEBUG_CATEGORIES.filter(({ bit }) => (level & bit) !== 0);
}

/** Whether events of `category` are shown at `level`. */
export function isShown(category: EventCategory, level: number): boolean {
  return DEBUG_CATEGORIES.some((known) => known.category === category && (level & known.bit) !== 0);
}

/**
 * A number with C prefixes, or nicknames joined with `+` and `-`, applied from left to right to a mask that begins
 * at 0: `all-op` is 0x7fb. The error is the word that is wrong.
 */
export function parseDebugLevel(text: string): Result<number, string> {
  const number = parseCNumber(text);
  if (number !== undefined) return isDebugLevel(number) ? ok(number) : err(text);
  let level = 0;
  for (const [, sign = '', name = ''] of text.matchAll(/([+-]|^)([^+-]*)/g)) {
    if (name === '' && sign === '') continue;
    const bits = bitsNamed(name);
    if (bits === undefined) return err(name === '' ? text : name);
    level = sign === '-' ? level & ~bits : level | bits;
  }
  return text === '' ? err(text) : ok(level);
}

/** As `parseDebugLevel`, but `operator` is `op` too: in.iked(8) names it for the property `config/debug_level`. */
export function parseServiceDebugLevel(text: string): Result<number, string> {
  return parseDebugLevel(text.replaceAll(/(?<=^|[+-])operator(?=$|[+-])/gi, 'op'));
}

function bitsNamed(name: string): number | undefined {
  const wanted = name.toLowerCase();
  if (wanted === 'all') return ALL_DEBUG;
  if (wanted === '0') return 0;
  return DEBUG_CATEGORIES.find(({ nicknames }) => nicknames.includes(wanted))?.bit;
}
