/** What `-c` says of ike.preshared: what is weak in it. Of the keys nothing stays. */
import { existsSync } from 'node:fs';
import { NodeFiles } from '../../adapters/files/node-files.js';
import { KeyStore } from '../../daemon/key-store.js';
import { presharedAdvice } from '../../services/advice/preshared-advice.js';
import { formatDiagnostic } from '../../services/config/diagnostic.js';
import { parsePreshared } from '../../services/config/ike-preshared.js';

/** Lines for an operator. A check is of ike.config: that keys are missing or cannot be read changes nothing about it. */
export function presharedWarnings(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const text = new NodeFiles().readSecret(path);
  if (!text.ok) return [`note: the pre-shared keys were not checked: ${text.error.message}`];
  const keys = new KeyStore();
  const kept: ReturnType<KeyStore['put']>[] = [];
  const { keys: entries = [], diagnostics } = parsePreshared(text.value, path, (bytes) => {
    const handle = keys.put(bytes);
    kept.push(handle);
    return handle;
  });
  const advice = presharedAdvice(entries, (handle) => keys.bytes(handle));
  keys.erase(...kept);
  const broken = diagnostics.some(({ severity }) => severity === 'error');
  return [
    ...[...diagnostics, ...advice].map(formatDiagnostic),
    ...(broken ? [`${path}: warning: the daemon does not start with these mistakes.`] : []),
  ];
}
