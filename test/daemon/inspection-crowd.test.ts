import assert from 'node:assert/strict';
import { EventStream } from '../../daemon/event-stream.js';
import { InspectionLog } from '../../daemon/inspection.js';
import type { KeptSteps } from '../../daemon/inspection-sources.js';
import type { DaemonEvent } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { ended, FAILURE, started } from './told-negotiations.js';

function note(negotiation: string): DaemonEvent {
  return { type: 'negotiation.note', negotiation, note: 'something' };
}

describe('the inspection log, when more begin than anyone can follow', () => {
  const limits = { live: 10, ended: 10, events: 10, followed: { atOnce: 1, perSecond: 1 } };
  const recorded: StampedEvent[] = [];
  let told: string[];
  let dropped: string[];

  function openBusy(steps: Partial<KeptSteps> = {}) {
    const clock = new VirtualClock();
    const events = new EventStream(clock);
    told = [];
    recorded.length = 0;
    dropped = [];
    const log = new InspectionLog(events, [], clock, {
      explain: () => undefined,
      limits,
      recorded: (id) => recorded.filter((event) => 'negotiation' in event && event.negotiation === id),
      steps: {
        of: (id) => [
          {
            ...{ type: 'negotiation.state', negotiation: id, active: ['b'], context: {} },
            ...{ sequence: 100, at: 0 },
          },
        ],
        stateOf: () => ['b'],
        tell: (id) => told.push(id),
        drop: (id) => dropped.push(id),
        ...steps,
      },
    });
    const seen: StampedEvent[] = [];
    log.watch({ happened: (event) => seen.push(event) });
    events.emit(started('p1-1'));
    events.emit(started('p1-2'));
    return { clock, events, log, seen };
  }

  it('has rows of all, and the events of the first', () => {
    const { events, log, seen } = openBusy();
    for (const id of ['p1-1', 'p1-2']) events.emit(note(id));
    assert.deepEqual(
      seen.map((event) => event.type),
      ['negotiation.started', 'negotiation.started', 'negotiation.note'],
    );
    assert.deepEqual([log.follows('p1-1'), log.follows('p1-2'), log.follows('token-1')], [true, false, true]);
    assert.equal(log.size(), 2);
    assert.deepEqual(log.negotiation('p1-2')?.active, ['b']);
  });

  it('looks up what others keep of one that is selected, and follows it from then on', () => {
    const { events, log, seen } = openBusy();
    const [before, after] = [note('p1-2'), note('p1-2')];
    events.subscribe((event) => {
      if (event === before) recorded.push(event);
    });
    events.emit(before);
    const types = ['negotiation.started', 'negotiation.note', 'negotiation.state'];
    assert.deepEqual(
      log.history('p1-2').map(({ type }) => type),
      types,
    );
    log.follow('p1-2');
    assert.deepEqual(told, ['p1-2']);
    // It was blank from its selection to its next step.
    assert.deepEqual(log.negotiation('p1-2')?.active, ['b']);
    events.emit(after);
    assert.equal(seen.at(-1), after);
    assert.deepEqual(
      log.history('p1-2').map(({ type }) => type),
      [...types, 'negotiation.note'],
    );
  });

  it('shows where one stands of which no steps are kept: an SA at rest', () => {
    const { log } = openBusy({ of: () => [] });
    log.follow('p1-2');
    assert.deepEqual(log.negotiation('p1-2')?.active, ['b']);
    const history = log.history('p1-2');
    const [begun, state] = [history[0], history.at(-1)];
    assert.deepEqual(
      [begun?.type, state?.type === 'negotiation.state' && state.active],
      ['negotiation.started', ['b']],
    );
    assert.ok(history.every(({ sequence }, n) => sequence > (history[n - 1]?.sequence ?? 0)));
  });

  it('keeps the steps of what fails, and not of what goes well', () => {
    const { events, log } = openBusy();
    events.emit(started('p1-3'));
    events.emit(ended('p1-2'));
    events.emit(ended('p1-3', FAILURE));
    assert.deepEqual(dropped, ['p1-2']);
    for (const id of ['p1-2', 'p1-3']) assert.deepEqual(log.negotiation(id)?.active, ['b']);
  });

  it('follows again what begins when there is room', () => {
    const { clock, events, log } = openBusy();
    clock.advance(1000);
    events.emit(started('p1-3'));
    assert.ok(log.follows('p1-3'));
  });

  it('follows all while somebody wants everything', () => {
    const { events, log } = openBusy();
    const unwatch = log.watch({ happened: () => undefined, everything: true });
    assert.deepEqual(told, ['p1-2']);
    events.emit(started('p1-3'));
    assert.ok(log.follows('p1-3'));
    unwatch();
    events.emit(started('p1-4'));
    assert.ok(!log.follows('p1-4'));
  });

  describe('while nobody watches', () => {
    function openUnwatched() {
      const clock = new VirtualClock();
      const events = new EventStream(clock);
      const begun: StampedEvent[] = [];
      events.subscribe((event) => {
        begun.push(event);
      });
      const asked: boolean[][] = [];
      const log = new InspectionLog(events, [], clock, {
        explain: () => undefined,
        limits,
        catchUp: (isKnown) => {
          asked.push(['p1-1', 'p1-2', 'p1-3'].map(isKnown));
          return begun;
        },
      });
      for (const id of ['p1-1', 'p1-2']) events.emit(started(id));
      return { events, log, asked };
    }

    it('passes over what it does not follow, and catches up when somebody comes', () => {
      const { events, log, asked } = openUnwatched();
      assert.equal(log.size(), 1);
      assert.deepEqual([log.follows('p1-1'), log.follows('p1-2')], [true, undefined]);
      const seen: StampedEvent[] = [];
      log.watch({ happened: (event) => seen.push(event) });
      assert.deepEqual(asked, [[true, false, false]]);
      assert.deepEqual(
        log.negotiations().map(({ id }) => id),
        ['p1-1', 'p1-2'],
      );
      assert.deepEqual([log.follows('p1-2'), log.follows('token-1')], [true, true]);
      assert.equal(log.history('p1-1').length, 1);
      assert.deepEqual(seen, []);
      events.emit(started('p1-3'));
      assert.equal(log.follows('p1-3'), false);
    });

    it('catches up with a token whose chart began meanwhile: it was never shown when nothing else had begun', () => {
      const events = new EventStream(new VirtualClock());
      const state = {
        type: 'negotiation.state',
        active: ['token', 'token.ready'],
        sequence: 1,
        at: 0,
      } as const;
      const log = new InspectionLog(events, [], new VirtualClock(), {
        explain: () => undefined,
        limits,
        catchUp: () => [{ ...state, negotiation: 'token-1', context: { token: 'alpha' } }],
      });
      assert.equal(log.follows('token-1'), undefined);
      log.watch({ happened: () => undefined });
      assert.equal(log.negotiation('token-1')?.remote, 'token "alpha"');
    });

    it('asks nobody again when nothing was passed over, and passes over again when all have gone', () => {
      const { events, log, asked } = openUnwatched();
      const leave = log.watch({ happened: () => undefined });
      log.watch({ happened: () => undefined })();
      assert.equal(asked.length, 1);
      leave();
      events.emit(ended('p1-1', FAILURE));
      assert.equal(log.negotiation('p1-1')?.failure?.code, FAILURE.code);
      log.watch({ happened: () => undefined })();
      assert.equal(asked.length, 1);
      events.emit(started('p1-3'));
      assert.equal(log.negotiation('p1-3'), undefined);
      log.watch({ happened: () => undefined });
      assert.deepEqual(asked[1], [true, true, false]);
      assert.equal(log.size(), 3);
    });
  });
});
