/** `npm start`: two daemons on this machine build a tunnel. `-- --once` ends when the packet has arrived. */
import { ensureInstalled } from './setup.mjs';
import { buildIfStale } from './build.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
await buildIfStale();
process.exitCode = await runNode(['dist/demo.js', ...process.argv.slice(2)]);
