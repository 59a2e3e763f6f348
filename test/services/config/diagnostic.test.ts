import assert from 'node:assert/strict';
import { type Diagnostic, DiagnosticLog, formatDiagnostic } from '../../../services/config/diagnostic.js';

const position = { file: 'dir/config', line: 3, column: 14 };

describe('diagnostics', () => {
  it('are printed as file:line:column: problem; expected', () => {
    const error: Diagnostic = { severity: 'error', position, problem: 'a', expected: 'b' };
    assert.equal(formatDiagnostic(error), 'dir/config:3:14: a; b');
    assert.equal(formatDiagnostic({ ...error, expected: '' }), 'dir/config:3:14: a');
  });

  it('name their kind and their rule', () => {
    const note: Diagnostic = { severity: 'note', position, problem: 'a', expected: '', ruleLabel: 'x' };
    assert.equal(formatDiagnostic(note), 'dir/config:3:14: note: rule "x": a');
    assert.equal(
      formatDiagnostic({ ...note, severity: 'warning', ruleLabel: 'x\u001b[2J' }),
      'dir/config:3:14: warning: rule "x\\u{1b}[2J": a',
    );
  });

  it('come in the order of the file, each once', () => {
    const log = new DiagnosticLog('f');
    log.note({ line: 2, column: 5 }, 'late');
    log.error({ line: 2, column: 1 }, 'early');
    log.error({ line: 2, column: 1 }, 'early');
    assert.deepEqual(
      log.entries().map(({ problem }) => problem),
      ['early', 'late'],
    );
    assert.equal(log.errorCount, 1);
  });
});
