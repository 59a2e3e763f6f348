/** One run of an exchange chart, with what its chart must not hold. */
import type { AnyMachineSnapshot } from 'xstate';
import type { ExchangeEvent } from '../machines/exchange.js';
import type { Bytes } from '../services/bytes.js';
import type { MessageSummary, NegotiationId } from '../services/events/event.js';
import type { StateWords } from '../services/explain/explain-standing.js';
import type { FailureCode } from '../services/failure/codes.js';
import type { DecodedPayload } from '../services/isakmp/payload.js';
import type { Datagram } from '../services/ports/udp.js';
import type { ChartName } from './exchange-machines.js';
import { expectedBy } from './expected-message.js';
import type { DaemonPorts } from './ports.js';
import { standsAt } from './stands-at.js';

export interface SentMessage {
  readonly bytes: Bytes;
  readonly summary: MessageSummary;
}

/** What it is begun with. */
export interface FirstMessage {
  readonly payloads: readonly DecodedPayload[];
  /** By which it is known when it comes again. */
  readonly mark: number;
}

/** The actor of its chart, as far as the daemon goes. */
interface ExchangeActor {
  send(event: ExchangeEvent): void;
  getSnapshot(): AnyMachineSnapshot;
}

export const NO_PAYLOADS: readonly never[] = [];
const NO_CODES: readonly never[] = [];
/** Events about messages that are of no use; many more than a good peer on a bad network causes. */
const MOST_TOLD = 16;

export class Negotiation<R> {
  readonly id: NegotiationId;
  readonly chart: ChartName;
  ports: DaemonPorts;
  record: R;
  /** Payloads of the message that is being processed. */
  payloads: readonly DecodedPayload[];
  lastSent: SentMessage | undefined = undefined;
  /** Marks of messages of the peer that were accepted, oldest first. */
  readonly accepted: number[];
  /** Number of the last of them. */
  acceptedNumber: number;
  held: Datagram | undefined = undefined;
  lastAnswerAt = Number.NEGATIVE_INFINITY;
  messages = 0;
  ended = false;
  #told = 0;
  #suspected: readonly FailureCode[] = NO_CODES;
  /** Undefined when it rests. */
  #actor: ExchangeActor | undefined;

  constructor(
    id: NegotiationId,
    chart: ChartName,
    ports: DaemonPorts,
    record: R,
    actor: ExchangeActor,
    first: FirstMessage | undefined,
  ) {
    this.id = id;
    this.chart = chart;
    this.ports = ports;
    this.record = record;
    this.#actor = actor;
    this.payloads = first?.payloads ?? NO_PAYLOADS;
    this.accepted = first === undefined ? [] : [first.mark];
    this.acceptedNumber = first === undefined ? 0 : 1;
  }

  send(event: ExchangeEvent): void {
    if (event.type === 'OPERATOR_DELETE' || event.type === 'PHASE1_LOST')
      this.ports.recorder?.withdrawn(this.id, event);
    this.#actor?.send(event);
  }

  /** Number of the message the chart can take now; undefined while it is busy or at its end. */
  expects(): number | undefined {
    return this.#actor && expectedBy(this.#actor.getSnapshot());
  }

  /** Whether our own timer repeats the last message. */
  repeats(): boolean {
    return this.#actor?.getSnapshot().matches({ negotiating: { delivery: 'waiting' } }) === true;
  }

  /** Whether another event may be spent on a message that is of no use: anybody who knows the cookies can send them. */
  mayTell(): boolean {
    this.#told += 1;
    return this.#told <= MOST_TOLD;
  }

  /** Whether that is suspected for the first time. */
  suspects(code: FailureCode): boolean {
    if (this.#suspected.includes(code)) return false;
    this.#suspected = [...this.#suspected, code];
    return true;
  }

  standsAt(): readonly StateWords[] {
    return this.#actor === undefined ? [] : standsAt(this.#actor.getSnapshot());
  }

  /**
   * It has succeeded, and is kept only for who says the peer's last message again: of thousands that end within a retry
   * window, chart and ports would be most of what the garbage collector moves. `ports` are those of the daemon.
   */
  rest(ports: DaemonPorts): void {
    this.#actor = undefined;
    this.ports = ports;
    // What came after it will not be answered by it.
    if (this.lastSent !== undefined && this.lastSent.summary.number < this.acceptedNumber)
      this.lastSent = undefined;
  }
}
