import assert from 'node:assert/strict';
import { Admission } from '../../daemon/admission.js';
import { UNWATCHED } from '../../daemon/chart-watcher.js';
import { DropCounter } from '../../daemon/drop-counter.js';
import { EventStream } from '../../daemon/event-stream.js';
import { Intake, type Precedence } from '../../daemon/intake.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const PRECEDENCES: Readonly<Record<string, Precedence>> = { b: 'begun', k: 'known', s: 'stranger' };

const LATE = 'its first message has waited too long';

/** One of a negotiation for each name. */
function messageOf(name: string): Uint8Array {
  const negotiation = Buffer.from(name.slice(1).padEnd(16, '0'), 'hex');
  return Uint8Array.from([...negotiation, ...new Uint8Array(8), 8, 0x10, 2, 1, 0, 0, 0, 0, 0, 0, 0, 28]);
}

/** Datagrams are named by their address: the first letter says what they are. A turn takes `turnMs`. */
function intake(turnMs = 10) {
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  const told: StampedEvent[] = [];
  events.subscribe((event) => told.push(event));
  const admission = new Admission(clock, events, UNWATCHED);
  const load = { computations: 0, unanswered: 0, everAnswered: 0 };
  const got: string[] = [];
  const line = new Intake(
    {
      clock,
      workload: { later: (run) => clock.setTimeout(run, turnMs), computations: () => load.computations },
    },
    new DropCounter(clock, events),
    admission,
    {
      precedenceOf: ({ datagram: { remote } }) => PRECEDENCES[remote.address.charAt(0)] ?? 'stranger',
      receive: ({ datagram: { remote } }) => got.push(remote.address),
      unanswered: () => load.unanswered,
      everAnswered: () => load.everAnswered,
    },
  );
  const arrive = (...names: readonly string[]): void => {
    for (const name of names)
      line.arrived({
        local: { address: '192.0.2.1', port: 500 },
        remote: { address: name, port: 500 },
        bytes: messageOf(name),
      });
  };
  const many = (letter: string, count: number): void => {
    for (let number = 0; number < count; number++) arrive(`${letter}${String(number)}`);
  };
  return { clock, events, admission, load, got, arrive, many, told, line };
}

describe('the intake', () => {
  it('hands over what is begun before first messages that came earlier', () => {
    const { clock, got, arrive } = intake();
    arrive('s1');
    clock.advance(1);
    arrive('k1', 'b1');
    clock.advance(100);
    assert.deepEqual(got, ['b1', 's1', 'k1']);
  });

  it('takes no first message while the threads have enough, and goes on by itself when they have not', () => {
    const { clock, load, got, arrive } = intake();
    load.computations = 64;
    arrive('s1');
    clock.advance(1);
    arrive('b1');
    clock.advance(10);
    assert.deepEqual(got, ['b1'], 'it does not wait for the look');
    load.computations = 63;
    clock.advance(100);
    assert.deepEqual(got, ['b1', 's1']);
  });

  it('is crowded when strangers wait too long: then known peers come first, and what is late is refused', () => {
    const { clock, got, admission, many, arrive, line } = intake();
    many('s', 400);
    clock.advance(270);
    assert.equal(admission.state, 'crowded');
    assert.ok(admission.refused > 100, String(admission.refused));
    assert.deepEqual(
      [...admission.refusals],
      [
        ['too many first messages wait', admission.refused - (admission.refusals.get(LATE) ?? 0)],
        [LATE, admission.refusals.get(LATE)],
      ].filter(([, count]) => count !== 0),
    );
    assert.equal(line.messages, 400);
    got.length = 0;
    many('s', 20);
    arrive('k1');
    clock.advance(10);
    assert.equal(got[0], 'k1');
  });

  it('finishes a flood within the time a first message may wait, and is open again after five quiet seconds', () => {
    const { clock, line, admission, many, told } = intake();
    many('s', 5000);
    assert.ok(line.waiting <= 1024);
    clock.advance(300);
    assert.equal(line.waiting, 0);
    clock.advance(5000);
    const states = told.flatMap((event) => (event.type === 'admission.state' ? [event.state] : []));
    assert.deepEqual(states, ['crowded', 'open']);
    assert.equal(admission.knownFirst, false);
  });

  it('gives one source no more than its share of the line', () => {
    const { line, admission, arrive } = intake();
    for (let number = 0; number < 500; number++) arrive('s1');
    arrive('s2');
    assert.equal(line.waiting, 129);
    assert.equal(admission.refused, 500 - 128);
  });

  it('lets fewer strangers wait in a crowd, of one source still fewer, and known peers as before', () => {
    const { line, admission, arrive, many } = intake();
    admission.tell('CROWDED');
    for (let number = 0; number < 500; number++) arrive('s1');
    assert.equal(line.waiting, 32);
    many('s', 500);
    assert.equal(line.waiting, 256);
    many('k', 2000);
    assert.equal(line.waiting, 256 + 1024);
  });

  it('keeps room for messages of everybody, whatever one negotiation sends, or very many do', () => {
    const { line, arrive, got, clock } = intake();
    for (let number = 0; number < 5000; number++) arrive('b1');
    const ofOne = line.waiting;
    assert.ok(ofOne < 500, String(ofOne));
    arrive('b2');
    assert.equal(line.waiting, ofOne + 1);
    for (let round = 0; round < 500; round++)
      for (let number = 100; number < 300; number++) arrive(`b${String(number)}`);
    const ofMany = line.waiting;
    for (let number = 300; number < 400; number++) arrive(`b${String(number)}`);
    assert.equal(line.waiting, ofMany + 100);
    clock.advance(10 * 4096);
    assert.equal(line.waiting, 0);
    assert.deepEqual(got.slice(ofOne - 1, ofOne + 1), ['b1', 'b2'], 'in the order in which they came');
    // Nothing is held against anybody when it is over.
    for (let number = 0; number < ofOne; number++) arrive('b1');
    assert.equal(line.waiting, ofOne);
  });

  it('gives a negotiation its share back when its messages have been taken', () => {
    const { line, arrive, clock } = intake();
    for (let number = 0; number < 1000; number++) arrive('b1', 'b2', 'b3');
    const before = line.waiting;
    arrive('b1');
    assert.equal(line.waiting, before);
    clock.advance(10);
    assert.equal(line.waiting, before - 8);
    for (let number = 0; number < 8; number++) arrive('b1');
    assert.ok(line.waiting > before - 8 && line.waiting <= before, String(line.waiting));
  });

  it('rations strangers, and nobody else, while very many have not answered', () => {
    const { clock, load, admission, got, many } = intake(1);
    load.unanswered = 1024;
    for (let round = 0; round < 10; round++) {
      many('s', 300);
      many('k', 10);
      clock.advance(100);
    }
    assert.equal(admission.state, 'flooded');
    const strangers = got.filter((name) => name.startsWith('s')).length;
    assert.ok(strangers >= 500 && strangers <= 1001, String(strangers));
    assert.equal(got.length - strangers, 100);
  });

  it('hears strangers as fast as they answer, however many have not', () => {
    const { clock, load, admission, got, many } = intake(1);
    load.unanswered = 1024;
    for (let round = 0; round < 30; round++) {
      many('s', 200);
      clock.advance(100);
      // All that were heard in the round answer when it ends.
      load.everAnswered = got.length;
    }
    assert.equal(admission.state, 'flooded');
    assert.ok(got.length > 30 * 190, String(got.length));
  });

  it('lets nobody begin while the daemon stops, and goes on with what is begun', () => {
    const { clock, events, got, arrive, admission } = intake();
    events.emit({ type: 'daemon.state', state: 'stopping' });
    arrive('k1', 's1', 'b1');
    clock.advance(100);
    assert.deepEqual([got, admission.refused], [['b1'], 2]);
  });

  it('tells of refusals once a second, and counts all of them', () => {
    const { clock, admission, many, told } = intake();
    for (let round = 0; round < 30; round++) {
      many('s', 1500);
      clock.advance(100);
    }
    const refusals = told.flatMap((event) => (event.type === 'admission.refused' ? [event.count] : []));
    assert.ok(refusals.length <= 3, String(refusals.length));
    const counted = refusals.reduce((sum, count) => sum + count, 0);
    assert.ok(counted > 1000 && counted <= admission.refused);
  });
});
