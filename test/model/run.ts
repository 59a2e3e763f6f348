/** One run of a production actor beside its model: after every event both must be in the same place, by the same way. */
import assert from 'node:assert/strict';
import type { AnyMachineSnapshot } from 'xstate';
import { CHARTS } from '../../machines/charts.js';
import { acquireFate, acquireWorld, isAsking } from './acquire-world.js';
import { DaemonWorld } from './daemon-world.js';
import { exchangeFate, ExchangeWorld, isExchange } from './exchange-world.js';
import { HandClock } from './hand-clock.js';
import { HeldJobs } from './held-jobs.js';
import { Model } from './model.js';
import { Observer, type Sightings } from './observer.js';
import { type ChartEvent, placeIn, raisedTypes } from './subject.js';
import { TokenWorld } from './token-world.js';
import { bareWorld, type Fate, type World, type WorldMaker } from './world.js';

function worldOf(name: string): WorldMaker {
  if (isExchange(name)) return (parts) => new ExchangeWorld(name, parts);
  if (name === 'acquire') return acquireWorld;
  if (name === 'daemon') return (parts) => new DaemonWorld(parts);
  if (name === 'token') return (parts) => new TokenWorld(parts);
  return bareWorld(chartOf(name));
}

/** Of an event that the outside world has for a production actor in this place. */
export function fateOf(name: string, snapshot: AnyMachineSnapshot, event: ChartEvent): Fate {
  if (event.type.startsWith('xstate.')) return 'told';
  if (raisedTypes(chartOf(name)).includes(event.type)) return 'impossible';
  if (isExchange(name)) return exchangeFate(snapshot, event);
  return name === 'acquire' ? acquireFate(snapshot, event) : 'told';
}

/** Whether the production actor never rests in this place: it asks, and is answered within the same turn. */
function isAtOnce(name: string, snapshot: AnyMachineSnapshot): boolean {
  return name === 'acquire' && isAsking(snapshot);
}

export function chartOf(name: string) {
  const machine = CHARTS[name];
  assert.ok(machine, name);
  return machine;
}

/** Lets promises that are settled be noticed. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class Run {
  readonly model: Model;
  readonly #name: string;
  readonly #clock: HandClock;
  readonly #jobs: HeldJobs;
  readonly #observer: Observer;
  readonly #world: World;
  readonly #sightings: Sightings;
  /** What the code around the chart holds for it. */
  #held: ChartEvent | undefined;

  private constructor(
    name: string,
    parts: { clock: HandClock; jobs: HeldJobs; observer: Observer; world: World; model: Model },
    sightings: Sightings,
  ) {
    this.#name = name;
    this.#clock = parts.clock;
    this.#jobs = parts.jobs;
    this.#observer = parts.observer;
    this.#world = parts.world;
    this.model = parts.model;
    this.#sightings = sightings;
  }

  /** `foreseen`: what will happen, for code that asks and is answered at once. */
  static async start(
    name: string,
    input: unknown,
    sightings: Sightings,
    foreseen: readonly ChartEvent[],
  ): Promise<Run> {
    const clock = new HandClock();
    const jobs = new HeldJobs();
    const observer = new Observer(sightings);
    const { watcher } = observer;
    const world = await worldOf(name)({ clock, jobs, watcher, input, foreseen });
    const [begun] = observer.events;
    const model = new Model(chartOf(name), begun?.input);
    return new Run(name, { clock, jobs, observer, world, model }, sightings);
  }

  fate(event: ChartEvent): Fate {
    return fateOf(this.#name, this.model.snapshot, event);
  }

  /** Whether it may happen now: of alarms, the first that is due. */
  isTimely(event: ChartEvent): boolean {
    if (event.type.startsWith('xstate.after.')) return this.model.nextAlarm() === event.type;
    // What is answered at once was answered already.
    if (isAtOnce(this.#name, this.model.snapshot))
      return this.#observer.events.some(({ type }) => type === event.type);
    return this.fate(event) !== 'impossible';
  }

  async take(event: ChartEvent): Promise<void> {
    const fate = this.fate(event);
    assert.notEqual(fate, 'impossible', event.type);
    this.#sightings.meet(this.model.snapshot, event);
    await this.#cause(event);
    if (fate === 'held') this.#held ??= event;
    else this.model.take(this.#observer.events.findLast(({ type }) => type === event.type) ?? event);
    while (this.#held !== undefined && this.fate(this.#held) === 'told') {
      this.model.take(this.#held);
      this.#held = undefined;
    }
  }

  /** Whether the actor rests here and nothing is on its way to it. */
  get isAtRest(): boolean {
    return this.#held === undefined && !isAtOnce(this.#name, this.model.snapshot);
  }

  /** An old message again: nothing may come of it. */
  replay(nth: number): void {
    if (this.#world instanceof ExchangeWorld) this.#world.replay(nth);
  }

  /** Throws where the production actor, or the code around it, is not where the model is. */
  agree(): void {
    if (isAtOnce(this.#name, this.model.snapshot)) return;
    assert.deepEqual(placeIn(this.#observer.snapshot()), placeIn(this.model.snapshot));
    assert.deepEqual(this.#observer.actions, this.model.actions, 'actions');
    assert.deepEqual(this.#clock.set, this.model.alarms, 'alarms that are set');
    this.#world.check(this.model);
  }

  async #cause(event: ChartEvent): Promise<void> {
    const { type } = event;
    if (type.startsWith('xstate.after.')) this.#clock.ring(this.model.alarm(type) ?? Number.NaN);
    else if (type.startsWith('xstate.done.actor.')) this.#jobs.end(this.model.jobOf(type));
    else if (type.startsWith('xstate.error.actor.')) this.#jobs.fail(this.model.jobOf(type), event.error);
    else this.#world.send(event);
    if (!isExchange(this.#name) || type.includes('.actor.')) await turn();
  }
}
