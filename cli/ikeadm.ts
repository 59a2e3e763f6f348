#!/usr/bin/env node
/** `ikeadm`: the administrator's end of the door. */
import { connectDoor } from '../adapters/door/door-client.js';
import { loadNative } from '../adapters/native/load-native.js';
import { doorPath, tokenDoorPath } from '../services/admin/door-path.js';
import { hostConsole } from './ikeadm/console/host-console.js';
import { hostFiles } from './ikeadm/files.js';
import { hostNameService } from './ikeadm/name-service.js';
import { runIkeadm } from './ikeadm/run.js';

// A reader that has seen enough (`ikeadm dump p1 | head`) is no error.
process.stdout.on('error', () => undefined);

process.exitCode = await runIkeadm(
  process.argv.slice(2),
  (options) => ({
    connect: () =>
      connectDoor(doorPath(options.root), {
        tokenPath: tokenDoorPath(options.root),
        passing: () => {
          const native = loadNative();
          return native.ok ? native.value : undefined;
        },
      }),
    names: hostNameService,
    now: () => Date.now() / 1000,
    files: hostFiles,
    console: hostConsole(),
    ignoreInterrupts: () => {
      process.on('SIGINT', () => undefined);
    },
  }),
  ({ stdout, stderr }) =>
    new Promise((resolve) => {
      process.stdout.write(stdout, () =>
        process.stderr.write(stderr, () => {
          resolve();
        }),
      );
    }),
);
// A name service that still thinks would keep the process.
process.exit();
