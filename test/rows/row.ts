/**
 * What the manual pages of a command state, and the test of the real binary that shows it. The lists of this folder are
 * the source of docs/ikeadm-rows.md and docs/ikecert-rows.md; the test beside them holds every title against the tests
 * that exist.
 */
import type { Shown } from '../conformance/requirement.js';

export { testsOf } from '../conformance/requirement.js';

export type RowKind = 'command' | 'option' | 'input' | 'message' | 'layout' | 'exit' | 'file';

/** Why no test shows a row, or what of it the tests leave out. */
export interface LeftOut {
  readonly leftOut: string;
}

export interface ManualRow {
  /** Section of the list, a dot, the number within it: `certdb.3`. It is stable: new rows go to the end of a section. */
  readonly id: string;
  readonly kind: RowKind;
  /** In our own words. */
  readonly text: string;
  readonly tests: readonly Shown[];
  readonly leftOut: string | undefined;
}

export interface ManualSection {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly ManualRow[];
}

export interface Manual {
  readonly command: string;
  /** File of the page in docs/. */
  readonly page: string;
  /** Where the statements come from, as a sentence. */
  readonly source: string;
  readonly sections: readonly ManualSection[];
}

type Statement = Omit<ManualRow, 'id'>;

/** A row: tests, a reason, or both (the tests show a part, and the reason says what they leave out). */
export function row(kind: RowKind, text: string, ...evidence: readonly (Shown | LeftOut)[]): Statement {
  const [reason, ...more] = evidence.filter((one): one is LeftOut => 'leftOut' in one);
  if (more.length > 0) throw new Error(`two reasons for one row: ${text}`);
  return {
    kind,
    text,
    tests: evidence.filter((one): one is Shown => 'file' in one),
    leftOut: reason?.leftOut,
  };
}

export const leftOut = (because: string): LeftOut => ({ leftOut: because });

/** Numbers the rows. */
export function section(name: string, title: string, ...rows: readonly Statement[]): ManualSection {
  return { name, title, rows: rows.map((one, index) => ({ id: `${name}.${String(index + 1)}`, ...one })) };
}
