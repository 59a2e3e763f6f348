/** The addon as `run.sh` built it, and what tests of it count. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { loadNative, type Native } from '../../adapters/native/load-native.js';

export const SEED = Number(process.env.IKECHART_SEED ?? 1);

export function instrumentedAddon(): Native {
  const path = process.env.IKECHART_ASAN_ADDON;
  assert.ok(path !== undefined && existsSync(path), 'run test/native/run.sh');
  const loaded = loadNative(path);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.error);
  return loaded.value;
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Whatever else runs in this process may have closed one of its own. */
export function assertNoneLeftOpen(before: number): void {
  const now = openDescriptors();
  assert.ok(now <= before, `${String(now - before)} descriptors were left open`);
}
