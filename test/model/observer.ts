/** What a production actor does, as XState reports it: nothing of it is told by the code under test. */
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyTransitionDefinition,
  isMachineSnapshot,
} from 'xstate';
import { edgeId } from '../../daemon/chart-description.js';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import { activeNodes, type ChartEvent, takenBy, words } from './subject.js';

/** What a chart has been seen to do, over many runs. */
export class Sightings {
  readonly states = new Set<string>();
  readonly edges = new Set<string>();
  /** `node: event` of ignored entries that an event met. */
  readonly ignored = new Set<string>();

  /** Notes which entries speak of an event that comes to an actor in this place. */
  meet(snapshot: AnyMachineSnapshot, event: ChartEvent): void {
    if (takenBy(snapshot, event).length > 0) return;
    const nodes = activeNodes(snapshot).filter((node) => event.type in words(node, 'ignored'));
    const [nearest] = [...nodes].sort((a, b) => b.order - a.order);
    if (nearest !== undefined) this.ignored.add(`${nearest.id}: ${event.type}`);
  }
}

export class Observer {
  /** Names of the actions executed, oldest first; assignments and what XState does for itself are left out. */
  readonly actions: string[] = [];
  /** What the actor was sent, oldest first. */
  readonly events: ChartEvent[] = [];
  readonly #sightings: Sightings;
  #actor: AnyActorRef | undefined;

  constructor(sightings: Sightings) {
    this.#sightings = sightings;
  }

  readonly watcher: ChartWatcher = (actor) => {
    this.#actor = actor;
    const subscription = actor.system.inspect((happened) => {
      if (happened.actorRef !== actor) return;
      if (happened.type === '@xstate.action') {
        const { type } = happened.action;
        if (!type.startsWith('xstate.')) this.actions.push(type);
      } else if (happened.type === '@xstate.event') {
        this.events.push(happened.event);
      } else if (happened.type === '@xstate.microstep') {
        const taken: readonly AnyTransitionDefinition[] = happened._transitions;
        for (const transition of taken) this.#sightings.edges.add(edgeId(transition));
        this.#enter(happened.snapshot);
      } else if (happened.type === '@xstate.snapshot') {
        this.#enter(happened.snapshot);
      }
    });
    return () => {
      subscription.unsubscribe();
    };
  };

  /** Of the actor as it is now. */
  snapshot(): AnyMachineSnapshot {
    const seen: unknown = this.#actor?.getSnapshot();
    if (!isMachineSnapshot(seen)) throw new Error('no actor of a chart was started');
    return seen;
  }

  #enter(seen: unknown): void {
    if (!isMachineSnapshot(seen)) return;
    for (const node of activeNodes(seen)) this.#sightings.states.add(node.id);
  }
}
