/**
 * Compiles the C of adapters/native/ into dist/ikechart.node, against the headers of the Node that runs us. Never
 * fatal: without a compiler or headers one sentence says what is missing. Nothing is downloaded.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './setup.mjs';

const SOURCES = join(ROOT, 'adapters', 'native');
const ADDON = join(ROOT, 'dist', 'ikechart.node');
const WARNINGS = ['-Wall', '-Wextra'];
/** chkauthattr(3SECDB) of illumos. */
const LIBRARIES = process.platform === 'sunos' ? ['-lsecdb'] : [];

/** Where this Node's headers are: beside its binary, unless npm was told another place. */
function headers() {
  const places = [process.env['npm_config_nodedir'], dirname(dirname(process.execPath))];
  return places
    .filter((place) => place !== undefined && place !== '')
    .flatMap((place) => [join(place, 'include', 'node'), join(place, 'src')])
    .find((folder) => existsSync(join(folder, 'node_api.h')));
}

/**
 * @param {{ into?: string; flags?: readonly string[] }} [how] another place, and flags of the compiler beside ours
 * @returns {string | undefined} why there is no addon, one sentence
 */
export function buildAddon({ into = ADDON, flags = [] } = {}) {
  const folder = headers();
  if (folder === undefined) {
    return `there is no node_api.h beside ${process.execPath}; name its folder with npm_config_nodedir`;
  }
  mkdirSync(dirname(into), { recursive: true });
  const files = readdirSync(SOURCES)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(SOURCES, name));
  const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  const made = `${into}.${process.pid}`;
  const compiler = process.env['CC'] ?? 'cc';
  const run = spawnSync(
    compiler,
    [
      ...['-std=gnu11', '-O2', '-fPIC', ...WARNINGS, ...flags, ...shared, `-I${folder}`],
      ...['-o', made, ...files, ...LIBRARIES],
    ],
    { encoding: 'utf8' },
  );
  if (run.status === 0) {
    // A daemon may have the old one loaded: the name gets a new file.
    renameSync(made, into);
    return undefined;
  }
  rmSync(made, { force: true });
  rmSync(into, { force: true });
  return run.error === undefined
    ? `${compiler} failed: ${run.stderr.trim()}`
    : `the C compiler ${compiler} cannot be run (${run.error.code})`;
}
