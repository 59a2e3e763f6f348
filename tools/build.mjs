/**
 * Bundles the commands into dist/: a file each, so that `in.iked -c` starts without loading hundreds of modules, parts for
 * what they import when they need it, and a file for what in.iked loads only to run.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAddon } from './addon.mjs';
import { ensureInstalled, ROOT } from './setup.mjs';

const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.built');
const PAGE = 'adapters/inspector/page';
const COMMANDS = ['cli/in.iked.ts', 'cli/ikeadm.ts', 'cli/ikecert.ts', 'cli/demo.ts'];
/** Loaded by path at run time, each in a thread or a process of its own. */
const WORKERS = [
  'adapters/crypto/dh-worker.ts',
  'adapters/pkcs11/token-child.ts',
  'cli/in.iked/kernel-thread.ts',
  'cli/in.iked/worker-thread.ts',
];
/** Imported by `cli/in.iked.ts` when it runs: most of the daemon, which `-c` and `--help` would compile for nothing. */
const RUNS = [
  { in: 'cli/in.iked/run.ts', out: 'in.iked-run' },
  { in: 'cli/in.iked/run-workers.ts', out: 'in.iked-run-workers' },
];
const RUNS_APART = {
  name: 'runs-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/in\.iked\/run(-workers)?\.js$/ }, ({ path }) => ({
      path: path.replace('./in.iked/', './in.iked-'),
      external: true,
    }));
  },
};
const SOURCES = [
  'cli',
  'adapters',
  'daemon',
  'machines',
  'services',
  'tools/build.mjs',
  'tools/addon.mjs',
  'package-lock.json',
];

/** How the names of the parts begin: an earlier build's are others. */
const PART = 'part-';

/** Not bundled: piscina starts worker files of its own by path; elkjs is large and only the inspector loads it. */
const EXTERNAL = ['piscina', 'elkjs'];

/** Some packages are CommonJS and `require` Node's modules, which a bundle of ES modules must make for them. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

/** Time of the newest file under `path`, milliseconds since 1970. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale() {
  const built = statSync(STAMP, { throwIfNoEntry: false });
  return built === undefined || SOURCES.some((source) => newest(join(ROOT, source)) > built.mtimeMs);
}

/** Ends the process with esbuild's own message when a source does not compile. */
export async function build() {
  const begun = new Date();
  const { build: bundle } = await import('esbuild');
  mkdirSync(DIST, { recursive: true });
  rmSync(STAMP, { force: true });
  const options = {
    absWorkingDir: ROOT,
    bundle: true,
    outdir: DIST,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    legalComments: 'linked',
    logLevel: 'warning',
    // All in one folder, wherever their sources stand.
    entryNames: '[name]',
    external: EXTERNAL,
  };
  try {
    for (const name of readdirSync(DIST)) if (name.startsWith(PART)) rmSync(join(DIST, name));
    await Promise.all([
      // The first line of a source may name its interpreter; esbuild keeps it before the banner.
      bundle({
        ...options,
        ...{ entryPoints: COMMANDS, banner: { js: BANNER }, plugins: [RUNS_APART] },
        ...{ splitting: true, chunkNames: `${PART}[name]-[hash]` },
      }),
      bundle({ ...options, entryPoints: RUNS, banner: { js: BANNER } }),
      bundle({ ...options, entryPoints: WORKERS, banner: { js: BANNER } }),
    ]);
  } catch {
    console.error('Build failed: a source does not compile (see above).');
    process.exit(1);
  }
  for (const command of COMMANDS) chmodSync(join(DIST, basename(command, '.ts') + '.js'), 0o755);
  cpSync(join(ROOT, PAGE), join(DIST, 'page'), { recursive: true });
  const missing = buildAddon();
  if (missing !== undefined) {
    console.error(
      `Without the native addon: ${missing}. Core files stay as the host limits them, and the door neither knows who calls nor takes open files.`,
    );
  }
  // Stamped with the time it began: a source saved meanwhile makes the next run build again.
  writeFileSync(STAMP, `${begun.toISOString()}\n`);
  utimesSync(STAMP, begun, begun);
}

export async function buildIfStale() {
  if (isStale()) await build();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureInstalled();
  await build();
}
