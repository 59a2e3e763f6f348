/** What `why` says of what has not failed, and what it remembers. */
import assert from 'node:assert/strict';
import { Admission } from '../../daemon/admission.js';
import { UNWATCHED } from '../../daemon/chart-watcher.js';
import { RefusedPeers } from '../../daemon/refused-peers.js';
import { CourseLog } from '../../daemon/course-log.js';
import { EventStream } from '../../daemon/event-stream.js';
import { failure } from '../../services/failure/build.js';
import type { FailureCode } from '../../services/failure/codes.js';
import { runUntil } from '../sim/simulated-daemon.js';
import {
  EAST,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  startPair,
  tunnelPacket,
  tunnelPolicy,
  WEST,
} from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const plan = (end: 'east' | 'west') => gatewayPlan(end, { policies: [tunnelPolicy(end), otherPolicy(end)] });

describe('why, of what has not failed', () => {
  it('says in which state a negotiation is and what it waits for', async () => {
    const { east, clock, network } = await startPair(1, plan('east'), plan('west'));
    network.filter = () => 'drop';
    east.kernel.output(packetToWest());
    await runUntil(clock, () => false, 1000);
    const [explanation] = east.engine.explanations.ofPeer(WEST);
    assert.equal(explanation?.standing, 'under way');
    assert.match(explanation.summary, /in state awaitingChoice and waiting/);
    assert.match(explanation.happened, /It waits for message 2 of Main Mode: .*, from the peer/);
    assert.match(explanation.messages.at(-1) ?? '', /-> Main Mode 1 .* again$/);
    const acquire = east.engine.explanations.explanation('acquire-1');
    assert.deepEqual([acquire?.standing, acquire?.about.related], ['under way', ['p1-1']]);
    assert.match(acquire?.happened ?? '', /negotiate\.phase1/);
  });

  it('says of SAs since when and until when they stand, by any of their names', async () => {
    const { east, west, clock } = await startPair(1, plan('east'), plan('west'));
    east.kernel.output(packetToWest());
    await runUntil(clock, () => west.delivered.length > 0, 60_000);
    await runUntil(clock, () => false, 5000);
    const { explanations } = east.engine;
    for (const id of ['p1-1', 'sa-1']) {
      const explanation = explanations.explanation(id);
      assert.equal(explanation?.standing, 'established', id);
      assert.match(explanation.happened, /stands since 5 s; it is renewed in \d+ s .* ends in 3595 s/);
    }
    for (const id of ['p2-1', 'ipsec-1'])
      assert.match(
        explanations.explanation(id)?.happened ?? '',
        /installed since 5 s and end in 28795 s/,
        id,
      );
    assert.deepEqual(
      explanations.ofPeer(WEST).map(({ about, standing }) => [about.negotiation, standing]),
      [
        ['p1-1', 'established'],
        ['p2-1', 'established'],
      ],
    );
    assert.equal(explanations.latest(), undefined);
  });

  it('says that of two SAs made at once one went, and that this is no failure', async () => {
    const { east, west, clock } = await startPair(1, plan('east'), plan('west'));
    east.kernel.output(packetToWest());
    west.kernel.output(tunnelPacket('west', 'other'));
    await runUntil(clock, () => false, 120_000);
    assert.equal(east.engine.table.phase1Count, 1);
    const gone = ['p1-1', 'p1-2'].flatMap((id) => {
      const explanation = east.engine.explanations.explanation(id);
      return explanation?.standing === 'gone' ? [explanation] : [];
    });
    assert.equal(gone.length, 1);
    assert.match(gone[0]?.summary ?? '', /gone: newer ones have taken its place|gone: the peer deleted it/);
    assert.notEqual(gone[0]?.why, '');
  });

  it('says of SAs that ran out that their lifetime was over', async () => {
    const words = { rule: 'p2_lifetime_secs 60 p2_softlife_secs 50' };
    const pair = await startPair(1, gatewayPlan('east', { words }), gatewayPlan('west', { words }));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
    pair.network.filter = () => 'drop';
    await runUntil(pair.clock, () => pair.east.engine.table.phase2Count === 0, 120_000);
    assert.equal(pair.east.engine.table.phase2Count, 0);
    const explanation = pair.east.engine.explanations.explanation('p2-1');
    assert.equal(explanation?.standing, 'gone');
    assert.match(`${explanation.summary} ${explanation.why}`, /lifetime|dead/);
  });

  it('say of a peer that was refused for what else is asked why that was, and not that it never came', async () => {
    const { east, clock } = await startPair(7, gatewayPlan('east'), gatewayPlan('west'));
    const admission = new Admission(clock, east.stream, UNWATCHED, east.engine.refusedPeers);
    for (let n = 0; n < 3; n++)
      admission.refuse({ address: WEST, port: 500 }, 'its first message has waited too long');
    const [explanation] = east.engine.explanations.ofPeer(WEST);
    assert.equal(explanation?.standing, 'unknown');
    assert.match(explanation.happened, /something with its address has reached this daemon.*waited too long/);
    assert.match(explanation.evidence[0]?.value ?? '', /^3, the latest 0 s ago: its first message/);
    assert.match(
      east.engine.explanations.ofPeer('192.0.2.99')[0]?.happened ?? '',
      /no rule|nothing of the peer/,
    );
  });

  it('remember of a flood as many addresses as there is room for, the latest', () => {
    const refused = new RefusedPeers();
    for (let n = 0; n < 10_000; n++) refused.note(`peer ${String(n)}`, 'noise', n);
    assert.equal(refused.latest('peer 0'), undefined);
    assert.deepEqual(refused.latest('peer 9999'), { reason: 'noise', count: 1, at: 9999 });
  });

  it('says of a stranger which rule and key would be used, or that there is none', async () => {
    const { east } = await startPair(1, plan('east'), plan('west'));
    const [known] = east.engine.explanations.ofPeer(WEST);
    assert.equal(known?.standing, 'unknown');
    assert.match(JSON.stringify(known.evidence), /config:2.*ike\.preshared:1/);
    const [unknown] = east.engine.explanations.ofPeer('198.51.100.9');
    assert.match(unknown?.happened ?? '', /no rule of ike\.config covers it/);
  });

  it('names a failure by the question that failed with it, too', async () => {
    const { east, clock, network } = await startPair(1, plan('east'), plan('west'));
    network.filter = () => 'drop';
    east.kernel.output(packetToWest());
    await runUntil(clock, () => false, 60_000);
    const { explanations } = east.engine;
    assert.equal(explanations.latest()?.about.negotiation, 'p1-1');
    assert.deepEqual(explanations.explanation('acquire-1'), explanations.explanation('p1-1'));
    assert.deepEqual(explanations.known(), ['p1-1']);
  });
});

describe('the log of what went by', () => {
  const ends = { local: { address: EAST, port: 500 }, remote: { address: WEST, port: 500 } };

  function logged() {
    const events = new EventStream(new VirtualClock());
    const log = new CourseLog(events, () => undefined, { failures: 3, strangers: 2, gone: 2, messages: 4 });
    const fail = (id: string, code: FailureCode): void => {
      const started = { type: 'negotiation.started', chart: 'main-mode-responder', rule: undefined } as const;
      events.emit({ ...started, negotiation: id, ...ends, parent: undefined });
      const why = failure(code, { exchange: 'Main Mode', message: 1 }, 'config', 'It is so.', '');
      events.emit({ type: 'negotiation.ended', negotiation: id, outcome: 'failed', failure: why });
    };
    return { events, log, fail };
  }

  it('keeps the latest failures, and forgets the oldest', () => {
    const { log, fail } = logged();
    for (let count = 1; count <= 5; count++) fail(`p1-${String(count)}`, 'no-preshared-key');
    assert.deepEqual(
      log.failures().map(({ trail }) => trail.id),
      ['p1-3', 'p1-4', 'p1-5'],
    );
    assert.equal(log.failure('p1-1'), undefined);
  });

  it('does not lose them to a flood of strangers', () => {
    const { log, fail } = logged();
    fail('p1-1', 'wrong-preshared-key');
    for (let count = 2; count <= 500; count++)
      fail(`p1-${String(count)}`, count % 2 === 0 ? 'no-rule' : 'crowded-out');
    assert.equal(log.failure('p1-1')?.failure.code, 'wrong-preshared-key');
    assert.equal(log.failures().length, 3);
  });

  it('keeps the latest messages of a negotiation, and nothing of one that ended well', () => {
    const { events, log } = logged();
    const started = { type: 'negotiation.started', chart: 'main-mode-initiator', rule: 'peer' } as const;
    events.emit({ ...started, negotiation: 'p1-9', ...ends, parent: undefined });
    const message = { exchange: 'Main Mode', payloads: ['SA'], encrypted: false, messageId: '0', bytes: 100 };
    for (let number = 1; number <= 9; number++) {
      const sent = { type: 'message.sent', negotiation: 'p1-9', ...ends, retransmission: 0 } as const;
      events.emit({ ...sent, message: { ...message, number } });
    }
    assert.equal(log.live('p1-9')?.messages?.length, 4);
    events.emit({
      type: 'negotiation.ended',
      negotiation: 'p1-9',
      outcome: 'established',
      failure: undefined,
    });
    assert.equal(log.live('p1-9'), undefined);
    assert.deepEqual(log.failures(), []);
  });
});
