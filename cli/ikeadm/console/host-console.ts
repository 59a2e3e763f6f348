/** The console of this process: by what stdin is. */
import { Writable } from 'node:stream';
import type { Console } from './console.js';
import { PlainConsole } from './plain-console.js';
import { TerminalConsole } from './terminal-console.js';

export function hostConsole(): Console {
  return process.stdin.isTTY ? new TerminalConsole(process.stdin, screen()) : new PlainConsole(process.stdin);
}

/** Where a person at the terminal sees the prompt, also when the output of commands goes into a file. */
function screen(): Writable {
  if (process.stdout.isTTY) return process.stdout;
  if (process.stderr.isTTY) return process.stderr;
  return new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
}
