/** Whether what is written reads back to the same. */
import assert from 'node:assert/strict';
import { KeyStore } from '../../../daemon/key-store.js';
import { hex } from '../../../services/bytes.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { parsePreshared } from '../../../services/config/ike-preshared.js';
import { writeIkeConfig } from '../../../services/config/write-ike-config.js';
import { writePreshared } from '../../../services/config/write-preshared.js';
import type { PresharedKey } from '../../../services/policy/preshared-key.js';
import type { IkeConfig } from '../../../services/policy/rule.js';

/** Without the places in the file, which are others. */
export function substance(config: unknown): unknown {
  const text = JSON.stringify(config, (name, value: unknown) => (name === 'position' ? undefined : value));
  return JSON.parse(text.replace(/ \([^()"]*:\d+:\d+\)/g, ''));
}

export function assertConfigReadsBack(config: IkeConfig): void {
  const text = writeIkeConfig(config);
  const { config: again, diagnostics } = parseIkeConfig(text, 'written');
  assert.ok(again, `${text}\n${JSON.stringify(diagnostics)}`);
  assert.deepEqual(substance(again), substance(config), text);
  assert.equal(writeIkeConfig(again), text, 'writing it again changes nothing');
}

export function assertKeysReadBack(keys: readonly PresharedKey[], store: KeyStore): void {
  const text = new TextDecoder().decode(writePreshared(keys, (key) => store.bytes(key)));
  const second = new KeyStore();
  const { keys: again, diagnostics } = parsePreshared(text, 'written', (bytes) => second.put(bytes));
  assert.ok(again, JSON.stringify(diagnostics));
  assert.deepEqual(withBytes(again, second), withBytes(keys, store));
}

function withBytes(keys: readonly PresharedKey[], store: KeyStore): unknown {
  return keys.map(({ local, remote, mode, bits, key }) => ({
    local,
    remote,
    mode,
    bits,
    key: hex(store.bytes(key)),
  }));
}
