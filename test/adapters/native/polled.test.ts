/** The addon's watch on a descriptor, and what travels beside the bytes of a Unix socket. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { addonPath, loadNative, type Native, type Polled } from '../../../adapters/native/load-native.js';

const { EAGAIN, EBADF, EMSGSIZE, EPIPE } = constants.errno;
const READABLE = 1;
const WRITABLE = 2;

function addon(): Native {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  return native.value;
}

/** Undefined where the host does not show them. */
function openDescriptors(): number | undefined {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : undefined;
}

describe('a polled descriptor', () => {
  const native = addon();
  let folder: string;
  let sockets: Socket[];
  let left: { readonly polled: Polled; next(): Promise<number> };
  let right: typeof left;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'polled-'));
    const server = createServer({ pauseOnConnect: true });
    server.listen(join(folder, 'socket'));
    await once(server, 'listening');
    const client = connect({ path: join(folder, 'socket') }).pause();
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await once(client, 'connect');
    sockets = [client, await accepted];
    const [first, second] = sockets.map(adopted);
    assert.ok(first && second);
    [left, right] = [first, second];
    server.close();
  });

  afterEach(() => {
    left.polled.close();
    right.polled.close();
    rmSync(folder, { recursive: true });
  });

  /** Takes the connection out of Node's hands. */
  function adopted(socket: Socket): typeof left {
    const handle: unknown = Reflect.get(socket, '_handle');
    assert.ok(
      typeof handle === 'object' && handle !== null && 'fd' in handle && typeof handle.fd === 'number',
    );
    const descriptor = native.duplicate(handle.fd);
    assert.ok(descriptor >= 0);
    socket.destroy();
    let tell: (events: number) => void = () => undefined;
    const polled = new native.Polled(descriptor, (events) => {
      polled.want(0);
      tell(events);
    });
    return { polled, next: () => new Promise((resolve) => (tell = resolve)) };
  }

  function received(size = 100): {
    readonly bytes: string;
    readonly count: number;
    readonly files: number[];
  } {
    const bytes = new Uint8Array(size);
    const files: number[] = [];
    const count = native.receivePassed(right.polled.descriptor, bytes, files);
    return { bytes: Buffer.from(bytes.subarray(0, Math.max(count, 0))).toString(), count, files };
  }

  function sent(text: string, files: readonly number[] = []): number {
    return native.sendPassed(left.polled.descriptor, Buffer.from(text), files);
  }

  it('tells when there is something to read, and when something can be written', async () => {
    assert.equal(received().count, -EAGAIN);
    right.polled.want(READABLE);
    const readable = right.next();
    assert.equal(sent('abc'), 3);
    assert.equal(await readable, READABLE);
    assert.equal(received().bytes, 'abc');
    left.polled.want(READABLE | WRITABLE);
    assert.equal(await left.next(), WRITABLE);
  });

  it('tells that the peer has gone, and what cannot be written any more', async () => {
    right.polled.want(READABLE);
    const readable = right.next();
    left.polled.close();
    assert.equal(await readable, READABLE);
    assert.equal(received().count, 0);
    assert.equal(native.sendPassed(right.polled.descriptor, Buffer.from('late'), []), -EPIPE);
  });

  it('is closed once, and wants nothing afterwards', () => {
    const { polled } = left;
    const before = openDescriptors();
    polled.close();
    polled.close();
    polled.want(READABLE);
    assert.equal(polled.descriptor, -1);
    if (before !== undefined) assert.equal(openDescriptors(), before - 1);
  });

  it('refuses what cannot be watched, and leaves it to its owner', () => {
    const file = openSync(join(folder, 'file'), 'w');
    try {
      // A regular file is always ready.
      assert.throws(() => new native.Polled(file, () => undefined), { code: 'EPERM' });
      assert.ok(fstatSync(file).isFile());
      assert.throws(() => new native.Polled(-1, () => undefined), { code: 'EBADF' });
      assert.throws(() => Reflect.construct(native.Polled, [file]), /takes a descriptor and a function/);
      assert.throws(() => {
        left.polled.want(8);
      }, /want takes/);
    } finally {
      closeSync(file);
    }
  });

  it('passes open files with the rights they were opened with', () => {
    const path = join(folder, 'file');
    const file = openSync(path, 'wx');
    const before = openDescriptors();
    assert.equal(sent('with one', [file]), 8);
    const { bytes, files } = received();
    assert.equal(bytes, 'with one');
    const [passed = -1] = files;
    assert.deepEqual([files.length, fstatSync(passed).ino], [1, fstatSync(file).ino]);
    if (before !== undefined) {
      assert.equal(openDescriptors(), before + 1);
      const flags = /^flags:\s+0?(\d+)$/m.exec(
        readFileSync(`/proc/self/fdinfo/${String(passed)}`, 'utf8'),
      )?.[1];
      assert.ok((parseInt(flags ?? '0', 8) & 0o2000000) !== 0, 'it is closed at exec');
    }
    writeSync(passed, 'written');
    assert.throws(() => readFileSync(passed), { code: 'EBADF' });
    closeSync(passed);
    closeSync(file);
    assert.equal(readFileSync(path, 'utf8'), 'written');
  });

  it('appends to a file that can be written, wherever its owner stands in it', () => {
    const path = join(folder, 'file');
    const file = openSync(path, 'wx');
    const read = openSync(path, 'r');
    try {
      writeSync(file, 'beginning');
      assert.equal(native.appendTo(file), 0);
      writeSync(file, ' and end', 0);
      assert.equal(readFileSync(path, 'utf8'), 'beginning and end');
      assert.equal(native.appendTo(read), EBADF);
      assert.equal(native.appendTo(-1), EBADF);
    } finally {
      closeSync(file);
      closeSync(read);
    }
  });

  it('closes all descriptors of a message that brings too many', () => {
    const before = openDescriptors();
    for (const many of [3, 4, 8]) {
      sent('abc', new Array<number>(many).fill(0));
      const { count, files } = received();
      assert.deepEqual([count, files], [-EMSGSIZE, []]);
    }
    assert.equal(openDescriptors(), before);
    assert.throws(() => sent('c', new Array<number>(9).fill(0)), /at most 8 descriptors/);
  });

  it('closes descriptors that nobody has read', () => {
    const before = openDescriptors();
    sent('abc', [0, 1]);
    right.polled.close();
    if (before !== undefined) assert.equal(openDescriptors(), before - 1);
  });

  it('leaves nothing open, and ends, with the thread that has not closed it', async () => {
    const descriptor = native.duplicate(right.polled.descriptor);
    const worker = new Worker(
      `const { Polled } = require(${JSON.stringify(addonPath())});
       new Polled(${String(descriptor)}, () => undefined).want(1);
       process.exit(7);`,
      { eval: true },
    );
    assert.deepEqual(await once(worker, 'exit'), [7]);
    assert.throws(() => fstatSync(descriptor), { code: 'EBADF' });
  });
});
