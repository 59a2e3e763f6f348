/** Our daemon, as it ships, in its namespace with a private root. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBackground, type Background } from './background.js';
import { POLICY_FILE, writeDaemonFiles } from './daemon-files.js';
import type { Credentials } from './pki.js';
import { readSaLines, type SaLine } from './sa-log.js';
import type { Scenario, Traffic } from './scenario.js';
import { attempt, eventually, succeed, type Ended } from './shell.js';

export const DIST = join(import.meta.dirname, '../../../dist');

/** What `ikeadm -j up` prints. */
export interface UpAnswer {
  readonly outcome: 'established' | 'failed';
  readonly failure?: { readonly code: string; readonly explanation: string; readonly hint: string };
}

/** What the tests read of an event in the log. */
export interface LoggedEvent {
  readonly type: string;
  readonly outcome?: string;
  readonly failure?: { readonly code: string };
  readonly message?: { readonly exchange: string };
  /** Of a Phase 1 SA. */
  readonly cookies?: string;
  readonly reason?: string;
}

/** Another user than root, who the daemon becomes, and a copy of the commands that he can read. */
export interface AnotherUser {
  readonly user: string;
  readonly dist: string;
}

export class Daemon {
  readonly #root: string;
  readonly #process: Background;

  private constructor(root: string, process: Background) {
    this.#root = root;
    this.#process = process;
  }

  /** Resolves when it answers its administrator. `root` is made and keeps its files after the end. */
  static async start(
    namespace: string,
    root: string,
    scenario: Scenario,
    pki: Credentials,
    kernel = 'embedded',
    flags: readonly string[] = [],
    another?: AnotherUser,
  ): Promise<Daemon> {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    await writeDaemonFiles(root, scenario, pki);
    if (another !== undefined) await succeed('chown', ['-R', another.user, root]);
    return Daemon.again(namespace, root, scenario, kernel, flags, another);
  }

  /** As `start`, with the files that are there. */
  static async again(
    namespace: string,
    root: string,
    scenario: Scenario,
    kernel = 'embedded',
    flags: readonly string[] = [],
    another?: AnotherUser,
  ): Promise<Daemon> {
    const listen = scenario.place.ours.own[scenario.family];
    const child = startBackground(
      'ip',
      [
        ...['netns', 'exec', namespace, process.execPath, join(another?.dist ?? DIST, 'in.iked.js')],
        ...['-d', '--no-inspect', '-p', '2', '-R', root, '--listen', listen],
        ...['--kernel', kernel, '--policy', join(root, POLICY_FILE)],
        ...(kernel === 'embedded' ? ['--sadb-trace', join(root, 'sa.jsonl')] : []),
        ...(another === undefined ? [] : ['--user', another.user]),
        ...flags,
      ],
      { stdout: join(root, 'stdout.log'), stderr: join(root, 'stderr.log') },
    );
    const daemon = new Daemon(root, child);
    await eventually('in.iked answers ikeadm', 30, async () => {
      if (child.exit() !== undefined) throw new Error(`in.iked: ${child.exit() ?? ''}\n${daemon.log()}`);
      // An ikeadm that asks too early takes the processor from it, of which a guest has one.
      if (!existsSync(join(root, 'var/run/ike_door'))) return undefined;
      return (await daemon.ikeadm('get', 'stats')).status === 0 ? true : undefined;
    });
    return daemon;
  }

  /** Root of its files. */
  get root(): string {
    return this.#root;
  }

  get pid(): number {
    return this.#process.pid;
  }

  ikeadm(...args: readonly string[]): Promise<Ended> {
    return attempt(process.execPath, [join(DIST, 'ikeadm.js'), '-R', this.#root, ...args], 60);
  }

  /** Negotiates as the initiator, as if a packet of this traffic had asked. */
  async up({ from, to }: Traffic): Promise<UpAnswer> {
    const ended = await this.ikeadm('-j', 'up', from, to);
    try {
      return JSON.parse(ended.stdout) as UpAnswer;
    } catch {
      throw new Error(`ikeadm up: status ${String(ended.status)}\n${ended.stdout}${ended.stderr}`);
    }
  }

  /** Gives its kernel a packet of this traffic, which must be sent, after a negotiation if need be. */
  async send({ from, to }: Traffic): Promise<void> {
    const ended = await this.ikeadm('packet', 'send', from, to, 'a word');
    if (ended.status !== 0) throw new Error(`ikeadm packet send: ${ended.stdout}${ended.stderr}`);
  }

  /** How many Phase 1 SAs it holds, whatever their state. */
  async phase1Held(): Promise<number> {
    const ended = await this.ikeadm('-j', 'dump', 'p1');
    const answer: unknown = JSON.parse(ended.stdout);
    if (!Array.isArray(answer)) throw new Error(`ikeadm -j dump p1: no list\n${ended.stdout}${ended.stderr}`);
    return answer.length;
  }

  saLines(): readonly SaLine[] {
    return readSaLines(join(this.#root, 'sa.jsonl'));
  }

  /** Events of its debug log so far, oldest first; lines that are no events are left out. */
  events(): readonly LoggedEvent[] {
    return readFileSync(join(this.#root, 'stderr.log'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LoggedEvent);
  }

  /** Waits until a negotiation has failed; the code of the failure. */
  failure(seconds: number): Promise<string> {
    return eventually('a negotiation fails', seconds, () => {
      return this.events().find(({ type, outcome }) => type === 'negotiation.ended' && outcome === 'failed')
        ?.failure?.code;
    });
  }

  log(): string {
    return ['stdout.log', 'stderr.log'].map((name) => readFileSync(join(this.#root, name), 'utf8')).join('');
  }

  stop(): Promise<'ended' | 'killed'> {
    return this.#process.stop(15_000);
  }

  /** As in a crash. */
  kill(): Promise<void> {
    return this.#process.kill();
  }
}
