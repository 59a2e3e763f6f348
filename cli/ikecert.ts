#!/usr/bin/env node
/** `ikecert`: the databases of certificates, private keys and revocation lists. */
import { NodeRandom } from '../adapters/random/node-random.js';
import { err, ok } from '../services/result.js';
import { pathsUnder } from './in.iked/paths.js';
import { runIkecert } from './ikecert/run.js';

// What is secret says so by itself; directories of certificates are open to all.
process.umask(0o022);
// A reader that has seen enough (`ikecert certdb -l | head`) is no error.
process.stdout.on('error', () => undefined);

const random = new NodeRandom();
const { stdout, stderr, exit } = await runIkecert(process.argv.slice(2), {
  pathsUnder: (root) => pathsUnder(root, undefined).certificates,
  now: () => Date.now(),
  random: (length) => random.bytes(length),
  progress: (line) => void process.stderr.write(`${line}\n`),
  async readInput(longest) {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of process.stdin as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > longest) return err(`stdin has more than ${String(longest)} bytes`);
      parts.push(part);
    }
    return length === 0 ? err('stdin is empty') : ok(new Uint8Array(Buffer.concat(parts)));
  },
});
process.exitCode = exit;
process.stdout.write(stdout, () => process.stderr.write(stderr, () => process.exit()));
