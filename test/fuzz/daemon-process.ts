/** The daemon under fire, in a process of its own, as its parent sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildReport } from './daemon-child.js';

const MOST_WORDS = 4000;

export class DaemonUnderFire {
  readonly #child: ChildProcess;
  /** Lines of its log that must not be there. */
  readonly defects: string[] = [];
  #unread = '';
  #lastWords = '';

  constructor(args: readonly string[]) {
    this.#child = fork(fileURLToPath(new URL('daemon-child.ts', import.meta.url)), [...args], {
      execArgv: ['--expose-gc', '--import=tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#heard(text);
    });
  }

  /** When it has come to its end. */
  running(): Promise<void> {
    return this.#waitFor((text) => text.includes('"state":"running"'));
  }

  report(): Promise<ChildReport> {
    return this.#ask(
      'report',
      (answer): answer is ChildReport => typeof answer === 'object' && answer !== null,
    );
  }

  /** Settles when it has worked off what was sent before. */
  async ping(): Promise<void> {
    await this.#ask('ping', (answer): answer is 'pong' => answer === 'pong');
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once('exit', () => {
        resolve();
      });
      if (this.#child.exitCode !== null || !this.#child.connected) resolve();
      else this.#child.send('stop');
    });
  }

  #ask<T>(question: string, fits: (answer: unknown) => answer is T): Promise<T> {
    return new Promise((resolve, reject) => {
      const died = (): void => {
        reject(new Error(`the daemon died:\n${this.#lastWords}`));
      };
      const heard = (answer: unknown): void => {
        if (!fits(answer)) return;
        this.#child.off('exit', died).off('message', heard);
        resolve(answer);
      };
      this.#child.once('exit', died).on('message', heard);
      if (this.#child.connected) this.#child.send(question);
      else died();
    });
  }

  #waitFor(fits: (text: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once('exit', () => {
        reject(new Error(`the daemon did not start:\n${this.#lastWords}`));
      });
      this.#child.stderr?.on('data', (text: string) => {
        if (fits(text)) resolve();
      });
    });
  }

  #heard(text: string): void {
    this.#lastWords = (this.#lastWords + text).slice(-MOST_WORDS);
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    this.defects.push(...lines.filter((line) => line.includes('"internal.error"')));
  }
}
