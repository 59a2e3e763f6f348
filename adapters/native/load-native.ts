/**
 * The addon: what Node lacks, from the C beside this file. It is optional: where it was not built, or does not load,
 * everything else works, and one sentence says what is missing.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '../../services/result.js';

export interface Native {
  /** Sets the limit of core files to 0, for good. 0, or `errno`. */
  readonly coreLimitZero: () => number;
  /** The user at the other end of a connected Unix socket, or minus `errno`. */
  readonly peerUid: (descriptor: number) => number;
}

/** Beside the bundles, or in `dist/` of the sources that run by themselves. */
export function addonPath(module = import.meta.url): string {
  const folder = dirname(fileURLToPath(module));
  const beside = join(folder, 'ikechart.node');
  return existsSync(beside) ? beside : join(folder, '../../dist/ikechart.node');
}

export function loadNative(path = addonPath()): Result<Native, string> {
  if (!existsSync(path)) {
    return err(`${path} was not built: install a C compiler and Node's headers, then run "npm run build".`);
  }
  try {
    const addon: unknown = createRequire(import.meta.url)(path);
    return isNative(addon)
      ? ok(addon)
      : err(`${path} is of another version of ikechart: run "npm run build".`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`${path} does not load: ${reason}; run "npm run build" on this host.`);
  }
}

function isNative(addon: unknown): addon is Native {
  return (
    typeof addon === 'object' &&
    addon !== null &&
    'coreLimitZero' in addon &&
    typeof addon.coreLimitZero === 'function' &&
    'peerUid' in addon &&
    typeof addon.peerUid === 'function'
  );
}
