/** An exchange chart under the daemon's own `ExchangeRunner`; messages, answers and jobs are the test's to give. */
import assert from 'node:assert/strict';
import type { AnyMachineSnapshot } from 'xstate';
import { DropCounter } from '../../daemon/drop-counter.js';
import type { ChartName } from '../../daemon/exchange-machines.js';
import {
  type EffectName,
  type ExchangeDriver,
  ExchangeRunner,
  type JobName,
} from '../../daemon/exchange-runner.js';
import type { Negotiation } from '../../daemon/negotiation.js';
import { CHARTS } from '../../machines/charts.js';
import type { ExchangeEvent, ExchangeOutput } from '../../machines/exchange.js';
import type { Bytes } from '../../services/bytes.js';
import { NO_FEATURES } from '../../services/exchange/peer-features.js';
import { decodeHeader, encodeHeader, HEADER_LENGTH, ZERO_COOKIE } from '../../services/isakmp/header.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { markOf } from '../../services/isakmp/message-mark.js';
import { handPorts, LOCAL, REMOTE } from './hand-ports.js';
import type { Model } from './model.js';
import { type ChartEvent, METHODS, placeholders, TIMING, words } from './subject.js';
import type { Fate, World, WorldParts } from './world.js';

/** Events that are a datagram's; the runner of a busy chart holds it. */
const ARRIVALS: readonly string[] = ['message', 'unreadable', 'unexpected'];

export function exchangeFate(snapshot: AnyMachineSnapshot, { type }: ChartEvent): Fate {
  return ARRIVALS.includes(type) && !snapshot.hasTag('receiving') ? 'held' : 'told';
}

export function isExchange(name: string): name is ChartName {
  const root = CHARTS[name]?.root;
  return root !== undefined && 'message' in words(root, 'events');
}

function isExchangeEvent(event: ChartEvent): event is ExchangeEvent {
  return !event.type.startsWith('xstate.');
}

function told(event: ChartEvent): ExchangeEvent {
  assert.ok(isExchangeEvent(event), event.type);
  return event;
}

export class ExchangeWorld implements World {
  readonly #runner: ExchangeRunner<undefined>;
  readonly #negotiation: Negotiation<undefined>;
  readonly #reports: StampedEvent[] = [];
  readonly #ends: ExchangeOutput[] = [];
  /** What a datagram turns out to be when it is read, by its message ID. */
  readonly #readings = new Map<number, ExchangeEvent>();
  /** Datagrams the runner accepted: what a replay repeats. */
  readonly #delivered: Bytes[] = [];
  #transmitted = 0;
  #count = 0;

  constructor(name: ChartName, { clock, jobs, watcher, input }: WorldParts) {
    const chart = CHARTS[name];
    assert.ok(chart);
    const ports = handPorts(clock, this.#reports);
    const effect = (effectName: string) => (negotiation: Negotiation<undefined>) => {
      if (effectName.startsWith('send')) this.#transmit(negotiation);
      return undefined;
    };
    const effects: Partial<Record<EffectName, ReturnType<typeof effect>>> = Object.fromEntries(
      placeholders(chart, 'actions').map((each) => [each, effect(each)]),
    );
    const held: Partial<Record<JobName, () => Promise<void>>> = Object.fromEntries(
      placeholders(chart, 'actors').map((each) => [each, () => jobs.run(each)]),
    );
    const driver: ExchangeDriver<undefined> = {
      effects,
      jobs: held,
      destination: () => ({ local: LOCAL, remote: REMOTE, features: NO_FEATURES }),
      read: (_negotiation, _datagram, header) => {
        const reading = this.#readings.get(header.messageId);
        assert.ok(reading, 'the runner reads what was delivered');
        return reading;
      },
      ended: (_negotiation, output) => void this.#ends.push(output),
    };
    this.#runner = new ExchangeRunner(ports, new DropCounter(clock, ports.events), { watcher }, driver);
    const pfs = Reflect.get(Object(input), 'pfs') === true;
    const method = METHODS.find((each) => each === Reflect.get(Object(input), 'method'));
    this.#negotiation = this.#runner.start('p1-1', name, undefined, { timing: TIMING, pfs, method });
  }

  send(event: ChartEvent): void {
    if (ARRIVALS.includes(event.type)) {
      this.#count += 1;
      this.#readings.set(this.#count, told(event));
      this.#deliver(datagram(this.#count));
    } else {
      this.#negotiation.send(told(event));
    }
  }

  /** Delivers again what was delivered before, the `nth` of it: no chart may notice. */
  replay(nth: number): void {
    const accepted = this.#delivered.filter((bytes) => this.#negotiation.accepted.includes(markOf(bytes)));
    const bytes = accepted[nth % accepted.length];
    if (bytes !== undefined) this.#deliver(bytes);
  }

  check(model: Model): void {
    const { snapshot } = model;
    const active = snapshot.status === 'active';
    assert.equal(this.#negotiation.expects(), active ? model.expects() : undefined, 'what it expects');
    assert.equal([...this.#runner.negotiations()].length, active ? 1 : 0, 'live negotiations');
    assert.deepEqual(this.#ends, active ? [] : [snapshot.output], 'its end is told once');
    const count = (...names: readonly string[]): number =>
      model.actions.filter((action) => names.includes(action)).length;
    const told = (...types: readonly string[]): number =>
      this.#reports.filter(({ type }) => types.includes(type)).length;
    assert.equal(told('message.ignored'), count('reportUnexpected', 'reportUnreadable'), 'what is reported');
    assert.equal(told('internal.error'), 0, 'errors of the program');
    const repeated = this.#reports.filter(
      (event) => event.type === 'message.sent' && event.retransmission > 0,
    );
    const answers = this.#reports.filter((event) => event.type === 'message.duplicate' && event.answered);
    assert.equal(repeated.length - answers.length, count('resend'), 'what our own timer repeats');
  }

  #transmit(negotiation: Negotiation<undefined>): void {
    this.#transmitted += 1;
    const bytes = datagram(0x1000 + this.#transmitted);
    this.#runner.transmit(negotiation, bytes, {
      exchange: 'a test',
      number: this.#transmitted,
      payloads: [],
      encrypted: false,
      messageId: '0',
      bytes: bytes.length,
    });
  }

  #deliver(bytes: Bytes): void {
    const header = decodeHeader(bytes);
    assert.ok(header.ok);
    this.#delivered.push(bytes);
    this.#runner.deliver(this.#negotiation, { local: LOCAL, remote: REMOTE, bytes }, header.value);
  }
}

function datagram(messageId: number): Bytes {
  return encodeHeader({
    initiatorCookie: 'a'.repeat(16),
    responderCookie: ZERO_COOKIE,
    nextPayload: 0,
    majorVersion: 1,
    minorVersion: 0,
    exchangeType: EXCHANGE.mainMode,
    flags: 0,
    messageId,
    length: HEADER_LENGTH,
  });
}
