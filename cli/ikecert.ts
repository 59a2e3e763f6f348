#!/usr/bin/env node
/** `ikecert`: the databases of certificates, private keys and revocation lists. */
import { NodeRandom } from '../adapters/random/node-random.js';
import { pathsUnder } from './in.iked/paths.js';
import { readPin } from './ikecert/pin.js';
import { pkcs11Library } from './ikecert/pkcs11-library.js';
import { runIkecert } from './ikecert/run.js';
import { StandardInput } from './ikecert/standard-input.js';

// What is secret says so by itself; directories of certificates are open to all.
process.umask(0o022);
// A reader that has seen enough (`ikecert certdb -l | head`) is no error.
process.stdout.on('error', () => undefined);

const random = new NodeRandom();
const stdin = new StandardInput(process.stdin);
const { stdout, stderr, exit } = await runIkecert(process.argv.slice(2), {
  pathsUnder: (root) => pathsUnder(root, undefined).certificates,
  now: () => Date.now(),
  random: (length) => random.bytes(length),
  progress: (line) => void process.stderr.write(`${line}\n`),
  readInput: (longest) => stdin.rest(longest),
  pkcs11Library: (root) => pkcs11Library(pathsUnder(root, undefined).config),
  pin: (prompt, place) => readPin(prompt, place, stdin),
});
process.exitCode = exit;
process.stdout.write(stdout, () => process.stderr.write(stderr, () => process.exit()));
