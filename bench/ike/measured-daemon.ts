/** The `in.iked` that is measured: built as it ships, with the embedded kernel, on one loopback address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pathsUnder } from '../../cli/in.iked/paths.js';
import type { Endpoint } from '../../services/net/address.js';
import type { Question, Reply } from './beside-daemon.js';
import { DAEMON_ADDRESS, type Root } from './roots.js';

const PATIENCE_MS = 60_000;
/** From its end: what it last said, should it go wrong. */
const KEPT_WORDS = 4000;

export interface DaemonOptions {
  readonly port: number;
  /** Of `in.iked`, besides those that the bench needs. */
  readonly flags: readonly string[];
  /** Of Node. */
  readonly nodeFlags: readonly string[];
}

export class MeasuredDaemon {
  readonly endpoint: Endpoint;
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #replies: Interface;
  #said = '';

  private constructor(endpoint: Endpoint, child: ChildProcess) {
    this.endpoint = endpoint;
    this.#child = child;
    const channel = child.stdio[3];
    if (!(channel instanceof Socket)) throw new Error('in.iked was started without a channel');
    this.#channel = channel;
    this.#replies = createInterface({ input: channel });
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(-KEPT_WORDS);
    });
  }

  /** Resolves when it runs. */
  static async start(root: Root, { port, flags, nodeFlags }: DaemonOptions): Promise<MeasuredDaemon> {
    const beside = new URL('./ike/beside-daemon.js', import.meta.url).href;
    const command = fileURLToPath(new URL('../../../dist/in.iked.js', import.meta.url));
    const args = [
      ...['--expose-gc', '--import', beside, ...nodeFlags, command],
      ...[
        '-R',
        root.folder,
        '--listen',
        DAEMON_ADDRESS,
        '--port',
        String(port),
        '--natt-port',
        String(port + 1),
      ],
      ...['--kernel', 'embedded', '--policy', root.policy, ...flags],
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const daemon = new MeasuredDaemon({ address: DAEMON_ADDRESS, port }, child);
    await daemon.#running(pathsUnder(root.folder, undefined).door);
    return daemon;
  }

  /** One at a time. */
  ask(question: Question): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const died = (): void => {
        reject(new Error(`in.iked ended while it was measured. Its last words:\n${this.#said}`));
      };
      this.#child.once('exit', died);
      this.#replies.once('line', (line) => {
        this.#child.off('exit', died);
        const reply: unknown = JSON.parse(line);
        if (isReply(reply)) resolve(reply);
        else reject(new Error(`in.iked answered what nobody understands: ${line}`));
      });
      this.#channel.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** At once: with ten thousand SAs it would say goodbye for long. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** The door opens last. */
  async #running(door: string): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!existsSync(door)) {
      if (this.#child.exitCode !== null || Date.now() > end) {
        this.#child.kill('SIGKILL');
        throw new Error(`in.iked did not start:\n${this.#said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'cpuMs' in value;
}
