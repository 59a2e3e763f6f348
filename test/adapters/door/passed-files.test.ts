/** Open files through the real door, from clients good and bad; nothing of what they send may stay open. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDoor, type Door } from '../../../adapters/door/door-client.js';
import type { HandleCall } from '../../../adapters/door/door-connection.js';
import { frame } from '../../../adapters/door/frames.js';
import { descriptorOf, passingStream, type PassingStream } from '../../../adapters/door/passing-stream.js';
import type { OpenDoor } from '../../../adapters/door/door-access.js';
import { openDoor } from '../../../adapters/door/unix-door.js';
import { loadNative } from '../../../adapters/native/load-native.js';
import { askAboutDoor, readAboutDoor } from '../../../services/admin/door/about-door.js';
import type { DoorFile } from '../../../services/ports/door-file.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import { err, ok } from '../../../services/result.js';
import { SimulatedAdministration } from '../../services/admin/simulated-administration.js';

const { EACCES, EBADF, EFBIG, EILSEQ, EINVAL } = constants.errno;
const LIMIT = 1024 * 1024;
const REQUEST = Uint8Array.of(1, 2, 3, 4);

const native = loadNative();
assert.ok(native.ok, native.ok ? '' : native.error);
const addon = native.value;

function openDescriptors(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}

/**
 * Nothing of ours stays open. Closing is done elsewhere: it shows after some turns of the loop. Fewer are no fault: what tests
 * of other files opened may be closed only now.
 */
async function descriptorsBecome(count: number): Promise<void> {
  for (let turn = 0; turn < 1000 && openDescriptors() > count; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(openDescriptors() <= count, `${String(openDescriptors())} open, ${String(count)} before`);
}

describe('open files at the door', () => {
  let folder: string;
  let path: string;
  let door: OpenDoor;
  let files: readonly DoorFile[];
  let use: (files: readonly DoorFile[]) => Promise<unknown>;
  /** Every end of a connection is closed again. */
  let before: number;
  const handle: HandleCall = async (call) => {
    files = call.files;
    await use(call.files);
    return call.request;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'door-'));
    path = join(folder, 'ike_door');
    files = [];
    use = () => Promise.resolve();
    door = await openDoor(path, handle, { passing: addon });
    before = openDescriptors();
  });

  afterEach(async () => {
    try {
      await descriptorsBecome(before);
    } finally {
      await door.close();
      rmSync(folder, { recursive: true });
    }
  });

  async function connected(): Promise<Door> {
    const client = await connectDoor(path, { passing: addon });
    assert.ok(client.ok);
    return client.value;
  }

  /** What `use` makes of the file, which is opened here with these flags. */
  async function passed<T>(
    file: string,
    flags: string,
    used: (file: DoorFile) => T | Promise<T>,
  ): Promise<T | undefined> {
    const descriptor = openSync(file, flags);
    const client = await connected();
    let outcome: T | undefined;
    use = async ([first]) => {
      assert.ok(first);
      outcome = await used(first);
    };
    try {
      assert.ok((await client.call(REQUEST, [descriptor])).ok);
      assert.ok(fstatSync(descriptor), 'it is still open here');
      return outcome;
    } finally {
      client.close();
      closeSync(descriptor);
    }
  }

  async function hostile(): Promise<PassingStream> {
    const socket = connect(path).pause();
    await once(socket, 'connect');
    const stream = passingStream(socket, addon);
    assert.ok(stream);
    return stream.on('error', () => undefined);
  }

  const send = (stream: PassingStream, bytes: Uint8Array, descriptors: readonly number[]): Promise<void> =>
    new Promise((resolve) => {
      stream.writeWith(bytes, descriptors, resolve);
    });

  /** Whatever it died of. */
  function closed(stream: PassingStream): Promise<void> {
    return new Promise((resolve) => stream.resume().once('close', resolve));
  }

  function file(text: string, mode = 0o600): string {
    const name = join(folder, 'file');
    writeFileSync(name, text, { mode });
    return name;
  }

  it('are read whole, from their start, wherever the client stands in them, and named', async () => {
    const text = 'label ä\n'.repeat(60_000);
    const name = file(text);
    const read = await passed(name, 'r', async (given) => {
      assert.equal(given.name, name);
      return given.readText(LIMIT);
    });
    assert.deepEqual(read, ok(text));
    const twice = await passed(name, 'r', async (given) => {
      await given.readText(LIMIT);
      return given.readText(LIMIT);
    });
    assert.deepEqual(twice, ok(text));
  });

  it('are named a definition when their names are gone', async () => {
    const descriptor = openSync(file('text'), 'r');
    rmSync(join(folder, 'file'));
    const client = await connected();
    await client.call(REQUEST, [descriptor]);
    assert.equal(files[0]?.name, 'the definition');
    client.close();
    closeSync(descriptor);
  });

  it('are not read beyond the limit, nor when they are no text', async () => {
    assert.deepEqual(
      await passed(file('x'.repeat(100)), 'r', (given) => given.readText(100)),
      ok('x'.repeat(100)),
    );
    assert.deepEqual(await passed(file('x'.repeat(101)), 'r', (given) => given.readText(100)), err(EFBIG));
    const name = join(folder, 'bytes');
    writeFileSync(name, Uint8Array.of(0x61, 0xff));
    assert.deepEqual(await passed(name, 'r', (given) => given.readText(LIMIT)), err(EILSEQ));
  });

  it('with secrets are read when nobody else may', async () => {
    const secret = (given: DoorFile): ReturnType<DoorFile['readSecretText']> => given.readSecretText(LIMIT);
    assert.deepEqual(await passed(file('keys'), 'r', secret), ok('keys'));
    rmSync(join(folder, 'file'));
    assert.deepEqual(await passed(file('keys', 0o640), 'r', secret), err(EACCES));
  });

  it('are written whole, and hold nothing else', async () => {
    const name = file('something long that was there before');
    for (const [flags, text] of [
      ['r+', 'short'],
      ['a+', 'other'],
    ] as const) {
      assert.deepEqual(await passed(name, flags, (given) => given.replaceText(text)), ok(undefined));
      assert.equal(readFileSync(name, 'utf8'), text);
    }
    assert.deepEqual(await passed(name, 'r+', (given) => given.appendText(' and more')), ok(undefined));
    assert.equal(readFileSync(name, 'utf8'), 'other and more');
  });

  it('are used with the rights that the client has', async () => {
    const name = file('text');
    assert.deepEqual(await passed(name, 'a', (given) => given.readText(LIMIT)), err(EBADF));
    assert.deepEqual(await passed(name, 'r', (given) => given.replaceText('')), err(EBADF));
    assert.deepEqual(await passed(name, 'r', (given) => given.appendText('more')), err(EBADF));
    assert.deepEqual(await passed(name, 'r', (given) => given.keep()), err(EBADF));
    assert.equal(readFileSync(name, 'utf8'), 'text');
  });

  it('are kept as a log, appended to and not closed with the call', async () => {
    const name = file('before\n');
    before += 1;
    const kept = await passed(name, 'r+', (given) => {
      const descriptor = given.keep();
      assert.deepEqual(given.keep(), err(EBADF));
      return descriptor;
    });
    assert.ok(kept?.ok);
    writeSync(kept.value, 'line\n');
    assert.equal(readFileSync(name, 'utf8'), 'before\nline\n');
    await descriptorsBecome(before);
    closeSync(kept.value);
    before -= 1;
  });

  it('are refused when they are no regular files, and nobody waits for them', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    for (const [name, flags] of [
      [folder, 'r'],
      [fifo, 'r+'],
      ['/dev/null', 'r+'],
    ] as const) {
      assert.deepEqual(await passed(name, flags, (given) => given.readText(LIMIT)), err(EINVAL), name);
      assert.deepEqual(await passed(name, flags, (given) => given.readSecretText(LIMIT)), err(EINVAL), name);
      assert.deepEqual(await passed(name, flags, (given) => given.replaceText('x')), err(EINVAL), name);
      assert.deepEqual(await passed(name, flags, (given) => given.appendText('x')), err(EINVAL), name);
      assert.deepEqual(await passed(name, flags, (given) => given.keep()), err(EINVAL), name);
    }
  });

  it('are refused when they are sockets, even the one they came through', async () => {
    const other = createServer().listen(join(folder, 'other'));
    await once(other, 'listening');
    const socket = connect(join(folder, 'other'));
    await once(socket, 'connect');
    const descriptor = descriptorOf(socket);
    assert.ok(descriptor !== undefined);
    let read: unknown;
    use = async ([first]) => {
      read = await first?.readText(LIMIT);
    };
    const client = await connected();
    assert.ok((await client.call(REQUEST, [descriptor])).ok);
    assert.deepEqual(read, err(EINVAL));
    client.close();
    socket.destroy();
    await new Promise((resolve) => other.close(resolve));
  });

  it('are not used after the call', async () => {
    const name = file('text');
    await passed(name, 'r+', () => undefined);
    const [late] = files;
    assert.ok(late);
    assert.deepEqual(await late.readText(LIMIT), err(EBADF));
    assert.deepEqual(late.keep(), err(EBADF));
    late.close();
  });

  it('come two with a call, in their order', async () => {
    const [one, two] = ['one', 'two'].map((text) => {
      writeFileSync(join(folder, text), text);
      return openSync(join(folder, text), 'r');
    });
    assert.ok(one !== undefined && two !== undefined);
    let texts: unknown;
    use = async (given) => {
      texts = await Promise.all(given.map((each) => each.readText(LIMIT)));
    };
    const client = await connected();
    await client.call(REQUEST, [one, two]);
    assert.deepEqual(texts, [ok('one'), ok('two')]);
    await client.call(REQUEST);
    assert.deepEqual(texts, [], 'they are gone with the call');
    client.close();
    closeSync(one);
    closeSync(two);
  });

  it('end the connection when they are too many, at once or little by little', async () => {
    const atOnce = await hostile();
    const gone = closed(atOnce);
    await send(atOnce, frame(REQUEST), [0, 1, 2]);
    await gone;
    const little = await hostile();
    const goneToo = closed(little);
    const [head, ...rest] = [...frame(REQUEST)].map((byte) => Uint8Array.of(byte));
    assert.ok(head);
    await send(little, head, [0, 1]);
    for (const byte of rest) {
      if (little.destroyed) break;
      await send(little, byte, [0]);
    }
    await goneToo;
    assert.deepEqual(files, []);
    const client = await connected();
    assert.ok((await client.call(REQUEST)).ok, 'the door still answers');
    client.close();
  });

  it('are closed when their client goes before it has asked anything', async () => {
    const stream = await hostile();
    await send(stream, frame(REQUEST).subarray(0, 5), [0, 1]);
    stream.destroy();
    await descriptorsBecome(before);
  });

  it('are closed when their client goes before it is answered, and not before they were used', async () => {
    const name = file('text');
    const descriptor = openSync(name, 'r');
    let read: unknown;
    const stream = await hostile();
    const used = new Promise<void>((resolve) => {
      use = async ([first]) => {
        const gone = closed(stream);
        stream.destroy();
        await gone;
        read = await first?.readText(LIMIT);
        resolve();
      };
    });
    await send(stream, frame(REQUEST), [descriptor]);
    await used;
    assert.deepEqual(read, ok('text'));
    closeSync(descriptor);
  });

  it('are closed when a stranger sends them, who is only told no', async () => {
    const strict = await openDoor(join(folder, 'strict'), handle, {
      access: { rights: 'all', group: undefined, peerUid: () => 4_000_000_000 },
      passing: addon,
    });
    const client = await connectDoor(join(folder, 'strict'), { passing: addon });
    assert.ok(client.ok);
    assert.ok((await client.value.call(REQUEST, [0, 1])).ok);
    assert.deepEqual(files, []);
    client.value.close();
    await strict.close();
  });

  it('are taken where both ends can, and the daemon says whether it can', async () => {
    const admin = new SimulatedAdministration();
    for (const server of [addon, undefined]) {
      const name = join(folder, 'asked');
      const asked = await openDoor(name, (call) => handleRequest(call, admin), { passing: server });
      for (const client of [addon, undefined]) {
        const opened = await connectDoor(name, { passing: client });
        assert.ok(opened.ok);
        assert.equal(opened.value.passesFiles, client !== undefined);
        const about = await opened.value.call(askAboutDoor());
        assert.ok(about.ok);
        assert.deepEqual(readAboutDoor(about.value), { takesFiles: server !== undefined });
        opened.value.close();
      }
      await asked.close();
    }
  });
});
