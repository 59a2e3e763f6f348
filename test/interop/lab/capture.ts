/** What was on the wire: tcpdump writes it down, tshark reads it. */
import { startBackground, type Background } from './background.js';
import { attempt } from './shell.js';

export class Capture {
  readonly #file: string;
  readonly #process: Background;
  #since = 0;

  private constructor(file: string, process: Background) {
    this.#file = file;
    this.#process = process;
  }

  static start(namespace: string, file: string): Capture {
    const log = { stdout: `${file}.log`, stderr: `${file}.log` };
    const tcpdump = ['tcpdump', '-Z', 'root', '-U', '--immediate-mode', '-i', 'any', '-w', file, 'ip or ip6'];
    return new Capture(file, startBackground('ip', ['netns', 'exec', namespace, ...tcpdump], log));
  }

  /** Packets from now on count; those before belong to another test. */
  mark(): void {
    this.#since = Date.now() / 1000;
  }

  /**
   * Fields of the packets that pass a display filter of Wireshark, one row for each packet, oldest first. A field that
   * a packet has not is empty; one that it has several times is their list with commas.
   */
  async rows(filter: string, ...fields: readonly string[]): Promise<readonly (readonly string[])[]> {
    // The number comes first, so that a row whose fields are all empty is a row nevertheless.
    const columns = ['frame.number', ...fields];
    const ended = await attempt('tshark', [
      ...['-r', this.#file, '-Y', `frame.time_epoch >= ${String(this.#since)} && (${filter})`],
      ...['-T', 'fields', '-E', 'separator=;', ...columns.flatMap((field) => ['-e', field])],
    ]);
    // Status 2 is a packet at the end that is still being written.
    if (ended.status !== 0 && ended.status !== 2) throw new Error(`tshark: ${ended.stderr}`);
    return ended.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(';').slice(1));
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
