/** One of the demo's two gateways: a private root, a real `in.iked` process, and what that process says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface GatewayPlan {
  readonly name: 'east' | 'west';
  readonly address: string;
  readonly root: string;
  readonly port: number;
  readonly nattPort: number;
  readonly keyHex: string;
}

/** An event of the daemon, as its JSON log says it. */
export type LoggedEvent = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly time: string;
};

export class Gateway {
  readonly plan: GatewayPlan;
  readonly events: LoggedEvent[] = [];
  readonly #process: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #lastWords: string[] = [];
  #exit: number | undefined;

  private constructor(plan: GatewayPlan, process: ChildProcess) {
    this.plan = plan;
    this.#process = process;
    if (process.stderr !== null) {
      createInterface({ input: process.stderr }).on('line', (line) => {
        this.#heard(line);
      });
    }
    process.on('exit', (code) => {
      this.#exit = code ?? 1;
      this.#wake();
    });
  }

  static start(plan: GatewayPlan): Gateway {
    layOutRoot(plan);
    const { root, address, port, nattPort } = plan;
    const args = [
      ...['-R', root, '--listen', address, '--port', String(port), '--natt-port', String(nattPort)],
      ...['--kernel', 'embedded', '--policy', policyFile(root), '--sadb-trace', traceFile(root)],
      ...['-p', '2', '-d', '--inspect', '0'],
    ];
    return new Gateway(
      plan,
      spawn(process.execPath, [commandFile('in.iked'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] }),
    );
  }

  /** Resolves with the first event that fits, seen already or to come; rejects when the daemon ends or time is up. */
  async event(what: string, fits: (event: LoggedEvent) => boolean, limitMs: number): Promise<LoggedEvent> {
    const end = Date.now() + limitMs;
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      if (this.#exit !== undefined)
        throw new Error(`${this.plan.name} ended before ${what}: ${this.#lastWords.join(' ')}`);
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${this.plan.name}: no ${what} within ${String(limitMs / 1000)} s`);
      await this.#next(left);
    }
  }

  async stop(): Promise<void> {
    if (!this.#isRunning()) return;
    this.#process.kill('SIGTERM');
    const end = Date.now() + 3000;
    while (this.#isRunning() && Date.now() < end) await this.#next(end - Date.now());
    if (this.#isRunning()) this.#process.kill('SIGKILL');
  }

  #isRunning(): boolean {
    return this.#exit === undefined;
  }

  #next(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, limitMs);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #heard(line: string): void {
    const event = asEvent(line);
    if (event === undefined) this.#lastWords.push(line);
    else this.events.push(event);
    this.#wake();
  }
}

function asEvent(line: string): LoggedEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is LoggedEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'time' in value &&
    typeof value.time === 'string'
  );
}

export function policyFile(root: string): string {
  return join(root, 'etc/inet/ipsecinit.conf');
}

export function traceFile(root: string): string {
  return join(root, 'sadb.jsonl');
}

/** The bundled command beside this one. */
export function commandFile(name: 'in.iked' | 'ikeadm'): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

function layOutRoot({ name, root, keyHex }: GatewayPlan): void {
  const example = (file: string): string => readFileSync(join(examplesFolder(), name, file), 'utf8');
  for (const folder of ['etc/inet/ike', 'etc/inet/secret', 'var/run']) {
    mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
  }
  const put = (file: string, text: string): void => {
    writeFileSync(join(root, file), text, { mode: 0o600 });
  };
  put('etc/inet/ike/config', example('config'));
  put('etc/inet/secret/ike.preshared', example('ike.preshared').replaceAll('@KEY@', keyHex));
  writeFileSync(policyFile(root), example('ipsec-policy'), { mode: 0o600 });
}

function examplesFolder(): string {
  const candidates = ['../examples/two-gateways', '../../examples/two-gateways'];
  const found = candidates
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new Error('the folder examples/two-gateways is missing; this is not a whole copy of the project');
  return found;
}
