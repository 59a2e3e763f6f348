/** Makes the clone ready to run with nothing but Node: the packages of package-lock.json, in node_modules. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What npm records of an installed tree; it names every package that is there. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
/** npm's cache stays in the clone, so that set-up writes nowhere else and needs no home directory. */
const CACHE = join(ROOT, '.tmp', 'npm-cache');

/**
 * Where node-gyp finds the headers of the Node that runs (`include/node` below): whatever is compiled at install belongs to
 * it, and nothing is fetched for it. Packages that do not compile are optional, and npm leaves them out.
 */
const HEADERS = dirname(dirname(realpathSync(process.execPath)));

/** @returns {Record<string, { version?: string; optional?: boolean }>} packages by their path in the tree */
function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}

/** Compared by content, not by time: a fresh clone, a copy or a checkout must not make an install look stale. */
function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const installed = packagesOf(INSTALLED);
  return Object.entries(packagesOf(join(ROOT, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

function refuseOldNode() {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node.replace('>=', '');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(`ikechart needs Node ${wanted} or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

/** `npm` as the one that runs us, else the one on the path. */
function npm(args) {
  const cli = process.env['npm_execpath'];
  const [command, before] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  return spawnSync(command, [...before, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      npm_config_cache: CACHE,
      npm_config_update_notifier: 'false',
      npm_config_nodedir: HEADERS,
    },
  });
}

/** Installs the packages when they are missing or not those of package-lock.json; ends the process when it cannot. */
export function ensureInstalled() {
  refuseOldNode();
  if (isInstalled()) return;
  console.error('Setting up: installing the packages of package-lock.json into node_modules ...');
  // Short waits between tries: without a network this must fail in a minute or so, not in twenty.
  const waits = ['--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=3000'];
  const run = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error', ...waits]);
  if (run.status === 0) {
    rmSync(CACHE, { recursive: true, force: true });
    return;
  }
  console.error(run.error?.message ?? `${run.stdout}${run.stderr}`.trim());
  console.error(
    'Set-up failed: "npm ci" could not install the packages (see above). ' +
      'Check that npm is on the PATH, that its registry can be reached and that this folder can be written, then try again.',
  );
  process.exit(1);
}
