/** The PIN of a token: typed without echo, or a line of a pipe. Never an argument, which every user of the host could read. */
import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { type Bytes, toText } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';
import { readHiddenLine } from '../ikeadm/console/hidden-line.js';
import { LONGEST_PIN } from '../ikeadm/console/console.js';
import type { StandardInput } from './standard-input.js';
import type { PinPlace } from './world.js';

const TERMINAL = '/dev/tty';

export async function readPin(
  prompt: string,
  place: PinPlace,
  stdin: StandardInput,
): Promise<Result<Bytes, string>> {
  const write = (text: string): void => void process.stderr.write(text);
  if (process.stdin.isTTY && place === 'stdin')
    return typed(await readHiddenLine(process.stdin, write, prompt));
  if (place === 'stdin') return ok(await stdin.line(LONGEST_PIN));
  const terminal = openTerminal();
  if (terminal !== undefined) {
    try {
      return typed(await readHiddenLine(terminal, write, prompt));
    } finally {
      terminal.destroy();
    }
  }
  if (place === 'after-input')
    return err(
      'the PIN of the token is needed, and there is no terminal to ask for it: name the token with -T, and write the PIN into the first line of stdin, before the rest',
    );
  const line = await stdin.line(LONGEST_PIN);
  if (!looksLikeInput(line)) return ok(line);
  line.fill(0);
  return err('without a terminal, the first line of stdin is the PIN of the token, and the rest follows it');
}

function typed(line: Bytes | undefined): Result<Bytes, string> {
  return line === undefined ? err('no PIN was given') : ok(line);
}

/** The terminal of whoever started us, also where stdin is something else; undefined where there is none. */
function openTerminal(): ReadStream | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(TERMINAL, 'r+');
    return new ReadStream(descriptor);
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
}

/** PEM, or DER of some length: it must not be counted as a wrong PIN. */
function looksLikeInput(line: Bytes): boolean {
  return (line[0] === 0x30 && (line[1] ?? 0) > 0x80) || toText(line).includes('-----BEGIN');
}
