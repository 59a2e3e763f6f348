/**
 * `npm run bench [-- NAME [ARGUMENT ...]]`: runs bench/NAME.ts with its arguments, or without a name all that measure,
 * one after the other. They are bundled first, as what ships is: what transpiles modules while they load costs time of its own.
 */
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { ensureInstalled, ROOT } from './setup.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
const { build } = await import('esbuild');
const known = readdirSync(join(ROOT, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''));
const [name, ...args] = process.argv.slice(2);
if (name !== undefined && !known.includes(name)) {
  console.error(`No such bench: ${name}. There are: ${known.join(', ')}.`);
  process.exit(2);
}
/** Only by name: `tunnel` needs root, charon and network namespaces, `compare` measures nothing. */
const BY_NAME = ['compare', 'tunnel'];
const chosen = name === undefined ? known.filter((one) => !BY_NAME.includes(one)) : [name];
if (name === undefined) console.error(`Only by name: ${BY_NAME.join(', ')}.`);
// The commands that a bench starts are those that ship.
await buildIfStale();
// As deep as test/interop/lab, whose code finds the commands from where it stands.
const OUT = '.tmp/out/bench';
await build({
  absWorkingDir: ROOT,
  entryPoints: ['bench/*.ts', 'bench/ends/*.ts', 'bench/ike/beside-daemon.ts'],
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
// `page` serves it, from beside the code, as what ships does.
cpSync(join(ROOT, 'adapters/inspector/page'), join(ROOT, OUT, 'page'), { recursive: true });
let failed = false;
for (const one of chosen) {
  // Memory is measured after a forced collection, hence --expose-gc.
  const status = await runNode(['--expose-gc', join(OUT, `${one}.js`), ...args]);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
