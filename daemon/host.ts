/** Runs the `daemon` chart: the daemon's life from its first file to its last Delete. */
import { createActor } from 'xstate';
import { daemon, type DaemonOutput, FAREWELL_MS, type StartFault, StartRefused } from '../machines/daemon.js';
import { asJob } from '../machines/job.js';
import type { Events } from '../services/ports/events.js';
import type { Clock } from '../services/ports/clock.js';
import { err, ok, type Result } from '../services/result.js';
import type { ChartWatcher } from './chart-watcher.js';

/** What the chart asks for. A job that cannot be done rejects with `StartRefused`. */
export interface HostJobs {
  /**
   * At the start and at each refresh. At a refresh a broken file rejects and changes nothing; at the start it may reject
   * with `RunsWithoutRules`.
   */
  readConfig(): Promise<void>;
  openKernel(): Promise<void>;
  openSockets(): Promise<void>;
  openDoor(): Promise<void>;
  sayGoodbye(): Promise<void>;
  /** How long that may take, milliseconds, beyond `FAREWELL_MS`: Deletes of very many SAs take their time. */
  moreFarewellMs?(): number;
  closePorts(): Promise<void>;
}

/** Why a refresh has changed nothing: `lines` are for the operator. */
export interface RefreshRefusal {
  readonly fault: StartFault;
  readonly lines: readonly string[];
}

export interface Host {
  /** SIGHUP, or an operator at the door. Settles when the files have been read after it was asked, with how that went. */
  refresh(): Promise<Result<void, RefreshRefusal>>;
  isRefreshing(): boolean;
  /** An operator has brought rules: a daemon that waited for some has them now. */
  rulesGiven(): void;
  /** The kernel is gone, and all SAs with it: the daemon ends, with this line as the reason. */
  kernelLost(line: string): void;
  stop(): void;
  /** Settles when it runs, or with what kept it from running. */
  readonly started: Promise<DaemonOutput | undefined>;
  /** Settles at its end. */
  readonly ended: Promise<DaemonOutput>;
}

export function startHost(jobs: HostJobs, clock: Clock, events: Events, watcher: ChartWatcher): Host {
  const job = (run: () => Promise<void>) => asJob<undefined>(run);
  /** Whoever asked for a refresh that has not begun. */
  let waiting: ((result: Result<void, RefreshRefusal>) => void)[] = [];
  const readConfig = async (): Promise<void> => {
    const asked = waiting;
    waiting = [];
    let result: Result<void, RefreshRefusal> = ok(undefined);
    try {
      await jobs.readConfig();
    } catch (error) {
      result = err(refusal(error));
      throw error;
    } finally {
      for (const settle of asked) settle(result);
    }
  };
  const machine = daemon.provide({
    actors: {
      'files.readConfig': job(readConfig),
      'kernel.open': job(() => jobs.openKernel()),
      'udp.open': job(() => jobs.openSockets()),
      'door.open': job(() => jobs.openDoor()),
      'peers.sayGoodbye': job(() => jobs.sayGoodbye()),
      'ports.close': job(() => jobs.closePorts()),
    },
    delays: { farewell: () => FAREWELL_MS + (jobs.moreFarewellMs?.() ?? 0) },
  });
  const actor = createActor(machine, { clock });
  watcher(actor, 'daemon');
  let state = '';
  let reportStarted: (output: DaemonOutput | undefined) => void = () => undefined;
  const started = new Promise<DaemonOutput | undefined>((resolve) => {
    reportStarted = resolve;
  });
  const ended = new Promise<DaemonOutput>((resolve, reject) => {
    actor.subscribe({
      next: (snapshot) => {
        const now =
          typeof snapshot.value === 'string'
            ? snapshot.value
            : Object.entries(snapshot.value).flat().join(': ');
        if (now === state) return;
        state = now;
        events.emit({ type: 'daemon.state', state });
        if (snapshot.value === 'running' || snapshot.value === 'withoutRules') reportStarted(undefined);
      },
      complete: () => {
        const output = actor.getSnapshot().output ?? { fault: undefined, lines: [] };
        for (const settle of waiting) settle(err(ENDING));
        reportStarted(output);
        resolve(output);
      },
      error: reject,
    });
  });
  actor.start();
  return {
    refresh: () => {
      if (actor.getSnapshot().matches('stopping') || actor.getSnapshot().status !== 'active')
        return Promise.resolve(err(ENDING));
      return new Promise((resolve) => {
        waiting.push(resolve);
        actor.send({ type: 'REFRESH' });
      });
    },
    isRefreshing: () => actor.getSnapshot().matches('refreshing'),
    rulesGiven: () => {
      actor.send({ type: 'RULES_GIVEN' });
    },
    kernelLost: (line) => {
      actor.send({ type: 'KERNEL_LOST', line });
    },
    stop: () => {
      actor.send({ type: 'STOP' });
    },
    started,
    ended,
  };
}

const ENDING: RefreshRefusal = {
  fault: 'environment',
  lines: ['The daemon is stopping and reads nothing more.'],
};

function refusal(error: unknown): RefreshRefusal {
  if (error instanceof StartRefused) return { fault: error.fault, lines: error.lines };
  return { fault: 'environment', lines: [error instanceof Error ? error.message : String(error)] };
}
