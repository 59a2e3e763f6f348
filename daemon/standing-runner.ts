/**
 * Runs the charts of established SAs. An SA that is `idle` is its record and nothing else: the actor is made when a
 * timer, a message or a command touches it, and ended when it is idle again.
 */
import type { JobInput, Timing } from '../machines/exchange.js';
import { ipsecSa } from '../machines/ipsec-sa.js';
import { isakmpSa } from '../machines/isakmp-sa.js';
import { asJob } from '../machines/job.js';
import type { StandingContext, StandingEvent, StandingInput } from '../machines/standing.js';
import type { NegotiationId } from '../services/events/event.js';
import type { StateWords } from '../services/explain/explain-standing.js';
import type { Failure } from '../services/failure/failure.js';
import type { Endpoint } from '../services/net/address.js';
import type { ChartWatcher } from './chart-watcher.js';
import { actorOf } from './interpreter/actor-of.js';
import { interpretByTables } from './interpreter/interpreter.js';
import { initialSet } from './interpreter/transition-sets.js';
import type { DaemonPorts } from './ports.js';
import { standsAt } from './stands-at.js';

export type StandingChart = 'isakmp-sa' | 'ipsec-sa';

export type StandingEffect =
  | 'sendProbe'
  | 'sendIntroduction'
  | 'sendDelete'
  | 'deleteLater'
  | 'withdraw'
  | 'removeOutbound'
  | 'announceEnd';

export type StandingJob = 'negotiate.phase1' | 'negotiate.phase2' | 'kernel.usage';

type StandingTag = 'usable' | 'rival' | 'doubted' | 'introducing' | 'retiring' | 'adopted';

export type StandingMachine = typeof isakmpSa | typeof ipsecSa;

/** A last look at a chart before it is used; see `ChartPreparation`. */
export type StandingPreparation = (name: StandingChart, chart: StandingMachine) => StandingMachine;

/** What is done with charts besides running them. */
export interface StandingUse {
  readonly watcher: ChartWatcher;
  readonly prepare?: StandingPreparation | undefined;
}

/** A record whose chart is run, under a name of its own: the exchange that made it had another. */
export interface Standing {
  readonly standing: NegotiationId;
  /** `Clock.now()`. */
  readonly madeAt: number;
}

/** What was told when a record came into being, as far as the record knows it still; its ends may have moved. */
export interface Beginning {
  readonly negotiation: NegotiationId;
  readonly chart: StandingChart;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly rule: string;
  readonly parent: NegotiationId | undefined;
  /** `Clock.now()`. */
  readonly beganAt: number;
}

export interface StandingDriver<E extends Standing> {
  timing(): Timing;
  input(entry: E): Omit<StandingInput, 'negotiation' | 'timing'>;
  /** For those who watch. */
  about(entry: E): {
    readonly local: Endpoint;
    readonly remote: Endpoint;
    readonly rule: string;
    readonly parent: NegotiationId | undefined;
  };
  readonly effects: Readonly<Partial<Record<StandingEffect, (entry: E, context: StandingContext) => void>>>;
  readonly jobs: Readonly<Partial<Record<StandingJob, (entry: E) => Promise<void>>>>;
  /** It has gone on to another state; not called at the end. */
  moved(entry: E): void;
  /** The chart is at its end; called once. What it returns is why, where that is a failure. */
  ended(entry: E, reason: string, state: 'gone' | 'dead'): Failure | undefined;
}

interface Live {
  send(event: StandingEvent): void;
  hasTag(tag: StandingTag): boolean;
  standsAt(): readonly StateWords[];
}

const IDLE: StateWords = { state: 'idle', description: '', jobs: [] };

export class StandingRunner<E extends Standing> {
  readonly #ports: DaemonPorts;
  readonly #driver: StandingDriver<E>;
  readonly #watcher: ChartWatcher;
  readonly #chart: StandingChart;
  readonly #machine: StandingMachine;
  /** Types of the events that its idle state or one around it listens to: nothing else is worth an actor. */
  readonly #heardAtRest: ReadonlySet<string>;
  readonly #entries = new Map<NegotiationId, E>();
  readonly #live = new Map<NegotiationId, Live>();

  constructor(ports: DaemonPorts, chart: StandingChart, use: StandingUse, driver: StandingDriver<E>) {
    this.#ports = ports;
    this.#chart = chart;
    this.#driver = driver;
    this.#watcher = use.watcher;
    const machine = (chart === 'isakmp-sa' ? isakmpSa : ipsecSa).provide(this.#implementations());
    this.#machine = use.prepare?.(chart, machine) ?? machine;
    interpretByTables(this.#machine);
    const atRest = initialSet(this.#machine.root);
    this.#heardAtRest = new Set(atRest.flatMap(({ transitions }) => [...transitions.keys()]));
  }

  /** A record comes into being: it is shown idle to whoever watches, and rests. */
  begin(entry: E): void {
    this.#entries.set(entry.standing, entry);
    const { local, remote, rule, parent } = this.#driver.about(entry);
    this.#ports.events.emit({
      type: 'negotiation.started',
      negotiation: entry.standing,
      chart: this.#chart,
      local,
      remote,
      rule,
      parent,
    });
    this.#watcher.rests?.(entry.standing, this.#chart);
  }

  /** Nothing happens to what is not known, or no longer. */
  send(entry: E, event: StandingEvent): void {
    if (!this.#entries.has(entry.standing)) return;
    const live = this.#live.get(entry.standing);
    if (live !== undefined) live.send(event);
    else if (this.#heardAtRest.has(event.type)) this.#wake(entry, event);
  }

  sendAll(event: StandingEvent): void {
    for (const entry of [...this.#entries.values()]) this.send(entry, event);
  }

  /** What is idle is usable and a rival, and nothing else. */
  is(entry: E, tag: StandingTag): boolean {
    if (!this.#entries.has(entry.standing)) return false;
    return this.#live.get(entry.standing)?.hasTag(tag) ?? (tag === 'usable' || tag === 'rival');
  }

  /** Undefined when it is not known any more; what is idle has no actor to ask. */
  standsAt(entry: E): readonly StateWords[] | undefined {
    if (!this.#entries.has(entry.standing)) return undefined;
    return this.#live.get(entry.standing)?.standsAt() ?? [IDLE];
  }

  /** Of one that is known: there are many, and nobody else need remember how each began. */
  beginningOf(id: NegotiationId): Beginning | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#beginning(entry);
  }

  /** In the order in which they came. */
  *beginnings(): Generator<Beginning> {
    for (const entry of this.#entries.values()) yield this.#beginning(entry);
  }

  #beginning(entry: E): Beginning {
    const { local, remote, rule, parent } = this.#driver.about(entry);
    const { standing: negotiation, madeAt: beganAt } = entry;
    return { negotiation, chart: this.#chart, local, remote, rule, parent, beganAt };
  }

  /** Records known, and actors that run for them. */
  get size(): { readonly records: number; readonly actors: number } {
    return { records: this.#entries.size, actors: this.#live.size };
  }

  #create(entry: E) {
    const { role, graceMs, jitter, canAsk } = this.#driver.input(entry);
    const timing = this.#driver.timing();
    const input: StandingInput = { negotiation: entry.standing, timing, role, graceMs, jitter, canAsk };
    const actor = actorOf(this.#machine, input, this.#ports.clock);
    return { actor, unwatch: this.#watcher(actor, entry.standing) };
  }

  #wake(entry: E, event: StandingEvent): void {
    const { actor, unwatch } = this.#create(entry);
    const rest = (): void => {
      if (!this.#live.delete(entry.standing)) return;
      unwatch();
      actor.stop();
    };
    actor.start();
    this.#live.set(entry.standing, {
      send: (next) => {
        actor.send(next);
      },
      hasTag: (tag) => actor.getSnapshot().hasTag(tag),
      standsAt: () => standsAt(actor.getSnapshot()),
    });
    actor.subscribe({
      next: (snapshot) => {
        if (snapshot.status !== 'active') return;
        if (snapshot.hasTag('idle')) rest();
        this.#driver.moved(entry);
      },
      complete: () => {
        const { output, status, value } = actor.getSnapshot();
        // Stopping it completes it, too.
        if (status !== 'done') return;
        this.#end(entry, output.reason, value === 'dead' ? 'dead' : 'gone', rest);
      },
      error: (error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        this.#ports.events.emit({ type: 'internal.error', where: this.#chart, error: detail });
        this.#end(entry, detail, 'gone', rest);
      },
    });
    actor.send(event);
    // What changed nothing has told nobody.
    const now = actor.getSnapshot();
    if (now.status === 'active' && now.hasTag('idle')) rest();
  }

  #end(entry: E, reason: string, state: 'gone' | 'dead', rest: () => void): void {
    rest();
    if (!this.#entries.delete(entry.standing)) return;
    const failure = this.#driver.ended(entry, reason, state);
    this.#ports.events.emit({
      type: 'negotiation.ended',
      negotiation: entry.standing,
      outcome: 'gone',
      failure,
    });
  }

  #known(id: NegotiationId): E {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`${id} does not stand any more`);
    return entry;
  }

  #implementations() {
    const effect =
      (name: StandingEffect) =>
      ({ context }: { readonly context: StandingContext }): void => {
        this.#driver.effects[name]?.(this.#known(context.negotiation), context);
      };
    const job = (name: StandingJob) =>
      asJob<JobInput>((input) => {
        const run = this.#driver.jobs[name];
        return run === undefined
          ? Promise.reject(new Error(`nobody does ${name} here`))
          : run(this.#known(input.negotiation));
      });
    return {
      actions: {
        sendProbe: effect('sendProbe'),
        sendIntroduction: effect('sendIntroduction'),
        sendDelete: effect('sendDelete'),
        deleteLater: effect('deleteLater'),
        withdraw: effect('withdraw'),
        removeOutbound: effect('removeOutbound'),
        announceEnd: effect('announceEnd'),
      },
      actors: {
        'negotiate.phase1': job('negotiate.phase1'),
        'negotiate.phase2': job('negotiate.phase2'),
        'kernel.usage': job('kernel.usage'),
      },
    };
  }
}
