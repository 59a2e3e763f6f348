/** Warnings about a configuration that is valid and will run: what is weak, or is hardly what was meant. Never a key. */
import type { Diagnostic } from '../config/diagnostic.js';
import type { SourcePosition } from '../policy/rule.js';

export function warning(
  position: SourcePosition,
  problem: string,
  expected: string,
  ruleLabel?: string,
): Diagnostic {
  return {
    severity: 'warning',
    position,
    problem,
    expected,
    ...(ruleLabel === undefined ? {} : { ruleLabel }),
  };
}
