/** `npm run fuzz`: spoiled input for everything that reads any. Options: test/fuzz/main.ts. */
import { ensureInstalled } from './setup.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
process.exitCode = await runNode(['--import=tsx', 'test/fuzz/main.ts', ...process.argv.slice(2)]);
