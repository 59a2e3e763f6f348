/** A chart worked out on paper: what an actor of it must be in, do and wait for after the same events. */
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, transition } from 'xstate';
import { activeNodes, type ChartEvent } from './subject.js';

interface Alarm {
  readonly ms: number;
  readonly due: number;
}

interface PlannedAction {
  readonly type: string;
  readonly params: unknown;
}

export class Model {
  readonly #machine: AnyStateMachine;
  readonly #alarms = new Map<string, Alarm>();
  /** Names of the actions to execute, oldest first. */
  readonly actions: string[] = [];
  snapshot: AnyMachineSnapshot;
  #now = 0;

  constructor(machine: AnyStateMachine, input: unknown) {
    this.#machine = machine;
    const [snapshot, actions] = initialTransition(machine, input);
    this.snapshot = snapshot;
    this.#plan(actions);
  }

  take(event: ChartEvent): void {
    const alarm = this.#alarms.get(event.type);
    if (alarm !== undefined) {
      this.#alarms.delete(event.type);
      this.#now = Math.max(this.#now, alarm.due);
    }
    const [snapshot, actions] = transition(this.#machine, this.snapshot, event);
    this.snapshot = snapshot;
    this.#plan(actions);
    if (this.snapshot.status !== 'active') this.#alarms.clear();
  }

  /** Milliseconds for which the alarm was set that sends this event. */
  alarm(type: string): number | undefined {
    return this.#alarms.get(type)?.ms;
  }

  /** The lengths of what is set, milliseconds. */
  get alarms(): readonly number[] {
    return [...this.#alarms.values()].map(({ ms }) => ms).sort((a, b) => a - b);
  }

  /** The event of the alarm that goes off first. */
  nextAlarm(): string | undefined {
    const [first] = [...this.#alarms].sort(([, a], [, b]) => a.due - b.due);
    return first?.[0];
  }

  /** The number of the message that the chart can take; undefined when it takes none. */
  expects(): number | undefined {
    if (!this.snapshot.hasTag('receiving')) return undefined;
    for (const meta of Object.values<unknown>(this.snapshot.getMeta())) {
      const expects: unknown = Reflect.get(Object(meta), 'expects');
      if (typeof expects === 'number') return expects;
    }
    return undefined;
  }

  /** The name of the job whose end this event tells. */
  jobOf(type: string): string {
    const id = type.replace(/^xstate\.(?:done|error)\.actor\./, '');
    for (const node of activeNodes(this.snapshot)) {
      const found = node.invoke.find((invoked) => invoked.id === id);
      if (typeof found?.src === 'string') return found.src;
    }
    throw new Error(`no job tells ${type}`);
  }

  #plan(actions: readonly PlannedAction[]): void {
    for (const { type, params } of actions) {
      const of = (key: string): unknown => Reflect.get(Object(params), key);
      const delay = of('delay');
      if (type === 'xstate.raise' && typeof delay === 'number') {
        this.#alarms.set(String(of('id')), { ms: delay, due: this.#now + delay });
      } else if (type === 'xstate.cancel') {
        this.#alarms.delete(String(typeof params === 'object' ? of('sendId') : params));
      } else if (!type.startsWith('xstate.')) {
        this.actions.push(type);
      }
    }
  }
}
