/**
 * Starts, feeds and ends one root actor per exchange. It knows charts and datagrams; what a message means is the
 * driver's (Phase 1 or Phase 2).
 *
 * A busy chart holds one undecrypted datagram, handed over at its next `receiving` state. Duplicates never reach a
 * chart: they are answered with the bytes of our last message, or dropped where our own timer already repeats it.
 */
import type { ExchangeEvent, ExchangeInput, ExchangeOutput, JobInput, Timing } from '../machines/exchange.js';
import { asJob } from '../machines/job.js';
import type { AuthMethod } from '../services/algorithms.js';
import type { Bytes } from '../services/bytes.js';
import { PlaceMap } from '../services/collections/place-map.js';
import type { MessageSummary, NegotiationId } from '../services/events/event.js';
import { decodeHeader, type IsakmpHeader } from '../services/isakmp/header.js';
import { markOf } from '../services/isakmp/message-mark.js';
import type { DecodedPayload } from '../services/isakmp/payload.js';
import type { MaybePromise } from '../services/ports/maybe-promise.js';
import type { Datagram } from '../services/ports/udp.js';
import type { DropCounter } from './drop-counter.js';
import {
  type ChartName,
  type ChartPreparation,
  type ExchangeMachine,
  exchangeMachines,
} from './exchange-machines.js';
import type { ChartWatcher } from './chart-watcher.js';
import { actorOf } from './interpreter/actor-of.js';
import { Negotiation, NO_PAYLOADS, type SentMessage } from './negotiation.js';
import { type DaemonPorts, portsOf } from './ports.js';
import { type Destination, transmit } from './transmit.js';

export type EffectName =
  | 'chooseProposal'
  | 'sendOffer'
  | 'sendChoice'
  | 'sendKeyExchange'
  | 'sendProof'
  | 'checkProof'
  | 'sendRequest'
  | 'sendAnswer'
  | 'sendConfirmation';

export type JobName =
  | 'crypto.generateKeyPair'
  | 'crypto.sharedSecret'
  | 'crypto.sign'
  | 'crypto.decrypt'
  | 'crypto.keymat'
  | 'kernel.policyFor'
  | 'kernel.getSpi'
  | 'kernel.update'
  | 'kernel.add';

export interface ExchangeDriver<R> {
  readonly effects: Readonly<
    Partial<Record<EffectName, (negotiation: Negotiation<R>) => ExchangeEvent | undefined>>
  >;
  readonly jobs: Readonly<Partial<Record<JobName, (negotiation: Negotiation<R>) => MaybePromise<void>>>>;
  /** Where its messages go now. */
  destination(negotiation: Negotiation<R>): Destination;
  /** Decrypts, decodes, checks and processes a datagram that the chart can take as message `expects`. */
  read(negotiation: Negotiation<R>, datagram: Datagram, header: IsakmpHeader, expects: number): ExchangeEvent;
  /** Before the last message is sent again: what must reach the peer first. */
  repeating?(negotiation: Negotiation<R>): void;
  /** The chart is at its end; called once. */
  ended(negotiation: Negotiation<R>, output: ExchangeOutput): void;
}

/** What is done with charts besides running them. */
export interface ChartUse {
  readonly watcher: ChartWatcher;
  readonly prepare?: ChartPreparation | undefined;
}

/** Duplicates are answered at most this often per negotiation, milliseconds. */
const ANSWER_INTERVAL_MS = 200;

export class ExchangeRunner<R> {
  readonly #ports: DaemonPorts;
  readonly #drops: DropCounter;
  readonly #driver: ExchangeDriver<R>;
  readonly #watcher: ChartWatcher;
  readonly #live = new PlaceMap<NegotiationId, Negotiation<R>>();
  readonly #machines: Readonly<Record<ChartName, ExchangeMachine>>;

  constructor(ports: DaemonPorts, drops: DropCounter, charts: ChartUse, driver: ExchangeDriver<R>) {
    this.#ports = ports;
    this.#drops = drops;
    this.#driver = driver;
    this.#watcher = charts.watcher;
    this.#machines = exchangeMachines(this.#implementations(), charts.prepare);
  }

  /** Live ones only. */
  negotiations(): IterableIterator<Negotiation<R>> {
    return this.#live.values();
  }

  /** A live one. */
  byId(id: NegotiationId): Negotiation<R> | undefined {
    return this.#live.get(id);
  }

  start(
    id: NegotiationId,
    chart: ChartName,
    record: R,
    options: {
      readonly timing: Timing;
      readonly pfs: boolean;
      readonly method?: AuthMethod | undefined;
      readonly first?: { readonly payloads: readonly DecodedPayload[]; readonly bytes: Bytes };
    },
  ): Negotiation<R> {
    const { timing, pfs, method } = options;
    const input: ExchangeInput = { negotiation: id, timing, pfs, method };
    const ports = portsOf(this.#ports, id);
    const actor = actorOf(this.#machines[chart], input, ports.clock);
    const first = options.first && {
      payloads: options.first.payloads,
      mark: markOf(options.first.bytes),
    };
    const negotiation = new Negotiation(id, chart, ports, record, actor, first);
    this.#live.set(id, negotiation);
    const unwatch = this.#watcher(actor, id);
    actor.subscribe({
      next: () => {
        this.#handOver(negotiation);
      },
      complete: () => {
        unwatch();
        const { output } = actor.getSnapshot();
        this.#end(negotiation, output ?? unfinished('the chart ended without an output'));
      },
      error: (error: unknown) => {
        unwatch();
        const detail = error instanceof Error ? error.message : String(error);
        this.#ports.events.emit({ type: 'internal.error', where: chart, error: detail });
        this.#end(negotiation, unfinished(detail));
      },
    });
    actor.start();
    return negotiation;
  }

  /** A datagram for this negotiation, live or ended. */
  deliver(negotiation: Negotiation<R>, datagram: Datagram, header: IsakmpHeader): void {
    const mark = markOf(datagram.bytes);
    if (negotiation.accepted.includes(mark)) {
      this.#answerDuplicate(negotiation, mark);
      return;
    }
    if (negotiation.ended) {
      this.#drops.drop(datagram.remote, 'the negotiation it belongs to is over');
      return;
    }
    const expects = negotiation.expects();
    if (expects === undefined) {
      if (negotiation.held === undefined) negotiation.held = datagram;
      else this.#drops.drop(datagram.remote, 'the negotiation is busy and holds a message already');
      return;
    }
    const event = this.#driver.read(negotiation, datagram, header, expects);
    if (event.type === 'message') {
      negotiation.accepted.push(mark);
      negotiation.acceptedNumber = expects;
    }
    negotiation.send(event);
  }

  /** Sends a message of this negotiation, remembers it for repetition, and reports it. */
  transmit(negotiation: Negotiation<R>, bytes: Bytes, summary: MessageSummary): void {
    negotiation.lastSent = { bytes, summary };
    this.#put(negotiation, negotiation.lastSent, 0);
  }

  /** Sends the last message of an ended negotiation again, on its own account. */
  repeat(negotiation: Negotiation<R>): void {
    if (negotiation.lastSent !== undefined) this.#put(negotiation, negotiation.lastSent, 1);
  }

  /** The record of an ended negotiation is no longer needed: nothing will repeat or answer any more. */
  forget(negotiation: Negotiation<R>): void {
    negotiation.lastSent = undefined;
    negotiation.held = undefined;
  }

  #put(negotiation: Negotiation<R>, message: SentMessage, retransmission: number): void {
    const destination = this.#driver.destination(negotiation);
    const { local, remote } = destination;
    const ports = negotiation.ended ? portsOf(this.#ports, negotiation.id) : negotiation.ports;
    transmit(ports, destination, message.bytes);
    this.#ports.events.emit({
      type: 'message.sent',
      negotiation: negotiation.id,
      local,
      remote,
      message: message.summary,
      retransmission,
    });
  }

  #answerDuplicate(negotiation: Negotiation<R>, mark: number): void {
    const { remote } = this.#driver.destination(negotiation);
    const now = this.#ports.clock.now();
    const last = negotiation.accepted[negotiation.accepted.length - 1];
    const answer = negotiation.lastSent;
    const answered =
      mark === last &&
      // Only what answers that message: two ends that answered duplicates with older messages would never stop.
      answer !== undefined &&
      answer.summary.number > negotiation.acceptedNumber &&
      !negotiation.repeats() &&
      now - negotiation.lastAnswerAt >= ANSWER_INTERVAL_MS &&
      (negotiation.ended || negotiation.expects() !== undefined);
    if (answered) {
      negotiation.lastAnswerAt = now;
      this.#put(negotiation, answer, 1);
    }
    // Those that are answered are few by themselves.
    if (answered || negotiation.mayTell())
      this.#ports.events.emit({ type: 'message.duplicate', negotiation: negotiation.id, remote, answered });
    else this.#drops.drop(remote, 'a duplicate, one of many');
  }

  #handOver(negotiation: Negotiation<R>): void {
    const { held } = negotiation;
    if (held === undefined || negotiation.ended || negotiation.expects() === undefined) return;
    negotiation.held = undefined;
    const header = decodeHeader(held.bytes);
    if (header.ok) this.deliver(negotiation, held, header.value);
  }

  #end(negotiation: Negotiation<R>, output: ExchangeOutput): void {
    if (negotiation.ended) return;
    negotiation.ended = true;
    negotiation.held = undefined;
    negotiation.payloads = NO_PAYLOADS;
    this.#live.delete(negotiation.id);
    this.#driver.ended(negotiation, output);
    // Of what failed, jobs may be under way.
    if (output.outcome.kind === 'succeeded') negotiation.rest(this.#ports);
  }

  #implementations() {
    const effect = (name: EffectName) => (args: EffectArguments) => {
      this.#run(name, args);
    };
    const job = (name: JobName) =>
      asJob<JobInput>((input) => {
        const negotiation = this.#live.get(input.negotiation);
        const run = this.#driver.jobs[name];
        if (negotiation === undefined || run === undefined) throw new Error(`nobody does ${name} here`);
        return run(negotiation);
      });
    return {
      actions: {
        chooseProposal: effect('chooseProposal'),
        sendOffer: effect('sendOffer'),
        sendChoice: effect('sendChoice'),
        sendKeyExchange: effect('sendKeyExchange'),
        sendProof: effect('sendProof'),
        checkProof: effect('checkProof'),
        sendRequest: effect('sendRequest'),
        sendAnswer: effect('sendAnswer'),
        sendConfirmation: effect('sendConfirmation'),
        resend: ({ context }: EffectArguments) => {
          const negotiation = this.#live.get(context.negotiation);
          if (negotiation?.lastSent === undefined) return;
          this.#driver.repeating?.(negotiation);
          this.#put(negotiation, negotiation.lastSent, context.retransmissions);
        },
        reportUnexpected: (args: EffectArguments) => {
          this.#reportIgnored(args);
        },
        reportUnreadable: (args: EffectArguments) => {
          this.#reportIgnored(args);
        },
        reportSuspicion: ({ context, event }: EffectArguments) => {
          if (!('suspicion' in event) || event.suspicion === undefined) return;
          if (this.#live.get(context.negotiation)?.suspects(event.suspicion.code) !== true) return;
          this.#ports.events.emit({
            type: 'negotiation.suspicion',
            negotiation: context.negotiation,
            failure: event.suspicion,
          });
        },
      },
      actors: {
        'crypto.generateKeyPair': job('crypto.generateKeyPair'),
        'crypto.sharedSecret': job('crypto.sharedSecret'),
        'crypto.sign': job('crypto.sign'),
        'crypto.decrypt': job('crypto.decrypt'),
        'crypto.keymat': job('crypto.keymat'),
        'kernel.policyFor': job('kernel.policyFor'),
        'kernel.getSpi': job('kernel.getSpi'),
        'kernel.update': job('kernel.update'),
        'kernel.add': job('kernel.add'),
      },
    };
  }

  #reportIgnored({ context, event }: EffectArguments): void {
    const negotiation = this.#live.get(context.negotiation);
    if (negotiation === undefined || !('reason' in event)) return;
    const { remote } = this.#driver.destination(negotiation);
    const { reason } = event;
    if (negotiation.mayTell())
      this.#ports.events.emit({ type: 'message.ignored', negotiation: negotiation.id, remote, reason });
    else this.#drops.drop(remote, 'a message of no use to its negotiation, one of many');
  }

  /** An entry action that answers with an event does so through the actor's mailbox: a macrostep of its own. */
  #run(name: EffectName, { context, self }: EffectArguments): void {
    const negotiation = this.#live.get(context.negotiation);
    const effect = this.#driver.effects[name];
    if (negotiation === undefined || effect === undefined) throw new Error(`nobody does ${name} here`);
    const answer = effect(negotiation);
    if (answer !== undefined) self.send(answer);
  }
}

interface EffectArguments {
  readonly context: { readonly negotiation: NegotiationId; readonly retransmissions: number };
  readonly event: ExchangeEvent;
  readonly self: { send(event: ExchangeEvent): void };
}

function unfinished(detail: string): ExchangeOutput {
  return { outcome: { kind: 'failed', why: { cause: 'job', detail } }, suspicion: undefined };
}
