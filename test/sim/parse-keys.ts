/** Pre-shared keys of a simulated daemon, read by the production grammar. */
import { parsePreshared } from '../../services/config/ike-preshared.js';
import type { PresharedKey } from '../../services/policy/preshared-key.js';
import type { Keys } from '../../services/ports/keys.js';

export function parsePresharedKeys(text: string, keys: Keys): readonly PresharedKey[] {
  const reading = parsePreshared(text, 'ike.preshared', (bytes) => keys.put(bytes));
  if (reading.keys === undefined) throw new Error(JSON.stringify(reading.diagnostics));
  return reading.keys;
}
