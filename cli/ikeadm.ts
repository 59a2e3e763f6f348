#!/usr/bin/env node
/** `ikeadm`: the administrator's end of the door. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { connectDoor } from '../adapters/door/door-client.js';
import { systemErrorText } from '../adapters/door/door-fault.js';
import { doorPath } from '../services/admin/door-path.js';
import { err, ok, type Result } from '../services/result.js';
import { hostNameService } from './ikeadm/name-service.js';
import { runIkeadm } from './ikeadm/run.js';

async function createDebugFile(path: string): Promise<Result<string, string>> {
  try {
    const file = await open(path, 'a', 0o600);
    await file.close();
    return ok(resolve(path));
  } catch (error) {
    return err(`open user-specified file: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errno' in error && typeof error.errno === 'number' ? systemErrorText(error.errno) : error.message;
}

// A reader that has seen enough (`ikeadm dump p1 | head`) is no error.
process.stdout.on('error', () => undefined);

const { stdout, stderr, exit } = await runIkeadm(process.argv.slice(2), (options) => ({
  connect: () => connectDoor(doorPath(options.root)),
  names: hostNameService,
  now: () => Date.now() / 1000,
  createDebugFile,
}));
process.exitCode = exit;
// A name service that still thinks would keep the process; what was written goes out first.
process.stdout.write(stdout, () => process.stderr.write(stderr, () => process.exit()));
