/** Keeps what a fuzz target found: the input in a file of its own, and what to read about it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './target.js';

const FOLDER = fileURLToPath(new URL('../../.tmp/fuzz/', import.meta.url));
const MOST_SHOWN = 400;

/** Writes the input to a file, and gives back the report to print: what, where, and how to see it again. */
export function keepFinding({ target, seed, at, input, error }: Finding, folder = FOLDER): string {
  mkdirSync(folder, { recursive: true });
  const [name = target] = target.split(' ');
  const file = join(
    folder,
    `${name}-${String(seed)}-${String(at)}.${typeof input === 'string' ? 'txt' : 'bin'}`,
  );
  writeFileSync(file, input);
  const shown = typeof input === 'string' ? JSON.stringify(input) : Buffer.from(input).toString('hex');
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `FOUND by ${target}, seed ${String(seed)}, case ${String(at)}: ${detail}`,
    `  input: ${shown.slice(0, MOST_SHOWN)}${shown.length > MOST_SHOWN ? '...' : ''}`,
    `  in ${file}; again: npm run fuzz -- ${name} --seed ${String(seed)} --count ${String(at + 1)}`,
  ].join('\n');
}
