/**
 * The actor of a job. It is what XState's own is to everybody who meets one: an entry of `children`, a snapshot that can
 * be followed, a session of the system, and the same reports in the same order to those who inspect. What no job
 * has (children, emitted events, a queue of events) it does not prepare for: XState's makes eight closures, a map, a
 * set and a mailbox for each, which took 25 us of processor in a handshake of seven jobs.
 */
import type { ActorRef, AnyActorRef, AnyActorScope, AnyEventObject, Observer, Subscription } from 'xstate';
import type { JobEvent, JobLogic, JobSnapshot } from '../../machines/job.js';
import { type Insides, insidesOf } from './insides.js';

type Job = JobSnapshot<unknown>;
type Watcher = Partial<Observer<Job>>;

const STOP: JobEvent = { type: 'xstate.stop' };

/** What is the same each time a state with a job is entered. */
export class Invocation {
  readonly id: string;
  readonly src: string;
  readonly logic: JobLogic<unknown>;
  /** What the chart hears when the job is done. */
  readonly done: AnyEventObject;

  constructor(id: string, src: string, logic: JobLogic<unknown>) {
    this.id = id;
    this.src = src;
    this.logic = logic;
    this.done = { type: `xstate.done.actor.${id}`, output: undefined, actorId: id };
  }
}

export class JobActor implements ActorRef<Job, JobEvent> {
  readonly id: string;
  readonly sessionId: string;
  readonly src: string;
  readonly system: AnyActorScope['system'];
  readonly _parent: AnyActorRef;
  readonly #invocation: Invocation;
  readonly #insides: Insides;
  #snapshot: Job;
  #stage: 'made' | 'beginning' | 'running' | 'over' = 'made';
  /** It ended while it began. */
  #early: JobEvent | undefined;
  #watchers: Set<Watcher> | undefined;

  constructor(invocation: Invocation, parent: AnyActorRef, input: unknown) {
    const { system } = parent;
    this.#insides = insidesOf(system);
    this.id = invocation.id;
    this.sessionId = this.#insides._bookId();
    this.src = invocation.src;
    this.system = system;
    this._parent = parent;
    this.#invocation = invocation;
    this.#snapshot = invocation.logic.getInitialSnapshot(undefined, input);
    this.#insides._sendInspectionEvent({ type: '@xstate.actor', actorRef: this });
  }

  get logic(): JobLogic<unknown> {
    return this.#invocation.logic;
  }

  start(): void {
    if (this.#stage !== 'made') return;
    this.#stage = 'beginning';
    const event = { type: 'xstate.init', input: this.#snapshot.input };
    this.#insides._sendInspectionEvent({
      type: '@xstate.event',
      sourceRef: this._parent,
      actorRef: this,
      event,
    });
    try {
      this.logic.start(this.#snapshot, { self: this });
    } catch (error) {
      this.#snapshot = this.logic.transition(this.#snapshot, { type: 'failed', error });
      this.#fail(error);
      return;
    }
    this.#stage = 'running';
    this.#tell(event);
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#process(early);
  }

  send(event: JobEvent): void {
    this.#insides._relay(undefined, this, event);
  }

  /** XState's door for what comes from an actor. */
  _send(event: JobEvent): void {
    if (this.#stage === 'running') this.#process(event);
    else if (this.#stage !== 'over') this.#early ??= event;
  }

  /** Its state is left. */
  _stop(): void {
    if (this.#stage === 'made') this.#stage = 'over';
    else this._send(STOP);
  }

  stop(): never {
    throw new Error('A non-root actor cannot be stopped directly.');
  }

  getSnapshot(): Job {
    return this.#snapshot;
  }

  getPersistedSnapshot(): Job {
    return this.#snapshot;
  }

  subscribe(
    next: Observer<Job> | ((snapshot: Job) => void),
    error?: (error: unknown) => void,
    complete?: () => void,
  ): Subscription {
    const watcher: Watcher = typeof next === 'function' ? { next, error, complete } : next;
    if (this.#stage !== 'over') (this.#watchers ??= new Set()).add(watcher);
    else if (this.#snapshot.status !== 'stopped') this.#dismiss([watcher]);
    return { unsubscribe: () => this.#watchers?.delete(watcher) };
  }

  /** A job emits nothing. */
  on(): Subscription {
    return { unsubscribe: () => undefined };
  }

  select<T>(selector: (snapshot: Job) => T, isSame: (a: T, b: T) => boolean = Object.is) {
    const get = (): T => selector(this.#snapshot);
    const subscribe = (next: Observer<T> | ((value: T) => void)): Subscription => {
      const told = typeof next === 'function' ? next : (value: T) => next.next?.(value);
      let last = get();
      return this.subscribe(() => {
        const now = get();
        if (isSame(last, now)) return;
        last = now;
        told(now);
      });
    };
    return { get, subscribe };
  }

  [Symbol.observable](): this {
    return this;
  }

  toJSON(): object {
    return { xstate$$type: 1, id: this.id };
  }

  #process(event: JobEvent): void {
    this.#snapshot = this.logic.transition(this.#snapshot, event);
    const { status, error } = this.#snapshot;
    if (status === 'error') {
      this.#fail(error);
      this.#report(event);
    } else {
      this.#tell(event);
    }
  }

  #fail(error: unknown): void {
    this.#end();
    const { id } = this;
    this.#insides._relay(this, this._parent, { type: `xstate.error.actor.${id}`, error, actorId: id });
  }

  /** Those who follow it, its chart, and those who inspect. */
  #tell(event: AnyEventObject): void {
    const snapshot = this.#snapshot;
    const { status } = snapshot;
    if (this.#watchers !== undefined && status !== 'stopped')
      for (const watcher of this.#watchers) watcher.next?.(snapshot);
    if (status !== 'active') this.#end();
    if (status === 'done') this.#insides._relay(this, this._parent, this.#invocation.done);
    this.#report(event);
  }

  #report(event: AnyEventObject): void {
    const snapshot = this.#snapshot;
    this.#insides._sendInspectionEvent({ type: '@xstate.snapshot', actorRef: this, event, snapshot });
  }

  #end(): void {
    this.#stage = 'over';
    const watchers = this.#watchers;
    this.#watchers = undefined;
    if (watchers !== undefined) this.#dismiss(watchers);
  }

  #dismiss(watchers: Iterable<Watcher>): void {
    const { status, error } = this.#snapshot;
    for (const watcher of watchers) {
      if (status === 'error') watcher.error?.(error);
      else watcher.complete?.();
    }
  }
}
