/** The measured daemon as its operator sees it. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRecord } from '../../services/admin/door/own-explanations.js';
import { type LoadReport, readLoad } from '../../services/admin/load.js';

const IKEADM = fileURLToPath(new URL('../../../dist/ikeadm.js', import.meta.url));

/** What a command prints. `folder` is that of `withEnds`. */
export async function ikeadm(folder: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[IKEADM, '-R', join(folder, 'daemon'), ...words],
  ]);
  return stdout;
}

/** `ikeadm` that stays and is asked one thing after another: a process for each would take a core for as long as what is measured. */
export class Prompt {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: Interface;

  /** `folder` is that of `withEnds`. */
  constructor(folder: string) {
    this.#child = spawn(process.execPath, [IKEADM, '-R', join(folder, 'daemon'), '-j'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface({ input: this.#child.stdout });
  }

  /** Resolves with the document that it answers; one at a time. */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        reject(new Error(`ikeadm ended when it was asked to ${command}`));
      };
      this.#child.once('exit', ended);
      this.#answers.once('line', (line) => {
        this.#child.off('exit', ended);
        if (line.includes('"error"')) reject(new Error(`ikeadm ${command}: ${line}`));
        else resolve(line);
      });
      this.#child.stdin.write(`${command}\n`);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }
}

/** `ikeadm get load`, of each worker. */
export async function loadReports(folder: string): Promise<readonly LoadReport[]> {
  const stdout = await ikeadm(folder, '-j', 'get', 'load');
  const shown: unknown = JSON.parse(stdout);
  const workers = isRecord(shown) ? readLoad(shown.workers) : undefined;
  if (workers === undefined) throw new Error(`ikeadm shows what nobody understands: ${stdout}`);
  return workers;
}
