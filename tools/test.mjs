/** `npm test`: every test that needs neither root nor a peer. Arguments go to mocha: files, `--grep`, `--reporter`. */
import { existsSync } from 'node:fs';
import { ensureInstalled } from './setup.mjs';
import { buildIfStale } from './build.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
await buildIfStale(); // some tests run the commands as they ship

const args = process.argv.slice(2);
const namesFiles = args.some((arg) => existsSync(arg) || arg.includes('*'));
const specs = namesFiles ? [] : ['test/**/*.test.ts'];
process.exitCode = await runNode(['node_modules/mocha/bin/mocha.js', '--reporter', 'dot', ...args, ...specs]);
