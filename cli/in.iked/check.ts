/** `in.iked -c`: reads the configuration file and says everything there is to say about it, what is weak in it too. */
import { NodeFiles } from '../../adapters/files/node-files.js';
import { ruleAdvice } from '../../services/advice/rule-advice.js';
import { formatDiagnostic } from '../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { type IkeConfig, type Rule, usesCertificates } from '../../services/policy/rule.js';
import type { Checked, CheckedWith } from './checked.js';
import type { Paths } from './paths.js';
import { presharedWarnings } from './preshared-warnings.js';

/**
 * Certificates are read only for a file that needs them, and so is the code for them. Mistakes in the policy file that was
 * named count, too.
 */
export async function checkConfig(
  { config: path, preshared, certificates }: Paths,
  policyFile?: string,
  kernel: CheckedWith = { embedded: undefined },
): Promise<Checked> {
  const text = new NodeFiles().read(path);
  if (!text.ok) return { stdout: '', stderr: `in.iked: ${text.error.message}\n`, good: false };
  const { config, diagnostics } = parseIkeConfig(text.value, path);
  const lines = (wanted: (severity: string) => boolean): string =>
    diagnostics
      .filter(({ severity }) => wanted(severity))
      .map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`)
      .join('');
  const policy = policyFile === undefined ? NO_POLICY : await checkPolicy(policyFile, kernel);
  const errors = `${lines((severity) => severity === 'error')}${policy.stderr}`;
  const notes = lines((severity) => severity !== 'error');
  if (config === undefined || !policy.good)
    return { stdout: `${notes}${policy.stdout}`, stderr: errors, good: false };
  const rules = config.rules.length;
  const advice = config.rules.some(usesCertificates) ? await adviceOn(certificates, config) : '';
  const weak = [
    ...ruleAdvice(config).map(formatDiagnostic),
    ...(config.rules.some(usesPreshared) ? presharedWarnings(preshared) : []),
  ];
  const warnings = weak.map((line) => `${line}\n`).join('');
  return {
    stdout: `${notes}${warnings}${advice}${policy.stdout}${path}: ${String(rules)} rule${rules === 1 ? '' : 's'}, no errors\n`,
    stderr: '',
    good: true,
  };
}

const NO_POLICY: Checked = { stdout: '', stderr: '', good: true };

async function checkPolicy(path: string, kernel: CheckedWith): Promise<Checked> {
  const { policyCheck } = await import('./policy-check.js');
  return policyCheck(path, kernel);
}

async function adviceOn(paths: Paths['certificates'], config: IkeConfig): Promise<string> {
  const { certificateNotes } = await import('./read-certificates.js');
  return certificateNotes(paths, config, Date.now())
    .map((note) => `${note}\n`)
    .join('');
}

function usesPreshared({ transforms }: Rule): boolean {
  return transforms.some(({ method }) => method === 'preshared');
}
