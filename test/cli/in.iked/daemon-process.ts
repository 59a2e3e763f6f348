/** A real `in.iked`, as it ships, started by a test; what it says, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StampedEvent } from '../../../services/ports/events.js';

/** The bundled commands; `npm test` builds them when a source is newer. */
export const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

const PATIENCE_MS = 30_000;

/** An event of the debug log: the event itself, with its time of day and the words for people. */
export type LoggedEvent = StampedEvent & { readonly time: string; readonly msg: string };

export class DaemonProcess {
  readonly events: LoggedEvent[] = [];
  /** Lines of stderr that are no events: its last words. */
  readonly lastWords: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #unread = '';
  #status: number | string | undefined;

  /** `environment` is added to ours; `dist` is where the commands are. */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    dist: string = DIST,
  ) {
    // The kernel of the host is not ours to change.
    const kernel = args.includes('--kernel') ? [] : ['--kernel', 'embedded'];
    this.#child = spawn(process.execPath, [join(dist, 'in.iked.js'), ...kernel, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#heard(text);
    });
    // `close` comes when all of stderr has been read.
    this.#child.on('close', (code, signal) => {
      this.#status = code ?? signal ?? 'gone';
      this.#wake();
    });
  }

  /**
   * The first event that fits, seen already or to come, from number `from` of `events` on. Rejects when the daemon ends
   * before, or time is up.
   */
  async event<E extends LoggedEvent>(
    what: string,
    fits: (event: LoggedEvent) => event is E,
    from?: number,
  ): Promise<E>;
  async event(what: string, fits: (event: LoggedEvent) => boolean, from?: number): Promise<LoggedEvent>;
  async event(what: string, fits: (event: LoggedEvent) => boolean, from = 0): Promise<LoggedEvent> {
    const found = await this.#until(what, () => {
      const event = this.events.slice(from).find(fits);
      return event ?? (this.#status === undefined ? undefined : 'ended');
    });
    if (found === 'ended') throw new Error(`in.iked ended before: ${what}\n${this.lastWords.join('\n')}`);
    return found;
  }

  running(): Promise<LoggedEvent> {
    return this.event('it runs', (event) => event.type === 'daemon.state' && event.state === 'running');
  }

  /** Exit status, or the signal that ended it. */
  ended(): Promise<number | string> {
    return this.#until('it ends', () => this.#status);
  }

  signal(name: 'SIGHUP' | 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  /** Whatever state it is in. */
  async stop(): Promise<void> {
    if (!this.#runs()) return;
    this.signal('SIGTERM');
    await Promise.race([this.ended(), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    if (this.#runs()) this.signal('SIGKILL');
    await this.ended();
  }

  #runs(): boolean {
    return this.#status === undefined;
  }

  #until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const again = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(again);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(again);
        reject(new Error(`in.iked, not within ${String(PATIENCE_MS / 1000)} s: ${what}`));
      }, PATIENCE_MS);
      this.#waiting.add(again);
      again();
    });
  }

  #heard(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) {
      const event: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
      if (isEvent(event)) this.events.push(event);
      else this.lastWords.push(line);
    }
    this.#wake();
  }

  #wake(): void {
    for (const again of [...this.#waiting]) again();
  }
}

function isEvent(value: unknown): value is LoggedEvent {
  return typeof value === 'object' && value !== null && 'type' in value && 'sequence' in value;
}
