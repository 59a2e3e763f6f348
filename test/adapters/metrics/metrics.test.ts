import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { openMetrics } from '../../../adapters/metrics/metrics.js';
import { serveMetrics } from '../../../adapters/metrics/server.js';
import { engineGauges } from '../../../daemon/engine-gauges.js';
import { EventStream } from '../../../daemon/event-stream.js';
import { err, ok } from '../../../services/result.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, presharedText, startPair, WEST } from '../../sim/two-gateways.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('metrics', () => {
  it('count what a tunnel took, and which rules stand', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    const metrics = openMetrics(pair.east.stream, () => engineGauges(pair.east.engine));
    assert.equal(valueOf(await metrics.text(), 'ikechart_rule_down{rule="peer"}'), 1);
    let n = 0;
    pair.network.filter = () => (++n === 1 ? 'drop' : 'pass');
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
    const text = await metrics.text();
    assert.equal(valueOf(text, 'ikechart_rule_down{rule="peer"}'), 0);
    assert.equal(valueOf(text, 'ikechart_phase1_sas'), 1);
    assert.equal(valueOf(text, 'ikechart_phase2_sas'), 1);
    assert.equal(valueOf(text, 'ikechart_retransmissions_total{exchange="Main Mode"}'), 1);
    assert.equal(valueOf(text, 'ikechart_establishment_seconds_count{chart="main-mode-initiator"}'), 1);
    // It had to be sent again, half a second later.
    assert.equal(
      valueOf(text, 'ikechart_establishment_seconds_bucket{le="0.25",chart="main-mode-initiator"}'),
      0,
    );
    metrics.close();
  });

  it('count failures by code, and what is half open by what is known of its source', async () => {
    const preshared = presharedText('west', 'ffffffffffffffffffffffffffffffff');
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west', { preshared }));
    const metrics = openMetrics(pair.west.stream, () => engineGauges(pair.west.engine));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, 1000);
    const before = await metrics.text();
    assert.equal(valueOf(before, 'ikechart_half_open{source="answered"}'), 1);
    assert.equal(valueOf(before, 'ikechart_half_open{source="unanswered"}'), 0);
    await runUntil(pair.clock, () => false, 400_000);
    const text = await metrics.text();
    assert.equal(
      valueOf(text, 'ikechart_failures_total{chart="main-mode-responder",code="wrong-preshared-key"}'),
      1,
    );
    assert.equal(valueOf(text, 'ikechart_half_open{source="answered"}'), 0);
    metrics.close();
  });

  it('count what was dropped and refused by reason, all of it, though the stream tells of one a second', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    const refused = new Map([['its first message has waited too long', 3]]);
    const metrics = openMetrics(pair.east.stream, () => ({
      ...engineGauges(pair.east.engine),
      refused: () => refused,
    }));
    for (let n = 0; n < 5; n++) pair.east.engine.drops.drop({ address: WEST, port: 500 }, 'noise');
    const text = await metrics.text();
    assert.equal(valueOf(text, 'ikechart_datagrams_dropped_total{reason="noise"}'), 5);
    assert.equal(
      valueOf(text, 'ikechart_first_messages_refused_total{reason="its first message has waited too long"}'),
      3,
    );
    metrics.close();
  });

  it('count packets of the embedded kernel, those that are dropped by direction and reason', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    const { kernel } = pair.east;
    const metrics = openMetrics(pair.east.stream, () => ({
      ...engineGauges(pair.east.engine),
      packets: () => Promise.resolve(ok(kernel.statistics)),
    }));
    kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
    kernel.input(EAST, WEST, Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1));
    kernel.input(EAST, WEST, Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 2));
    // Read twice: what is asked for must not be added to what was.
    await metrics.text();
    const text = await metrics.text();
    assert.equal(valueOf(text, 'ikechart_packets_total{outcome="sent"}'), 1);
    assert.equal(
      valueOf(text, 'ikechart_packets_dropped_total{direction="inbound",reason="unknown-spi"}'),
      2,
    );
    metrics.close();
  });

  it('are there without those of packets where a kernel does not tell them', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    const metrics = openMetrics(pair.east.stream, () => ({
      ...engineGauges(pair.east.engine),
      packets: () => Promise.resolve(err('The thread is gone.')),
    }));
    const text = await metrics.text();
    assert.doesNotMatch(text, /^ikechart_packets/m);
    assert.equal(valueOf(text, 'ikechart_phase1_sas'), 0);
    metrics.close();
  });

  it('measure negotiations where ten thousand tunnels stand', async () => {
    const clock = new VirtualClock();
    const stream = new EventStream(clock);
    const metrics = openMetrics(stream, () => undefined);
    const ends = { local: { address: EAST, port: 500 }, remote: { address: WEST, port: 500 } };
    const start = (negotiation: string, chart: string): void => {
      stream.emit({
        type: 'negotiation.started',
        negotiation,
        chart,
        rule: undefined,
        parent: undefined,
        ...ends,
      });
    };
    for (let n = 0; n < 10_000; n++) {
      start(`sa-${String(n)}`, 'isakmp-sa');
      start(`ipsec-${String(n)}`, 'ipsec-sa');
    }
    start('p1-1', 'main-mode-responder');
    stream.emit({
      type: 'negotiation.ended',
      negotiation: 'p1-1',
      outcome: 'established',
      failure: undefined,
    });
    const text = await metrics.text();
    assert.equal(valueOf(text, 'ikechart_establishment_seconds_count{chart="main-mode-responder"}'), 1);
    metrics.close();
  });

  it('are served on loopback, at one path, to who asks with GET', async () => {
    const metrics = openMetrics(new EventStream(new VirtualClock()), () => undefined);
    const server = await serveMetrics(metrics, 0);
    const at = (path: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${String(server.port)}${path}`, { method });
    const answer = await at('/metrics');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await answer.text(), /# TYPE ikechart_failures_total counter/);
    assert.equal((await at('/metrics?module=ike')).status, 200);
    assert.equal((await at('/')).status, 404);
    assert.equal((await at('/metrics', 'POST')).status, 404);
    await assert.rejects(serveMetrics(metrics, server.port), /--metrics/);
    await server.close();
    metrics.close();
  });

  it('are all that the dashboard and the page about them name', async () => {
    const metrics = openMetrics(new EventStream(new VirtualClock()), () => undefined);
    const names = new Set([...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    metrics.close();
    const page = (name: string): string =>
      readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
    const named = (text: string): ReadonlySet<string> =>
      new Set(
        [...text.matchAll(/\b(ikechart_\w+?)(?:_bucket|_sum|_count)?\b/g)].map(([, name = '']) => name),
      );
    const dashboard = named(page('grafana-dashboard.json'));
    assert.ok(dashboard.size > 5);
    assert.deepEqual(
      [...dashboard].filter((name) => !names.has(name)),
      [],
    );
    assert.deepEqual([...named(page('metrics.md'))].sort(), [...names].sort());
  });
});
