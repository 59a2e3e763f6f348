/** Where a production actor lives during a test: the code around its chart is the daemon's, the ports are the test's. */
import { type AnyStateMachine, createActor, fromPromise } from 'xstate';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import type { ChartEvent } from './subject.js';
import { placeholders } from './subject.js';
import type { HandClock } from './hand-clock.js';
import type { HeldJobs } from './held-jobs.js';
import type { Model } from './model.js';

/**
 * What becomes of an event that the outside world has for an actor: the chart is told, the code around it keeps it until
 * the chart can take it, or it cannot happen now.
 */
export type Fate = 'told' | 'held' | 'impossible';

export interface World {
  /** Makes happen what makes the production code send this event, which is neither an alarm nor the end of a job. */
  send(event: ChartEvent): void;
  /** Throws where the code around the chart has not done what goes with the place of the model. */
  check(model: Model): void;
}

export interface WorldParts {
  readonly clock: HandClock;
  readonly jobs: HeldJobs;
  readonly watcher: ChartWatcher;
  readonly input: unknown;
  /** The events to come, for code that asks and is answered at once. */
  readonly foreseen: readonly ChartEvent[];
}

export type WorldMaker = (parts: WorldParts) => World | Promise<World>;

/** For a chart that no production code can be made to run by hand: the chart itself, its effects noted. */
export function bareWorld(machine: AnyStateMachine): WorldMaker {
  return ({ clock, jobs, watcher, input }) => {
    const noted = Object.fromEntries(placeholders(machine, 'actions').map((name) => [name, () => undefined]));
    const held = Object.fromEntries(
      placeholders(machine, 'actors').map((name) => [name, fromPromise(() => jobs.run(name))]),
    );
    const actor = createActor(machine.provide({ actions: noted, actors: held }), { input, clock });
    watcher(actor, 'p1-1');
    actor.start();
    return {
      send: (event) => {
        actor.send(event);
      },
      check: () => undefined,
    };
  };
}
