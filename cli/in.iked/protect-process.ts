/** What the process does for the keys in its memory, before there are any. */
import { loadNative, type Native } from '../../adapters/native/load-native.js';

/**
 * No core files from now on, where the addon is there to say so; else the limit of whoever started us stays. The addon,
 * or undefined.
 */
export function protectProcess(): Native | undefined {
  const native = loadNative();
  if (!native.ok) return undefined;
  native.value.coreLimitZero();
  return native.value;
}
