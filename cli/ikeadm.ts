#!/usr/bin/env node
/** `ikeadm`: the administrator's end of the door. */
import { hostConsole } from './ikeadm/console/host-console.js';
import { hostFiles } from './ikeadm/files.js';
import { hostNameService } from './ikeadm/name-service.js';
import { reachDoor } from './ikeadm/reach-door.js';
import { runIkeadm } from './ikeadm/run.js';

// A reader that has seen enough (`ikeadm dump p1 | head`) is no error.
process.stdout.on('error', () => undefined);

process.exitCode = await runIkeadm(
  process.argv.slice(2),
  (options) => ({
    connect: () => reachDoor(options.root),
    names: hostNameService,
    now: () => Date.now() / 1000,
    files: hostFiles,
    console: hostConsole(),
    ignoreInterrupts: () => {
      process.on('SIGINT', () => undefined);
    },
    untilInterrupted: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
          process.once(signal, () => {
            resolve();
          });
        }
      }),
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
