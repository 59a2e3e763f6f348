import assert from 'node:assert/strict';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import { StandingRunner } from '../../daemon/standing-runner.js';
import { watchNegotiation } from '../../daemon/inspect-hook.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { handPorts, LOCAL, REMOTE } from '../model/hand-ports.js';
import { HandClock } from '../model/hand-clock.js';
import { TIMING } from '../model/subject.js';

describe('an SA that rests', () => {
  const entry = { standing: 'sa-1', madeAt: 7 };
  let rested: string[];
  let offered: number;
  let told: StampedEvent[];
  let probes: number;
  let runner: StandingRunner<typeof entry>;

  beforeEach(() => {
    rested = [];
    offered = 0;
    probes = 0;
    told = [];
    const ports = handPorts(new HandClock(), told);
    const watcher: ChartWatcher = Object.assign(
      (...[actor, id]: Parameters<ChartWatcher>) => {
        offered += 1;
        return watchNegotiation(actor, id, ports.events);
      },
      {
        rests: (id: string) => {
          rested.push(id);
        },
      },
    );
    runner = new StandingRunner(
      ports,
      'isakmp-sa',
      { watcher },
      {
        timing: () => TIMING,
        input: () => ({ role: 'responder', graceMs: 1000, jitter: 0, canAsk: true }),
        about: () => ({ local: LOCAL, remote: REMOTE, rule: 'alpha', parent: 'p1-1' }),
        effects: { sendProbe: () => void (probes += 1) },
        jobs: {},
        moved: () => undefined,
        ended: () => undefined,
      },
    );
  });

  it('begins without an actor, and who watches is told that it rests', () => {
    runner.begin(entry);
    assert.deepEqual([offered, runner.size], [0, { records: 1, actors: 0 }]);
    assert.deepEqual([told.map(({ type }) => type), rested], [['negotiation.started'], ['sa-1']]);
  });

  it('knows how it began, as long as it stands', () => {
    runner.begin(entry);
    const began = { chart: 'isakmp-sa', local: LOCAL, remote: REMOTE, rule: 'alpha', parent: 'p1-1' };
    assert.deepEqual([...runner.beginnings()], [{ ...began, negotiation: 'sa-1', beganAt: 7 }]);
    assert.deepEqual(runner.beginningOf('sa-1'), { ...began, negotiation: 'sa-1', beganAt: 7 });
    runner.send(entry, { type: 'FORGET', reason: 'of the test' });
    assert.equal(runner.beginningOf('sa-1'), undefined);
  });

  it('gets an actor for what its chart hears at rest, and for nothing else', () => {
    runner.begin(entry);
    for (const type of ['HEARD', 'INTRODUCED', 'SUCCESSOR_LOST'] as const) runner.send(entry, { type });
    assert.equal(offered, 0);
    runner.send(entry, { type: 'WORRY' });
    assert.deepEqual([offered, probes, runner.size.actors], [1, 1, 1]);
    assert.ok(runner.is(entry, 'doubted'));
    // While it runs, the same event is its chart's to judge.
    runner.send(entry, { type: 'HEARD' });
    assert.equal(runner.size.actors, 0);
    assert.ok(runner.is(entry, 'rival'));
    runner.send(entry, { type: 'FORGET', reason: 'a test wanted it' });
    assert.deepEqual(runner.size, { records: 0, actors: 0 });
  });
});
