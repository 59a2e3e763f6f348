/** Runs the `daemon` chart: the daemon's life from its first file to its last Delete. */
import { createActor, fromPromise } from 'xstate';
import { daemon, type DaemonOutput } from '../machines/daemon.js';
import type { Events } from '../services/ports/events.js';
import type { Clock } from '../services/ports/clock.js';
import type { ChartWatcher } from './chart-watcher.js';

/** What the chart asks for. A job that cannot be done rejects with `StartRefused`. */
export interface HostJobs {
  /** At the start and at each refresh; at a refresh a broken file rejects and changes nothing. */
  readConfig(): Promise<void>;
  openKernel(): Promise<void>;
  openSockets(): Promise<void>;
  openDoor(): Promise<void>;
  sayGoodbye(): Promise<void>;
  closePorts(): Promise<void>;
}

export interface Host {
  refresh(): void;
  stop(): void;
  /** Settles when it runs, or with what kept it from running. */
  readonly started: Promise<DaemonOutput | undefined>;
  /** Settles at its end. */
  readonly ended: Promise<DaemonOutput>;
}

export function startHost(jobs: HostJobs, clock: Clock, events: Events, watcher: ChartWatcher): Host {
  const job = (run: () => Promise<void>) =>
    fromPromise<undefined, undefined>(async () => {
      await run();
      return undefined;
    });
  const machine = daemon.provide({
    actors: {
      'files.readConfig': job(() => jobs.readConfig()),
      'kernel.open': job(() => jobs.openKernel()),
      'udp.open': job(() => jobs.openSockets()),
      'door.open': job(() => jobs.openDoor()),
      'peers.sayGoodbye': job(() => jobs.sayGoodbye()),
      'ports.close': job(() => jobs.closePorts()),
    },
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
        if (snapshot.value === 'running') reportStarted(undefined);
      },
      complete: () => {
        const output = actor.getSnapshot().output ?? { fault: undefined, lines: [] };
        reportStarted(output);
        resolve(output);
      },
      error: reject,
    });
  });
  actor.start();
  return {
    refresh: () => {
      actor.send({ type: 'REFRESH' });
    },
    stop: () => {
      actor.send({ type: 'STOP' });
    },
    started,
    ended,
  };
}
