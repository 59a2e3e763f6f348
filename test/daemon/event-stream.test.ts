import assert from 'node:assert/strict';
import { EventStream } from '../../daemon/event-stream.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const note = (text: string) => ({ type: 'config.note', note: text }) as const;

describe('event stream', () => {
  it('stamps each event with its time and its place in the stream, read or not', () => {
    const clock = new VirtualClock();
    const stream = new EventStream(clock);
    stream.emit(note('nobody reads this'));
    const seen: StampedEvent[] = [];
    stream.subscribe((event) => seen.push(event));
    clock.advance(5);
    stream.emit(note('one'));
    clock.advance(5);
    stream.emit(note('two'));
    assert.deepEqual(seen, [
      { type: 'config.note', note: 'one', sequence: 2, at: 5 },
      { type: 'config.note', note: 'two', sequence: 3, at: 10 },
    ]);
  });

  it('gives every reader the same, until it has had enough', () => {
    const stream = new EventStream(new VirtualClock());
    const first: number[] = [];
    const second: number[] = [];
    const leave = stream.subscribe(({ sequence }) => first.push(sequence));
    stream.subscribe(({ sequence }) => second.push(sequence));
    stream.emit(note('one'));
    leave();
    stream.emit(note('two'));
    assert.deepEqual([first, second], [[1], [1, 2]]);
  });

  it('goes on without a reader that throws', () => {
    const stream = new EventStream(new VirtualClock());
    const seen: number[] = [];
    let thrown = 0;
    stream.subscribe(() => {
      thrown += 1;
      throw new Error('a broken reader');
    });
    stream.subscribe(({ sequence }) => seen.push(sequence));
    stream.emit(note('one'));
    stream.emit(note('two'));
    assert.deepEqual(seen, [1, 2]);
    assert.equal(thrown, 1);
  });

  it('asks a reader once which types it wants, and tells it of no others', () => {
    const stream = new EventStream(new VirtualClock());
    const asked: string[] = [];
    const seen: string[] = [];
    stream.subscribe(
      (event) => seen.push(event.type),
      (type) => {
        asked.push(type);
        return type === 'config.note';
      },
    );
    for (let n = 0; n < 3; n++) {
      stream.emit(note('wanted'));
      stream.emit({ type: 'daemon.state', state: 'running' });
    }
    assert.deepEqual(seen, ['config.note', 'config.note', 'config.note']);
    assert.deepEqual(asked, ['config.note', 'daemon.state']);
  });

  it('gives what is emitted twice two places, and leaves the first as it was', () => {
    const stream = new EventStream(new VirtualClock());
    const seen: StampedEvent[] = [];
    stream.subscribe((event) => seen.push(event));
    const again = note('again');
    stream.emit(again);
    stream.emit(again);
    assert.deepEqual(
      seen.map(({ sequence }) => sequence),
      [1, 2],
    );
  });
});
