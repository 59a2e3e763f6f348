/**
 * A Main Mode to look at: the real chart, with one state more, behind the real hook, log and server. Its peer and its
 * jobs are the test's, and time moves when the test says so.
 */
import { createActor, createMachine, fromPromise } from 'xstate';
import { startInspector, type Inspector } from '../../adapters/inspector/server.js';
import { describeChart } from '../../daemon/chart-description.js';
import { EventStream } from '../../daemon/event-stream.js';
import { watchNegotiation } from '../../daemon/inspect-hook.js';
import { InspectionLog } from '../../daemon/inspection.js';
import { CHARTS } from '../../machines/charts.js';
import type { ExchangeEvent } from '../../machines/exchange.js';
import { mainModeInitiator } from '../../machines/main-mode/initiator.js';
import type { DaemonEvent, MessageSummary } from '../../services/events/event.js';
import { SILENCE, type Failure } from '../../services/failure/failure.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const LOCAL = { address: '127.0.0.1', port: 15500 };
const REMOTE = { address: '127.0.0.2', port: 15500 };

/** A copy of the chart of Main Mode with one state more, reached by an event that Main Mode itself does not know. */
export const COPY = createMachine({
  ...mainModeInitiator.config,
  states: {
    ...mainModeInitiator.config.states,
    quarantined: { description: 'A state that only this copy has.' },
  },
  on: { PHASE1_LOST: '.quarantined' },
}).provide(mainModeInitiator.implementations);

const DESCRIBED = Object.entries({ ...CHARTS, 'main-mode-initiator': COPY }).map(([id, machine]) =>
  describeChart(id, machine),
);

export const WRONG_KEY: Failure = {
  code: 'wrong-preshared-key',
  exchange: 'Main Mode',
  message: 6,
  blame: 'config',
  wire: SILENCE,
  explanation:
    'Message 6 of 127.0.0.2 could not be decrypted: the two ends most probably hold different pre-shared keys. The key of ike.preshared line 4 was used, because its addresses fit both ends.',
  hint: 'Compare the key of that entry with the one on the peer.',
  comparisons: [
    {
      offered: 'offer 1, transform 1',
      against: 'rule "alpha to beta", transform 1',
      where: { file: '/etc/inet/ike/config', line: 12 },
      attributes: [
        { name: 'encryption', offered: '3des', accepted: 'aes 128..256', agrees: false },
        { name: 'hash', offered: 'sha1', accepted: 'sha1', agrees: true },
        { name: 'group', offered: '2', accepted: '14', agrees: false },
      ],
    },
  ],
};

export interface StagedNegotiation {
  /** Lets the promises of the current job settle. */
  job(): Promise<void>;
  receive(number: number, payloads: readonly string[]): void;
  send(event: ExchangeEvent): void;
  emit(event: DaemonEvent): void;
  end(failure: Failure | undefined): void;
}

export interface Stage {
  readonly clock: VirtualClock;
  readonly inspector: Inspector;
  /** Takes the inspector away and, when `meanwhile` is done, brings it back under the same address. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  begin(id: string, rule: string): StagedNegotiation;
  /** Tells the stream. */
  emit(event: DaemonEvent): void;
  close(): Promise<void>;
}

/** `bridges`: with the sockets for Stately's tools, and pages of these origins on them. */
export async function setStage(bridges?: readonly string[]): Promise<Stage> {
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  const log = new InspectionLog(events, DESCRIBED, clock, {
    explain: () => undefined,
    limits: { live: 20_000, ended: 20_000, events: 500 },
  });
  const open = (port: number): Promise<Inspector> =>
    startInspector(log, {
      address: '127.0.0.1',
      port,
      ...(bridges === undefined ? {} : { bridges: { origins: bridges, wallTime: () => clock.wallTime() } }),
    });
  let inspector = await open(0);
  return {
    clock,
    get inspector() {
      return inspector;
    },
    restart: async (meanwhile) => {
      const port = Number(new URL(inspector.url).port);
      await inspector.close();
      await meanwhile();
      inspector = await open(port);
    },
    emit: (event) => {
      events.emit(event);
    },
    begin: (id, rule) => beginMainMode(id, rule, clock, events),
    close: async () => {
      await inspector.close();
      log.close();
    },
  };
}

function beginMainMode(
  id: string,
  rule: string,
  clock: VirtualClock,
  events: EventStream,
): StagedNegotiation {
  let lastSent: MessageSummary | undefined;
  let retransmission = 0;
  const transmit = (message: MessageSummary): void => {
    retransmission = message === lastSent ? retransmission + 1 : 0;
    lastSent = message;
    events.emit({
      type: 'message.sent',
      negotiation: id,
      local: LOCAL,
      remote: REMOTE,
      message,
      retransmission,
    });
  };
  let finish: () => void = () => undefined;
  const waitingJob = () =>
    new Promise<undefined>(
      (resolve) =>
        (finish = () => {
          resolve(undefined);
        }),
    );
  const machine = COPY.provide({
    actors: {
      'crypto.generateKeyPair': fromPromise(waitingJob),
      'crypto.sharedSecret': fromPromise(waitingJob),
    },
    actions: {
      sendOffer: ({ self }) => {
        transmit(summary(1, ['SA', 'VENDOR', 'VENDOR', 'VENDOR']));
        self.send({ type: 'sent' });
      },
      sendKeyExchange: () => {
        transmit(summary(3, ['KE', 'NONCE', 'NAT-D', 'NAT-D']));
      },
      sendProof: ({ self }) => {
        transmit(summary(5, ['ID', 'HASH', 'NOTIFY']));
        self.send({ type: 'sent' });
      },
      checkProof: ({ self }) => {
        self.send({ type: 'proved' });
      },
      resend: () => {
        if (lastSent !== undefined) transmit(lastSent);
      },
      reportUnreadable: () => undefined,
      reportSuspicion: () => {
        events.emit({ type: 'negotiation.suspicion', negotiation: id, failure: WRONG_KEY });
      },
    },
  });
  const timing = { retryLimit: 5, retryInitMs: 500, retryMaxMs: 30_000, expireMs: 300_000 };
  events.emit({
    type: 'negotiation.started',
    negotiation: id,
    chart: 'main-mode-initiator',
    local: LOCAL,
    remote: REMOTE,
    rule,
    parent: undefined,
  });
  const actor = createActor(machine, { clock, input: { negotiation: id, timing, pfs: false } });
  const unwatch = watchNegotiation(actor, id, events);
  actor.start();
  return {
    job: async () => {
      finish();
      await new Promise((resolve) => setImmediate(resolve));
    },
    receive: (number, payloads) => {
      const message = summary(number, payloads);
      events.emit({ type: 'message.received', negotiation: id, local: LOCAL, remote: REMOTE, message });
      actor.send({ type: 'message', id: number, verdict: 'acceptable' });
    },
    send: (event) => {
      actor.send(event);
    },
    emit: (event) => {
      events.emit(event);
    },
    end: (failure) => {
      unwatch();
      const outcome = failure === undefined ? 'established' : 'failed';
      events.emit({ type: 'negotiation.ended', negotiation: id, outcome, failure });
    },
  };
}

function summary(number: number, payloads: readonly string[]): MessageSummary {
  return {
    exchange: 'Main Mode',
    number,
    payloads,
    encrypted: number >= 5,
    messageId: '00000000',
    bytes: 28 + payloads.length * 60,
  };
}
