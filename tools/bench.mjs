/**
 * `npm run bench [-- NAME ...]`: runs bench/*.ts, or those named, one after the other. They are bundled first, as what
 * ships is: what transpiles modules while they load costs time of its own.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { ensureInstalled, ROOT } from './setup.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
const { build } = await import('esbuild');
const known = readdirSync(join(ROOT, 'bench')).filter((name) => name.endsWith('.ts'));
const wanted = process.argv.slice(2).map((name) => (name.endsWith('.ts') ? name : `${name}.ts`));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No such bench: ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}
/** Of these the others say nothing: they need root, charon and network namespaces, so they run when they are named. */
const BY_NAME = ['tunnel.ts'];
const chosen = wanted.length > 0 ? wanted : known.filter((name) => !BY_NAME.includes(name));
if (chosen.length < known.length && wanted.length === 0)
  console.error(`Only by name: ${BY_NAME.join(', ')}.`);
// The commands that a bench starts.
await buildIfStale();
// As deep as test/interop/lab, whose code finds the commands from where it stands.
const OUT = '.tmp/out/bench';
await build({
  absWorkingDir: ROOT,
  entryPoints: ['bench/*.ts', 'bench/ends/*.ts'],
  outbase: 'bench',
  outdir: OUT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['piscina', 'elkjs'],
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
let failed = false;
for (const name of chosen) {
  // Memory is measured after a forced collection, hence --expose-gc.
  const status = await runNode(['--expose-gc', join(OUT, name.replace(/\.ts$/, '.js'))]);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
