/** `in.iked -c`: reads the configuration file and says everything there is to say about it. */
import { NodeFiles } from '../../adapters/files/node-files.js';
import { formatDiagnostic } from '../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';

export interface Checked {
  readonly stdout: string;
  readonly stderr: string;
  readonly good: boolean;
}

export function checkConfig(path: string): Checked {
  const text = new NodeFiles().read(path);
  if (!text.ok) return { stdout: '', stderr: `in.iked: ${text.error.message}\n`, good: false };
  const { config, diagnostics } = parseIkeConfig(text.value, path);
  const lines = (wanted: (severity: string) => boolean): string =>
    diagnostics
      .filter(({ severity }) => wanted(severity))
      .map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`)
      .join('');
  const errors = lines((severity) => severity === 'error');
  const notes = lines((severity) => severity !== 'error');
  if (config === undefined) return { stdout: notes, stderr: errors, good: false };
  const rules = config.rules.length;
  return {
    stdout: `${notes}${path}: ${String(rules)} rule${rules === 1 ? '' : 's'}, no errors\n`,
    stderr: '',
    good: true,
  };
}
