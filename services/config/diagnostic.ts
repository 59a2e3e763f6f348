/** What a reader of a configuration file has to say, and how it is printed. */
import type { SourcePosition } from '../policy/rule.js';

export interface Diagnostic {
  /**
   * `error`: the file is refused. `note`: valid, but this version cannot do it.
   * `warning`: valid and done, but most probably not what was meant.
   */
  readonly severity: 'error' | 'note' | 'warning';
  readonly position: SourcePosition;
  readonly problem: string;
  /** What would have been right; empty when `problem` says all. */
  readonly expected: string;
  readonly ruleLabel?: string;
}

/** `file:line:column: problem; expected`, with `note:` or `warning:` and the rule before the problem where they apply. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, problem, expected, ruleLabel } = diagnostic;
  const kind = severity === 'error' ? '' : `${severity}: `;
  const rule = ruleLabel === undefined ? '' : `rule "${printable(ruleLabel)}": `;
  const wanted = expected === '' ? '' : `; ${expected}`;
  return `${formatPosition(diagnostic.position)}: ${kind}${rule}${problem}${wanted}`;
}

export function formatPosition(position: SourcePosition): string {
  return `${position.file}:${String(position.line)}:${String(position.column)}`;
}

/** Line and column from 1; without a file it is that of the log. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly file?: string;
}

/** Collects the diagnostics of one file. */
export class DiagnosticLog {
  readonly file: string;
  readonly #entries: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  #errors = 0;

  constructor(file: string) {
    this.file = file;
  }

  error(place: Place, problem: string, expected = ''): void {
    this.#add({ severity: 'error', position: this.position(place), problem, expected });
  }

  warning(place: Place, problem: string, expected: string, ruleLabel?: string): void {
    this.#add({
      severity: 'warning',
      position: this.position(place),
      problem,
      expected,
      ...labelled(ruleLabel),
    });
  }

  note(place: Place, problem: string, ruleLabel?: string): void {
    this.#add({
      severity: 'note',
      position: this.position(place),
      problem,
      expected: '',
      ...labelled(ruleLabel),
    });
  }

  /** What several rules inherit is complained of once. */
  #add(entry: Diagnostic): void {
    const { severity, position, problem, ruleLabel = '' } = entry;
    const key = `${String(position.line)}:${String(position.column)} ${ruleLabel}\n${problem}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#entries.push(entry);
    if (severity === 'error') this.#errors++;
  }

  position(place: Place): SourcePosition {
    return { file: place.file ?? this.file, line: place.line, column: place.column };
  }

  get hasErrors(): boolean {
    return this.errorCount > 0;
  }

  get errorCount(): number {
    return this.#errors;
  }

  /** In the order of the file. */
  entries(): readonly Diagnostic[] {
    return this.#entries.toSorted(
      (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
    );
  }
}

function labelled(ruleLabel: string | undefined): Pick<Diagnostic, 'ruleLabel'> {
  return ruleLabel === undefined ? {} : { ruleLabel };
}

const LONGEST_QUOTE = 40;

/** Text of a file between backquotes, shortened, fit for a terminal. */
export function quote(text: string): string {
  return `\`${printable(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text)}\``;
}

/** Control characters must not reach an operator's terminal. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
