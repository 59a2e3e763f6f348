import assert from 'node:assert/strict';
import { EventQueue } from '../../daemon/event-queue.js';
import { EventStream } from '../../daemon/event-stream.js';
import { settle } from '../sim/simulated-daemon.js';
import { VirtualClock } from '../sim/virtual-clock.js';

function queue() {
  const clock = new VirtualClock();
  const stream = new EventStream(clock);
  const limits = { kept: 4, batch: 3, waitMs: 1000, gatherMs: 10, idleMs: 5000 };
  const note = (text: string): void => {
    stream.emit({ type: 'config.note', note: text });
  };
  return { clock, stream, note, events: new EventQueue(stream, clock, limits) };
}

describe('the queue of events', () => {
  it('gives what happens after the client came, in batches, and nothing twice', async () => {
    const { clock, note, events } = queue();
    note('before');
    const first = events.after(undefined);
    for (const text of ['a', 'b', 'c', 'd']) note(text);
    clock.advance(10);
    const batch = await first;
    assert.deepEqual(
      batch.events.map((event) => ('note' in event ? event.note : '')),
      ['a', 'b', 'c'],
    );
    const second = await events.after(batch.next);
    assert.deepEqual([second.events.length, second.lost], [1, 0]);
  });

  it('answers without events when nothing happens for a while', async () => {
    const { clock, events } = queue();
    const asked = events.after(7);
    clock.advance(1000);
    assert.deepEqual(await asked, { events: [], next: 7, lost: 0, epoch: clock.wallTime() - clock.now() });
  });

  it('loses the oldest for who is slow, and says how many', async () => {
    const { clock, note, events } = queue();
    const first = events.after(undefined);
    note('a');
    clock.advance(10);
    const { next } = await first;
    for (let n = 0; n < 100; n++) note(String(n));
    const batch = await events.after(next);
    assert.equal(batch.lost, (batch.events[0]?.sequence ?? 0) - next - 1);
    assert.ok(batch.lost >= 90, String(batch.lost));
  });

  it('does not read the stream any more when nobody asks', async () => {
    const { clock, note, events } = queue();
    const asked = events.after(undefined);
    note('a');
    clock.advance(10);
    const { next } = await asked;
    clock.advance(5000);
    note('b');
    const later = events.after(next);
    await settle();
    note('c');
    clock.advance(10);
    const { events: got, lost } = await later;
    assert.deepEqual([got.length, lost], [1, 1]);
  });
});
