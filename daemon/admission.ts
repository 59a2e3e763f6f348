/** Runs the `admission` chart, and tells what was refused: at most once a second, however many there are. */
import { createActor } from 'xstate';
import { admission, type AdmissionEvent } from '../machines/admission.js';
import type { Endpoint } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events } from '../services/ports/events.js';
import type { ChartWatcher } from './chart-watcher.js';
import { ReasonCounter } from './reason-counter.js';
import { RefusedPeers } from './refused-peers.js';

/** The chart is told the same thing, and the stream of refusals, once in so many milliseconds. */
const INTERVAL_MS = 1000;

export class Admission {
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #send: (event: AdmissionEvent) => void;
  readonly #told = new Map<AdmissionEvent['type'], number>();
  #state = 'open';
  #knownFirst = false;
  #rationed = false;
  #closed = false;
  readonly #refusals = new ReasonCounter();
  readonly #peers: RefusedPeers;
  #untold = 0;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, events: Events, watcher: ChartWatcher, peers = new RefusedPeers()) {
    this.#peers = peers;
    this.#clock = clock;
    this.#events = events;
    const actor = createActor(admission, { clock });
    watcher(actor, 'admission');
    actor.subscribe((snapshot) => {
      this.#knownFirst = snapshot.hasTag('knownFirst');
      this.#rationed = snapshot.hasTag('rationed');
      this.#closed = snapshot.hasTag('closed');
      if (snapshot.value === this.#state) return;
      this.#state = snapshot.value;
      events.emit({ type: 'admission.state', state: this.#state, refused: this.#refusals.total });
    });
    actor.start();
    events.subscribe(
      (event) => {
        if (event.type === 'daemon.state' && event.state === 'stopping') actor.send({ type: 'STOP' });
      },
      (type) => type === 'daemon.state',
    );
    this.#send = (event) => {
      actor.send(event);
    };
  }

  get state(): string {
    return this.#state;
  }

  /** Known peers before strangers. */
  get knownFirst(): boolean {
    return this.#knownFirst;
  }

  /** Only so many strangers a second. */
  get rationed(): boolean {
    return this.#rationed;
  }

  /** Nobody begins any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** First messages that were refused. */
  get refused(): number {
    return this.#refusals.total;
  }

  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals.counts;
  }

  tell(type: AdmissionEvent['type']): void {
    const now = this.#clock.thisTurn();
    if (now - (this.#told.get(type) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return;
    this.#told.set(type, now);
    this.#send({ type });
  }

  refuse(remote: Endpoint, reason: string): void {
    this.#refusals.count(reason);
    this.#untold += 1;
    const now = this.#clock.thisTurn();
    this.#peers.note(remote.address, reason, now);
    if (now - this.#saidAt < INTERVAL_MS) return;
    this.#saidAt = now;
    this.#events.emit({ type: 'admission.refused', remote, reason, count: this.#untold });
    this.#untold = 0;
  }
}
