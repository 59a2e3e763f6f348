/** Metrics in the form of Prometheus: counted from the event stream, and asked for where they go up and down. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Events, EventType, StampedEvent } from '../../services/ports/events.js';
import type { Gauges } from '../../services/ports/gauges.js';
import type { PacketCounters } from '../../services/ports/packet-counters.js';

/** Seconds: a handshake takes milliseconds, or some retransmissions. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32];
/** Negotiations whose beginning is remembered; a flood has no more. */
const MOST_UNDER_WAY = 20_000;
/** SAs as they stand take no time to be made: what made them did. */
const STANDING: ReadonlySet<string> = new Set(['isakmp-sa', 'ipsec-sa']);

const COUNTED: ReadonlySet<EventType> = new Set([
  'negotiation.started',
  'negotiation.ended',
  'message.sent',
  'kernel.call',
  'peer.dead',
]);

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  close(): void;
}

/** `gauges` is undefined while nothing can be asked yet. */
export function openMetrics(events: Events, gauges: () => Gauges | undefined): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const begun = new Map<string, { readonly at: number; readonly chart: string }>();
  const duration = new Histogram({
    name: 'ikechart_establishment_seconds',
    help: 'Time from the beginning of a negotiation that succeeded to its end.',
    labelNames: ['chart'],
    buckets: BUCKETS,
    registers,
  });
  const failures = new Counter({
    name: 'ikechart_failures_total',
    help: 'Negotiations that failed, by chart and code of failure.',
    labelNames: ['chart', 'code'],
    registers,
  });
  const repeated = new Counter({
    name: 'ikechart_retransmissions_total',
    help: 'Messages sent again.',
    labelNames: ['exchange'],
    registers,
  });
  const kernelErrors = new Counter({
    name: 'ikechart_kernel_errors_total',
    help: 'Calls that the kernel refused.',
    labelNames: ['call'],
    registers,
  });
  const deadPeers = new Counter({
    name: 'ikechart_dead_peers_total',
    help: 'Peers that were found dead.',
    registers,
  });
  const read = (event: StampedEvent): void => {
    switch (event.type) {
      case 'negotiation.started':
        if (begun.size < MOST_UNDER_WAY && !STANDING.has(event.chart))
          begun.set(event.negotiation, { at: event.at, chart: event.chart });
        return;
      case 'negotiation.ended': {
        const beginning = begun.get(event.negotiation);
        begun.delete(event.negotiation);
        if (beginning === undefined) return;
        const { chart, at } = beginning;
        if (event.failure === undefined) duration.observe({ chart }, (event.at - at) / 1000);
        else failures.inc({ chart, code: event.failure.code });
        return;
      }
      case 'message.sent':
        if (event.retransmission > 0) repeated.inc({ exchange: event.message.exchange });
        return;
      case 'kernel.call':
        if (event.error !== undefined) kernelErrors.inc({ call: event.call });
        return;
      case 'peer.dead':
        deadPeers.inc();
        return;
      default:
    }
  };
  const asked = (
    name: string,
    help: string,
    collect: (gauge: Gauge, now: Gauges) => void,
    label?: string,
  ): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers,
      collect() {
        this.reset();
        const now = gauges();
        if (now !== undefined) collect(this, now);
      },
    });
  asked('ikechart_phase1_sas', 'Phase 1 SAs that stand.', (gauge, now) => {
    gauge.set(now.phase1Sas());
  });
  asked('ikechart_phase2_sas', 'Pairs of IPsec SAs that stand.', (gauge, now) => {
    gauge.set(now.phase2Sas());
  });
  asked(
    'ikechart_half_open',
    'Phase 1 negotiations of others that nobody has proved anything in, by what is known of their source.',
    (gauge, now) => {
      const { unanswered, answered } = now.halfOpen();
      gauge.set({ source: 'unanswered' }, unanswered);
      gauge.set({ source: 'answered' }, answered);
    },
    'source',
  );
  asked(
    'ikechart_rule_down',
    '1 for a rule under which no Phase 1 SA stands.',
    (gauge, now) => {
      for (const [rule, up] of now.rules()) gauge.set({ rule }, up ? 0 : 1);
    },
    'rule',
  );
  /** They grow where it happens, however seldom the stream tells of it. */
  const byReason = (name: string, help: string, of: (now: Gauges) => ReadonlyMap<string, number>): Counter =>
    new Counter({
      name,
      help,
      labelNames: ['reason'],
      registers,
      collect() {
        const now = gauges();
        this.reset();
        if (now !== undefined) for (const [reason, count] of of(now)) this.inc({ reason }, count);
      },
    });
  byReason(
    'ikechart_datagrams_dropped_total',
    'Datagrams that belonged to nothing or could not be taken, by reason.',
    (now) => now.dropped(),
  );
  byReason(
    'ikechart_first_messages_refused_total',
    'First messages refused because more was begun than can be finished, or nobody answers, by reason.',
    (now) => now.refused(),
  );
  /** They grow in the kernel, and are only read here. */
  const packets = (
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (counter: Counter, now: PacketCounters) => void,
  ): Counter =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        const now = await gauges()?.packets?.();
        this.reset();
        if (now?.ok === true) collect(this, now.value);
      },
    });
  packets(
    'ikechart_packets_total',
    'Packets of the embedded kernel, by what became of them.',
    ['outcome'],
    (counter, { sent, received, bypassed }) => {
      counter.inc({ outcome: 'sent' }, sent);
      counter.inc({ outcome: 'received' }, received);
      counter.inc({ outcome: 'bypassed' }, bypassed);
    },
  );
  packets(
    'ikechart_packets_dropped_total',
    'Packets that the embedded kernel dropped, by direction and reason.',
    ['direction', 'reason'],
    (counter, { dropped }) => {
      for (const direction of ['outbound', 'inbound'] as const)
        for (const [reason, count] of Object.entries(dropped[direction]))
          counter.inc({ direction, reason }, count);
    },
  );
  const unsubscribe = events.subscribe(read, (type) => COUNTED.has(type));
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close: () => {
      unsubscribe();
      registry.clear();
    },
  };
}
