/**
 * `npm run fuzz [-- TARGET ...] [--seed N] [--count N | --share F]`: throws spoiled input at the codec, the dispatcher,
 * the configuration readers, the door, the PF_KEY kernels and a daemon on loopback. Each target has its own full count; `--share 0.1` runs a tenth of
 * each. Same seed, same cases. What is found is printed, written to `.tmp/fuzz/`, and ends it with status 1.
 */
import { parseArgs } from 'node:util';
import { codec } from './codec.js';
import { configuration } from './configuration.js';
import { daemon } from './daemon.js';
import { dispatch } from './dispatch.js';
import { door } from './door.js';
import { keepFinding } from './finding-file.js';
import { pfkey } from './pfkey.js';
import type { FuzzTarget } from './target.js';
import { xfrm } from './xfrm.js';

const TARGETS: readonly FuzzTarget[] = [codec, configuration, door, dispatch, daemon, pfkey, xfrm];
const NAMES = TARGETS.map(({ name }) => name);

function refuse(problem: string): never {
  console.error(
    `${problem}\nusage: npm run fuzz -- [${NAMES.join(' | ')}] ... [--seed N] [--count N | --share F]`,
  );
  process.exit(2);
}

function number(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text === '' || !(value >= least))
    refuse(`--${option} must be a number, at least ${String(least)}, not "${text}".`);
  return value;
}

function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { seed: { type: 'string' }, count: { type: 'string' }, share: { type: 'string' } },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = readOptions();
const unknown = positionals.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) refuse(`There is no target ${unknown.join(', ')}.`);
const seed = number('seed', values.seed, 0) ?? 1;
const count = number('count', values.count, 1);
const share = number('share', values.share, 0) ?? 1;
let found = 0;
for (const target of TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const cases = Math.max(1, Math.round(count ?? target.fullCount * share));
  const begun = performance.now();
  const { findings, reached } = await target.run({ seed, count: cases });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${target.name}: ${String(cases)} cases of seed ${String(seed)} in ${seconds} s, ${String(findings.length)} findings`,
  );
  for (const [what, times] of Object.entries(reached))
    console.log(`    ${String(times).padStart(8)}  ${what}`);
  for (const finding of findings) console.error(keepFinding(finding));
  found += findings.length;
}
process.exit(found === 0 ? 0 : 1);
