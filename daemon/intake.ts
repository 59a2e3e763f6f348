/**
 * Datagrams between the sockets and the engine. What belongs to something begun goes first, always; first messages come
 * after it, and only as many as the threads for Diffie-Hellman can follow. So under any load what was begun is finished,
 * and what is too much is refused before it has cost more than a look at its header. In which order first messages come,
 * and who of them is refused, the `admission` chart says.
 */
import { decodeHeader } from '../services/isakmp/header.js';
import type { Endpoint } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import type { Datagram } from '../services/ports/udp.js';
import type { Workload } from '../services/ports/workload.js';
import type { Admission } from './admission.js';
import type { Arrival } from './arrival.js';
import { BegunLine } from './begun-line.js';
import type { DropCounter } from './drop-counter.js';
import { RateLimit } from './rate-limit.js';
import { type Waiting, WaitingLine } from './waiting-line.js';

/** `begun`: of a negotiation or an SA we know. `known`: a beginning of a peer we know. */
export type Precedence = 'begun' | 'known' | 'stranger';

export interface IntakeOwner {
  precedenceOf(arrival: Arrival): Precedence;
  receive(arrival: Arrival): void;
  /** Negotiations whose initiator has not answered yet. */
  unanswered(): number;
  /** Negotiations whose initiator has answered, ever. */
  everAnswered(): number;
}

/** Datagrams in one turn: between two turns the sockets are read, so that what is begun is never behind the rest for long. */
const PORTION = 8;
const LINE = { total: 1024, perSource: 128 };
/** Of strangers in a crowd: more than can be heard before they have waited too long would only be kept to be refused. */
const CROWDED_LINE = { total: 256, perSource: 32 };
/** How long a first message waits, milliseconds. A peer repeats it after half a second or so. */
const MOST_WAIT_MS = { known: 1000, stranger: 250 };
/** In threads, or waiting for one. */
const MOST_COMPUTATIONS = 64;
/** How soon it is looked again whether there are fewer, milliseconds. */
const LOOK_MS = 25;
/** A quarter of the room that they have. */
const MOST_UNANSWERED = 1024;
/**
 * Strangers heard during a flood who do not answer: what one source may begin. Each that answers makes room for one more: a
 * crowd of peers that are slow is heard as fast as it answers, whatever else pours in.
 */
const RATION = { perSecond: 500, burst: 500 };
const EVERYBODY = '';

export class Intake {
  readonly #clock: Clock;
  readonly #workload: Workload;
  readonly #drops: DropCounter;
  readonly admission: Admission;
  readonly #owner: IntakeOwner;
  readonly #begun = new BegunLine();
  readonly #known = new WaitingLine(LINE.total);
  readonly #strangers = new WaitingLine(LINE.total);
  readonly #ration: RateLimit;
  /** `everAnswered` when it was last looked at. */
  #everAnswered = 0;
  #messages = 0;
  #scheduled = false;
  /** A timer looks again whether there is room. */
  #looking = false;

  constructor(
    ports: { readonly clock: Clock; readonly workload: Workload },
    drops: DropCounter,
    admission: Admission,
    owner: IntakeOwner,
  ) {
    this.#clock = ports.clock;
    this.#workload = ports.workload;
    this.#drops = drops;
    this.admission = admission;
    this.#owner = owner;
    this.#ration = new RateLimit(ports.clock, RATION);
  }

  /** Datagrams that came. */
  get messages(): number {
    return this.#messages;
  }

  /** Datagrams that wait. */
  get waiting(): number {
    return this.#begun.size + this.#known.size + this.#strangers.size;
  }

  arrived(datagram: Datagram): void {
    this.#messages += 1;
    const arrival = { datagram, header: decodeHeader(datagram.bytes) };
    const precedence = this.#owner.precedenceOf(arrival);
    if (precedence === 'begun') {
      if (!this.#begun.add(arrival)) this.#drops.drop(datagram.remote, 'too many messages wait');
    } else if (this.admission.closed) {
      this.admission.refuse(datagram.remote, 'the daemon is stopping');
    } else {
      const isKnown = precedence === 'known';
      const line = isKnown ? this.#known : this.#strangers;
      const limits = this.admission.knownFirst && !isKnown ? CROWDED_LINE : LINE;
      if (line.hasRoom(datagram.remote.address, limits)) line.add(arrival, this.#clock.thisTurn());
      else this.#refuse(datagram.remote, 'too many first messages wait');
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.waiting === 0) return;
    if (this.#begun.size > 0 || this.#hasRoom()) {
      this.#scheduled = true;
      this.#workload.later(() => {
        this.#scheduled = false;
        this.#turn();
        this.#schedule();
      });
    } else if (!this.#looking) {
      this.#looking = true;
      this.#clock.setTimeout(() => {
        this.#looking = false;
        this.#refuseLate();
        this.#schedule();
      }, LOOK_MS);
    }
  }

  #turn(): void {
    const portion = this.#begun.take(PORTION);
    for (const arrival of portion) this.#owner.receive(arrival);
    this.#refuseLate();
    for (let room = PORTION - portion.length; room > 0 && this.#hasRoom(); room--) {
      const next = this.#next();
      if (next === undefined) return;
      this.#owner.receive(next.arrival);
    }
  }

  #hasRoom(): boolean {
    return this.#workload.computations() < MOST_COMPUTATIONS;
  }

  #next(): Waiting | undefined {
    const known = this.#known.first();
    const stranger = this.#strangers.first();
    if (this.admission.knownFirst) return known === undefined ? this.#nextStranger() : this.#known.take();
    const isKnownsTurn = known !== undefined && (stranger === undefined || known.since <= stranger.since);
    return isKnownsTurn ? this.#known.take() : this.#nextStranger();
  }

  #nextStranger(): Waiting | undefined {
    if (this.#owner.unanswered() >= MOST_UNANSWERED) this.admission.tell('FLOODED');
    if (!this.admission.rationed) return this.#strangers.take();
    this.#giveBackRations();
    for (;;) {
      const next = this.#strangers.take();
      if (next === undefined || this.#ration.take(EVERYBODY)) return next;
      this.admission.refuse(next.arrival.datagram.remote, 'very many begin and never answer');
    }
  }

  #giveBackRations(): void {
    const ever = this.#owner.everAnswered();
    const more = Math.min(ever - this.#everAnswered, RATION.burst);
    this.#everAnswered = ever;
    for (let n = 0; n < more; n++) this.#ration.giveBack(EVERYBODY);
  }

  /** A copy of it is on its way, or its peer has given up. */
  #refuseLate(): void {
    this.#refuseLateIn(this.#known, MOST_WAIT_MS.known);
    this.#refuseLateIn(this.#strangers, MOST_WAIT_MS.stranger);
  }

  #refuseLateIn(line: WaitingLine, most: number): void {
    if (line.size === 0) return;
    const now = this.#clock.thisTurn();
    for (let first = line.first(); first !== undefined && now - first.since > most; first = line.first()) {
      line.take();
      this.#refuse(first.arrival.datagram.remote, 'its first message has waited too long');
    }
  }

  #refuse(remote: Endpoint, reason: string): void {
    this.admission.tell('CROWDED');
    this.admission.refuse(remote, reason);
  }
}
