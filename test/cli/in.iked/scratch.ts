/** A folder of a test's own, short enough for the path of a Unix socket below it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  readonly folder: string;
  remove(): void;
}

/** Made while test files are loaded: where none of a file's tests is chosen (`mocha -g`), its hooks do not run either. */
const left = new Set<string>();
process.on('exit', () => {
  for (const folder of left) rmSync(folder, { recursive: true, force: true });
});

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'ikechart-'));
  left.add(folder);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      left.delete(folder);
    },
  };
}
