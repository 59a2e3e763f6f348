/** The real server and the real client over a real Unix socket. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectDoor, type Door } from '../../../adapters/door/door-client.js';
import { frame, FrameReader } from '../../../adapters/door/frames.js';
import { type HandleCall, LONGEST_REQUEST } from '../../../adapters/door/door-connection.js';
import type { OpenDoor } from '../../../adapters/door/door-access.js';
import { type DoorLimits, openDoor } from '../../../adapters/door/unix-door.js';
import { loadNative } from '../../../adapters/native/load-native.js';
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { errorOf } from '../../../services/admin/door/heads.js';
import type { Bytes } from '../../../services/bytes.js';

const echo: HandleCall = ({ request }) => Promise.resolve(request);

function gate<T>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    open: (value) => {
      open(value);
    },
  };
}

const native = loadNative();
assert.ok(native.ok, native.ok ? '' : native.error);
const addon = native.value;

for (const [transport, passing] of [
  ['Node alone', undefined],
  ['the addon', addon],
] as const) {
  describe(`the door on a Unix socket, with ${transport}`, () => {
    let folder: string;
    let path: string;
    const doors: OpenDoor[] = [];
    const clients: { close(): void }[] = [];

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'door-'));
      path = join(folder, 'var/run/ike_door');
    });

    afterEach(async () => {
      for (const client of clients.splice(0)) client.close();
      for (const door of doors.splice(0)) await door.close();
      rmSync(folder, { recursive: true });
    });

    async function opened(handle: HandleCall, limits?: DoorLimits): Promise<OpenDoor> {
      const door = await openDoor(path, handle, { passing, ...(limits && { limits }) });
      doors.push(door);
      return door;
    }

    async function client(): Promise<Door> {
      const door = await connectDoor(path, { passing });
      assert.ok(door.ok);
      clients.push(door.value);
      return door.value;
    }

    function raw(): Socket {
      const socket = connect(path);
      clients.push({ close: () => socket.destroy() });
      return socket;
    }

    it('makes its folder and a file that only its owner may open', async () => {
      const before = process.umask(0o022);
      try {
        await opened(echo);
        assert.equal(statSync(path).mode & 0o777, 0o600);
      } finally {
        assert.equal(process.umask(before), 0o022, 'the umask is as it was');
      }
    });

    it('answers request after request', async () => {
      await opened(echo);
      const door = await client();
      for (const size of [0, 4, LONGEST_REQUEST]) {
        const reply = await door.call(new Uint8Array(size).fill(3));
        assert.ok(reply.ok);
        assert.equal(reply.value.length, size);
      }
    });

    it('answers in order, one at a time, when requests come all at once', async () => {
      let running = 0;
      await opened(async ({ request }) => {
        assert.equal(++running, 1);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return request;
      });
      const socket = raw();
      socket.write(Buffer.concat([1, 2, 3].map((value) => frame(Uint8Array.of(value)))));
      const reader = new FrameReader(10);
      const replies: number[] = [];
      for await (const chunk of socket) {
        assert.ok(chunk instanceof Uint8Array);
        reader.push(chunk);
        for (let next = reader.next(); typeof next !== 'string'; next = reader.next()) replies.push(...next);
        if (replies.length === 3) break;
      }
      assert.deepEqual(replies, [1, 2, 3]);
    });

    it('refuses a request that is too long and hangs up', async () => {
      await opened(echo);
      const socket = raw();
      socket.write(Uint8Array.of(1, 0, 1, 0));
      const reader = new FrameReader(100);
      for await (const chunk of socket) {
        assert.ok(chunk instanceof Uint8Array);
        reader.push(chunk);
      }
      const reply = reader.next();
      assert.ok(typeof reply !== 'string');
      assert.equal(errorOf(reply)?.code, DOOR_ERROR.REQ_INVALID);
    });

    it('takes no more connections than its limit', async () => {
      await opened(echo, { connections: 2, idleMs: 60_000 });
      const first = await client();
      const second = await client();
      await Promise.all([first.call(Uint8Array.of(1)), second.call(Uint8Array.of(1))]);
      const third = await client();
      const reply = await third.call(Uint8Array.of(1));
      assert.ok(!reply.ok);
      assert.equal(reply.error.operation, 'call');
    });

    it('hangs up on a client that asks nothing, but not on one that waits', async () => {
      const asked = gate<undefined>();
      const answer = gate<Bytes>();
      const waitForAnswer = (): Promise<Bytes> => {
        asked.open(undefined);
        return answer.opened;
      };
      await opened(waitForAnswer, { connections: 2, idleMs: 30 });
      const waiting = (await client()).call(Uint8Array.of(1));
      await asked.opened;
      // The idle one comes later and is gone first.
      await once(raw().resume(), 'close');
      answer.open(Uint8Array.of(7));
      assert.deepEqual(await waiting, { ok: true, value: Uint8Array.of(7) });
    });

    it('replaces the file of a daemon that died', async () => {
      mkdirSync(dirname(path), { recursive: true });
      const died = spawnSync(process.execPath, [
        '-e',
        `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
      ]);
      assert.equal(died.signal, 'SIGKILL');
      assert.ok(existsSync(path));
      await opened(echo);
      const reply = await (await client()).call(Uint8Array.of(1));
      assert.ok(reply.ok);
    });

    it('leaves a living daemon alone', async () => {
      await opened(echo);
      await assert.rejects(
        openDoor(path, echo),
        /^Error: Another in\.iked answers at .*ike_door: stop it first/,
      );
      assert.ok((await (await client()).call(Uint8Array.of(1))).ok);
    });

    it('removes nothing that is no socket', async () => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'precious');
      await assert.rejects(openDoor(path, echo), /a file that is no socket is in its place; remove it/);
      assert.ok(existsSync(path));
    });

    it('says that a path is too long, or its folder cannot be made', async () => {
      await assert.rejects(
        openDoor(join(folder, 'x'.repeat(100)), echo),
        /longer than 103 bytes; choose a shorter root/,
      );
      writeFileSync(join(folder, 'file'), '');
      await assert.rejects(
        openDoor(join(folder, 'file/run/door'), echo),
        /The folder of the door .* cannot be made/,
      );
    });

    it('removes its file and ends its connections when it closes', async () => {
      const door = await openDoor(path, echo, { passing });
      const idle = await client();
      assert.ok((await idle.call(Uint8Array.of(1))).ok);
      await door.close();
      assert.equal(existsSync(path), false);
      const late = await idle.call(Uint8Array.of(1));
      assert.ok(!late.ok);
    });
  });
}

describe('a door that cannot be opened', () => {
  it('is explained with the reason and how to mend it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'door-'));
    try {
      const missing = await connectDoor(join(folder, 'ike_door'));
      assert.ok(!missing.ok);
      assert.equal(missing.error.reason, 'No such file or directory');
      assert.match(missing.error.mend, /start it, or name the root it runs under with -R/);
      writeFileSync(join(folder, 'file'), '');
      const other = await connectDoor(join(folder, 'file'));
      assert.ok(!other.ok);
      assert.equal(other.error.operation, 'open');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
