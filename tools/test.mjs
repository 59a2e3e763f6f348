/**
 * `npm test`: every test that needs neither root nor a peer. Arguments go to mocha: files, `--grep`, `--reporter`.
 *
 * All of them are shared out among two processes, file by file. Files that are named run in one, as mocha does by itself;
 * so do all when coverage is counted, because mocha ends its processes before they could write theirs down.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensureInstalled } from './setup.mjs';
import { buildIfStale } from './build.mjs';
import { runNode } from './run.mjs';

/** Tests start daemons and commands of their own beside them: more would only be in each other's way. */
const MOST_JOBS = 2;

ensureInstalled();
await buildIfStale(); // some tests run the commands as they ship

const args = process.argv.slice(2);
const namesFiles = args.some((arg) => existsSync(arg) || arg.includes('*'));
const specs = namesFiles ? [] : ['test/**/*.test.ts'];
const jobs = Math.min(MOST_JOBS, availableParallelism());
const alone = namesFiles || jobs === 1 || process.env.NODE_V8_COVERAGE !== undefined;
const parallel = alone ? [] : ['--parallel', '--jobs', String(jobs)];
process.exitCode = await runNode([
  'node_modules/mocha/bin/mocha.js',
  ...['--reporter', 'dot', ...parallel, ...args, ...specs],
]);
