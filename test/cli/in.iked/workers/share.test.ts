/** What a worker has of its own: its part of the stream, the sockets that it is given, and messages that are not its. */
import assert from 'node:assert/strict';
import { fstatSync, openSync } from 'node:fs';
import { GivenSockets, ownNews, Traffic } from '../../../../cli/in.iked/workers/share.js';
import { EventStream } from '../../../../daemon/event-stream.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

describe('the stream of a worker', () => {
  function heardBy(worker: number, wants?: (type: string) => boolean): readonly string[] {
    const stream = new EventStream(new VirtualClock());
    const heard: string[] = [];
    ownNews(stream, worker).subscribe((event) => heard.push(event.type), wants);
    stream.emit({ type: 'daemon.state', state: 'running' });
    stream.emit({ type: 'config.note', note: 'of all alike' });
    stream.emit({ type: 'kernel.unable', explanation: 'of its own' });
    return heard;
  }

  it('lacks what the head says for all, and but for the first what happens to all alike', () => {
    assert.deepEqual(heardBy(0), ['config.note', 'kernel.unable']);
    assert.deepEqual(heardBy(1), ['kernel.unable']);
  });

  it('asks its readers what they want: what nobody wants costs nothing', () => {
    assert.deepEqual(
      heardBy(0, (type) => type === 'config.note'),
      ['config.note'],
    );
    assert.deepEqual(
      heardBy(0, () => false),
      [],
    );
  });
});

describe('the sockets that a worker is given', () => {
  const ONE = { address: '192.0.2.1', port: 500 };
  const TWO = { address: '192.0.2.10', port: 500 };
  const fresh = (): number => openSync('/dev/null', 'r');

  it('are taken once', () => {
    const descriptor = fresh();
    const sockets = new GivenSockets({
      addresses: [ONE.address],
      descriptors: [{ ...ONE, descriptor }],
    });
    const taken = sockets.openBound(ONE);
    assert.equal(taken.ok && taken.value.descriptor, descriptor);
    assert.equal(sockets.openBound(ONE).ok, false);
  });

  it('are closed when their address went before they were taken: else nobody could have the port again', () => {
    const [first, second] = [fresh(), fresh()];
    const sockets = new GivenSockets({
      addresses: [ONE.address, TWO.address],
      descriptors: [
        { ...ONE, descriptor: first },
        { ...TWO, descriptor: second },
      ],
    });
    sockets.take({ addresses: [TWO.address], descriptors: [] });
    assert.deepEqual([isOpen(first), isOpen(second)], [false, true]);
    assert.equal(sockets.openBound(ONE).ok, false);
    const taken = sockets.openBound(TWO);
    assert.ok(taken.ok);
  });

  it('are closed when others are given in their place', () => {
    const [first, second] = [fresh(), fresh()];
    const sockets = new GivenSockets({
      addresses: [ONE.address],
      descriptors: [{ ...ONE, descriptor: first }],
    });
    sockets.take({ addresses: [ONE.address], descriptors: [{ ...ONE, descriptor: second }] });
    assert.equal(isOpen(first), false);
    const taken = sockets.openBound(ONE);
    assert.equal(taken.ok && taken.value.descriptor, second);
  });
});

describe('a message at the wrong worker', () => {
  it('is known by its cookie, and counted', () => {
    const traffic = new Traffic({ index: 1, count: 3 });
    const message = (begin: number, length = 28) => ({
      local: { address: '192.0.2.1', port: 500 },
      remote: { address: '192.0.2.2', port: 500 },
      bytes: Uint8Array.from({ length }, (_, place) => (place === 3 ? begin : 0)),
    });
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((begin) => traffic.strays(message(begin))),
      [true, false, true, true, false],
    );
    assert.equal(traffic.strays(message(0, 7)), false, 'it has no cookie');
    assert.equal(traffic.astray, 3);
  });
});
