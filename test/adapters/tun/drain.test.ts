/** Descriptors of the data path that the loop calls in error. */
import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { loadNative } from '../../../adapters/native/load-native.js';
import { drain } from '../../../adapters/tun/drain.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

describe('a descriptor of the data path in error', () => {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  const addon = native.value;

  function watched(read = addon.receiveMessage) {
    const ends = addon.messagePair();
    assert.ok(typeof ends !== 'number');
    const [near = -1, far = -1] = ends;
    const clock = new VirtualClock();
    const notes: string[] = [];
    const taken: number[] = [];
    /** As if the loop said it. */
    let tell = (): void => assert.fail('nothing is watched');
    class Polled extends addon.Polled {
      constructor(descriptor: number, onReady: (events: number) => void) {
        super(descriptor, onReady);
        tell = () => {
          this.want(0);
          onReady(0);
        };
      }
    }
    const calls = { ...addon, Polled };
    const source = drain(
      { calls, clock, note: (note) => notes.push(note) },
      { name: 'The socket', descriptor: near, read, take: (bytes) => taken.push(bytes[0] ?? 0) },
    );
    const send = (n: number): void => {
      assert.equal(addon.sendMessage(far, Uint8Array.of(n)), 1);
    };
    const inError = (): void => {
      tell();
    };
    const close = (): void => {
      source.close();
      closeSync(far);
      assert.equal(clock.pending, 0);
    };
    return { clock, notes, taken, send, inError, close };
  }

  it('is read again later, and the operator is told: it was deaf for good, and nothing said so', async () => {
    const { clock, notes, taken, send, inError, close } = watched();
    const NOTE = 'The socket is in error, and nothing says why: it is looked at every second until it works.';
    inError();
    assert.deepEqual(notes, [NOTE]);
    send(1);
    clock.advance(999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(taken, [], 'it rests');
    clock.advance(1);
    await until(() => taken.length === 1);
    inError();
    clock.advance(1000);
    inError();
    assert.equal(notes.length, 2, 'it is no news while nothing came');
    clock.advance(1000);
    send(2);
    await until(() => taken.length === 2);
    inError();
    assert.equal(notes.length, 3);
    close();
  });

  it('is read on at once when reading tells the error', async () => {
    let isBroken = false;
    const { clock, notes, taken, send, inError, close } = watched((descriptor, room) => {
      if (!isBroken) return addon.receiveMessage(descriptor, room);
      isBroken = false;
      return -111;
    });
    isBroken = true;
    inError();
    send(3);
    await until(() => taken.length === 1);
    assert.deepEqual(notes, []);
    assert.equal(clock.pending, 0);
    close();
  });

  it('that is a TUN device which was deleted is left, and the operator is told', () => {
    const { clock, notes, inError, close } = watched(() => -77);
    inError();
    assert.deepEqual(notes, ['The socket is gone: somebody deleted it.']);
    assert.equal(clock.pending, 0);
    close();
  });
});
