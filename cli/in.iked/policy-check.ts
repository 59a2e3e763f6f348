/** What `-c` says of the policy file: mistakes, and what is weak or useless in it. */
import { NodeFiles } from '../../adapters/files/node-files.js';
import { policiesNotCarried } from '../../adapters/kernel/embedded/policies-not-carried.js';
import { policyAdvice } from '../../services/advice/policy-advice.js';
import { formatDiagnostic } from '../../services/config/diagnostic.js';
import { parseIpsecPolicies } from '../../services/config/ipsec-policy.js';
import type { Checked, CheckedWith } from './checked.js';

export function policyCheck(path: string, { embedded }: CheckedWith): Checked {
  const text = new NodeFiles().read(path);
  if (!text.ok) return { stdout: '', stderr: `in.iked: ${text.error.message}\n`, good: false };
  const { policies, diagnostics } = parseIpsecPolicies(text.value, path);
  const said = [...diagnostics, ...policyAdvice(policies ?? [])];
  const lines = (isError: boolean): string =>
    said
      .filter(({ severity }) => (severity === 'error') === isError)
      .map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`)
      .join('');
  const lost = embedded === undefined ? [] : policiesNotCarried(policies ?? [], embedded.tun);
  const warnings = lost.map((line) => `${line}\n`).join('');
  return { stdout: `${lines(false)}${warnings}`, stderr: lines(true), good: policies !== undefined };
}
