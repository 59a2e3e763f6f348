/** `npm run bench [-- NAME ...]`: runs bench/*.ts, or those named, one after the other. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, ROOT } from './setup.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
const known = readdirSync(join(ROOT, 'bench')).filter((name) => name.endsWith('.ts'));
const wanted = process.argv.slice(2).map((name) => (name.endsWith('.ts') ? name : `${name}.ts`));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No such bench: ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}
let failed = false;
for (const name of wanted.length > 0 ? wanted : known) {
  // Memory is measured after a forced collection, hence --expose-gc.
  const status = await runNode(['--expose-gc', '--import=tsx', join('bench', name)]);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
