/** Pings without a break, each with a number: which of them never came back. */
import { readFileSync } from 'node:fs';
import { startBackground, type Background } from '../../interop/lab/background.js';

export interface PingPath {
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
}

export class PingStream {
  readonly #log: string;
  readonly #process: Background;

  private constructor(log: string, process: Background) {
    this.#log = log;
    this.#process = process;
  }

  /** `interval` in seconds; `log` is a file for its output. */
  static start({ namespace, from, to }: PingPath, interval: number, log: string): PingStream {
    const ping = ['ping', '-n', '-i', String(interval), '-I', from, to];
    const output = { stdout: log, stderr: log };
    return new PingStream(log, startBackground('ip', ['netns', 'exec', namespace, ...ping], output));
  }

  /** Numbers of those that came back until now, in the order in which they came. */
  answered(): readonly number[] {
    return [...readFileSync(this.#log, 'utf8').matchAll(/icmp_seq=(\d+) ttl/g)].map(([, number]) =>
      Number(number),
    );
  }

  /** Ends it. What of all that were sent before the last answer was not answered, or twice. */
  async stop(): Promise<{
    readonly answered: number;
    readonly lost: readonly number[];
    readonly twice: number;
  }> {
    await this.#process.stop();
    const answered = this.answered();
    const once = new Set(answered);
    const all = Array.from({ length: Math.max(0, ...answered) }, (_, index) => index + 1);
    return {
      answered: once.size,
      lost: all.filter((number) => !once.has(number)),
      twice: answered.length - once.size,
    };
  }
}
