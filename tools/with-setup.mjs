/** `node tools/with-setup.mjs COMMAND ...`: sets the clone up and builds it, then runs the command in its root. */
import { ensureInstalled } from './setup.mjs';
import { buildIfStale } from './build.mjs';
import { run } from './run.mjs';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('usage: node tools/with-setup.mjs COMMAND [ARGUMENT ...]');
  process.exit(2);
}
ensureInstalled();
await buildIfStale();
process.exitCode = await run(command, args);
