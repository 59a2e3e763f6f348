/** Sockets of whole messages: what a kernel at the other end can do to them. */
import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { messageSocket, nativeKernelSockets } from '../../../adapters/native/kernel-sockets.js';
import { loadNative, type Native } from '../../../adapters/native/load-native.js';
import type { MessageSocket, SystemFault } from '../../../services/ports/kernel-socket.js';

function addon(): Native {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  return native.value;
}

type News = Uint8Array | 'overrun' | SystemFault;

/** What a listener hears, one by one. */
class Heard {
  readonly #news: News[] = [];
  #tell: ((news: News) => void) | undefined;

  readonly message = (bytes: Uint8Array): void => {
    this.#hear(bytes);
  };
  readonly overrun = (): void => {
    this.#hear('overrun');
  };
  readonly failed = (fault: SystemFault): void => {
    this.#hear(fault);
  };

  get waiting(): number {
    return this.#news.length;
  }

  next(): Promise<News> {
    const first = this.#news.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => (this.#tell = resolve));
  }

  #hear(news: News): void {
    const tell = this.#tell;
    this.#tell = undefined;
    if (tell === undefined) this.#news.push(news);
    else tell(news);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a socket of whole messages', () => {
  const native = addon();
  let socket: MessageSocket;
  let kernel: number;
  let heard: Heard;

  beforeEach(() => {
    const pair = native.messagePair();
    assert.ok(typeof pair !== 'number');
    const [ours, theirs] = pair;
    assert.ok(ours !== undefined && theirs !== undefined);
    kernel = theirs;
    heard = new Heard();
    socket = messageSocket(native, ours, heard);
  });

  afterEach(() => {
    socket.close();
    closeSync(kernel);
  });

  function says(...bytes: number[]): void {
    assert.equal(native.sendMessage(kernel, Uint8Array.from(bytes)), bytes.length);
  }

  it('delivers each message whole and alone, in order, later than the call that caused it', async () => {
    says(1, 2, 3);
    says(4);
    assert.equal(heard.waiting, 0);
    assert.deepEqual(await heard.next(), Uint8Array.of(1, 2, 3));
    assert.deepEqual(await heard.next(), Uint8Array.of(4));
  });

  it('hands over before it returns, so that keys can be wiped', () => {
    const bytes = Uint8Array.of(7, 8, 9);
    assert.equal(socket.send(bytes), undefined);
    bytes.fill(0);
    const room = new Uint8Array(100);
    assert.equal(native.receiveMessage(kernel, room), 3);
    assert.deepEqual(room.subarray(0, 3), Uint8Array.of(7, 8, 9));
  });

  it('says that something was lost when a message is longer than its room, and goes on', async () => {
    const long = new Uint8Array(100).fill(1);
    assert.equal(native.sendMessage(kernel, long), 100);
    const pair = native.messagePair();
    assert.ok(typeof pair !== 'number');
    const [near = -1, far = -1] = pair;
    const narrow = {
      ...native,
      receiveMessage: (descriptor: number, bytes: Uint8Array) =>
        native.receiveMessage(descriptor, bytes.subarray(0, 50)),
    };
    const told = new Heard();
    const short = messageSocket(narrow, near, told);
    assert.equal(native.sendMessage(far, long), 100);
    assert.equal(native.sendMessage(far, long.subarray(0, 50)), 50);
    assert.equal(await told.next(), 'overrun');
    assert.deepEqual(await told.next(), long.subarray(0, 50));
    short.close();
    closeSync(far);
  });

  it('hears nothing after it was closed, from within a message too', async () => {
    const pair = native.messagePair();
    assert.ok(typeof pair !== 'number');
    const [near = -1, far = -1] = pair;
    let messages = 0;
    const own = messageSocket(native, near, {
      message: () => {
        messages += 1;
        own.close();
      },
      overrun: () => assert.fail('nothing was lost'),
      failed: () => assert.fail('nothing failed'),
    });
    native.sendMessage(far, Uint8Array.of(1));
    native.sendMessage(far, Uint8Array.of(2));
    while (messages === 0) await turn();
    await turn();
    assert.equal(messages, 1);
    assert.equal(own.send(Uint8Array.of(3))?.code, 'ECANCELED');
    own.close();
    closeSync(far);
  });

  it('lets others have their turn while the kernel has much to say', async () => {
    for (let i = 0; i < 10; i++) says(i);
    let turns = 0;
    const count = async (): Promise<void> => {
      for (; heard.waiting < 10; turns++) await turn();
    };
    await count();
    assert.ok(turns > 0);
  });

  it('gives the errno of what cannot be sent', () => {
    closeSync(kernel);
    const fault = socket.send(Uint8Array.of(1));
    assert.equal(fault?.errno, constants.errno.ECONNREFUSED);
    assert.equal(fault.message, 'The kernel was not told: ECONNREFUSED.');
    const pair = native.messagePair();
    assert.ok(typeof pair !== 'number');
    kernel = pair[0] ?? -1;
    closeSync(pair[1] ?? -1);
  });
});

describe('the sockets of the kernel', () => {
  const native = addon();

  it('say in one sentence what is missing where this host has no PF_KEY', () => {
    const without = nativeKernelSockets({ ...native, openKeySocket: () => -constants.errno.EAFNOSUPPORT });
    const key = without.key(new Heard());
    assert.ok(!key.ok);
    assert.equal(key.error.code, 'EAFNOSUPPORT');
    assert.match(key.error.message, /^This kernel has no PF_KEY: load its module \(modprobe af_key\)/);
  });

  it('say that a user may not', () => {
    const refused = nativeKernelSockets({ ...native, openXfrmSocket: () => -constants.errno.EPERM });
    const xfrm = refused.xfrm([1], new Heard());
    assert.ok(!xfrm.ok);
    assert.match(xfrm.error.message, /^This user may not open NETLINK_XFRM: run as root/);
  });

  it('leave nothing open when a group cannot be joined', () => {
    const pair = native.messagePair();
    assert.ok(typeof pair !== 'number');
    const [first = -1, second = -1] = pair;
    const sockets = nativeKernelSockets({ ...native, openXfrmSocket: () => first });
    const xfrm = sockets.xfrm([77], new Heard());
    assert.ok(!xfrm.ok);
    assert.equal(native.duplicate(first), -constants.errno.EBADF);
    assert.match(xfrm.error.message, /group 77 of NETLINK_XFRM/);
    closeSync(second);
  });

  it('refuse what is no descriptor, no group and no bytes', () => {
    assert.throws(() => Reflect.apply(native.joinGroup, undefined, [1]), /joinGroup takes/);
    assert.throws(() => Reflect.apply(native.sendMessage, undefined, [1, 'bytes']), /sendMessage takes/);
    assert.throws(() => native.receiveMessage(0, new Uint8Array(0)), /receiveMessage takes/);
    assert.equal(native.sendMessage(-1, Uint8Array.of(1)), -constants.errno.EBADF);
  });
});
