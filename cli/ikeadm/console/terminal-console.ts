/** A person at a terminal: line editing and history by `node:readline`, PINs without echo. */
import { createInterface, type Interface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Bytes } from '../../../services/bytes.js';
import { LONGEST_LINE, type Console, type Entered } from './console.js';
import { readHiddenLine, type TerminalInput } from './hidden-line.js';

/** How much of the history is kept, bytes. */
const HISTORY_BYTES = 64_000;

/** Lines that may hold a key do not come back with the arrow keys. */
const SECRET = /\bkey\s+["0-9a-f]/i;

export class TerminalConsole implements Console {
  readonly #input: TerminalInput;
  readonly #output: Writable;
  #editor: Interface | undefined;
  #history: string[] = [];
  readonly #entered: Entered[] = [];
  #waiting: ((entered: Entered) => void) | undefined;

  constructor(input: TerminalInput, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  line(prompt: string): Promise<Entered> {
    const pasted = this.#entered.shift();
    if (pasted !== undefined) return Promise.resolve(pasted);
    const editor = (this.#editor ??= this.#open());
    editor.setPrompt(prompt);
    editor.prompt();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The editor would show what is typed, so it goes for the time. */
  secret(prompt: string): Promise<Bytes | undefined> {
    this.close();
    return readHiddenLine(this.#input, (text) => this.#output.write(text), prompt);
  }

  close(): void {
    const editor = this.#editor;
    this.#editor = undefined;
    editor?.close();
  }

  #open(): Interface {
    const editor = createInterface({
      input: this.#input,
      output: this.#output,
      terminal: true,
      history: this.#history,
      historySize: HISTORY_BYTES,
    });
    editor.on('line', (text) => {
      editor.pause();
      this.#enter(Buffer.byteLength(text) > LONGEST_LINE ? { kind: 'too-long' } : { kind: 'line', text });
    });
    editor.on('SIGINT', () => {
      // Without this the abandoned line would still stand in the editor.
      editor.write(null, { ctrl: true, name: 'e' });
      editor.write(null, { ctrl: true, name: 'u' });
      this.#output.write('\n');
      this.#enter({ kind: 'interrupted' });
    });
    editor.on('history', (history: string[]) => {
      keepLatest(history);
      this.#history = [...history];
    });
    editor.on('close', () => {
      if (this.#editor !== editor) return;
      this.#editor = undefined;
      this.#output.write('\n');
      this.#enter({ kind: 'end' });
    });
    return editor;
  }

  #enter(entered: Entered): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    if (resolve === undefined) this.#entered.push(entered);
    else resolve(entered);
  }
}

/** In place, as the editor shares its list: newest first. */
function keepLatest(history: string[]): void {
  if (SECRET.test(history[0] ?? '')) history.shift();
  let bytes = 0;
  const end = history.findIndex((line) => (bytes += Buffer.byteLength(line)) > HISTORY_BYTES);
  if (end >= 0) history.length = end;
}
