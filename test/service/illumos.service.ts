/**
 * What of illumos can be tested elsewhere. The addon is compiled as for illumos, against headers that declare what the
 * manual pages of illumos do, so that no name, type or argument is wrong as far as those pages go; and its doors run: the
 * system's part is played within this process by doors-in-process.c. It proves that calls, replies, descriptors and
 * threads go where they should, and nothing about the kernel of illumos, on which none of this has run.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenDoor } from '../../adapters/door/door-access.js';
import type { Door } from '../../adapters/door/door-client.js';
import { type HandleCall, LONGEST_REQUEST } from '../../adapters/door/door-connection.js';
import { connectSolarisDoor, openSolarisDoor } from '../../adapters/door/solaris-door.js';
import { hasDoors, loadNative, type Native, type NativeDoors } from '../../adapters/native/load-native.js';
import { askAboutDoor, readAboutDoor } from '../../services/admin/door/about-door.js';
import { DOOR_ERROR } from '../../services/admin/door/door-error.js';
import { CMD, errorOf, PIN } from '../../services/admin/door/heads.js';
import { SERVICE } from '../../services/admin/door/service.js';
import { handleRequest } from '../../services/admin/handle-request.js';
import type { Bytes } from '../../services/bytes.js';
import { ok } from '../../services/result.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { attempt, succeed } from '../interop/lab/shell.js';
import { SimulatedAdministration } from '../services/admin/simulated-administration.js';

const HERE = fileURLToPath(new URL('illumos/', import.meta.url));
const NATIVE = fileURLToPath(new URL('../../adapters/native/', import.meta.url));
const TOOL = new URL('../../tools/addon.mjs', import.meta.url).href;
const REQUEST = Uint8Array.of(1, 2, 3, 4);
const STRICT = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only'];

describe('the addon as for illumos', () => {
  for (const file of ['peer.c', 'passing.c', 'door-server.c', 'door-client.c', 'authorization.c']) {
    it(`compiles ${file} without a warning`, async () => {
      const headers = join(process.execPath, '../../include/node');
      const places = [`-I${HERE}`, `-I${process.env.npm_config_nodedir ?? ''}/include/node`, `-I${headers}`];
      await succeed('cc', [...STRICT, '-U__linux__', '-D__sun', ...places, join(NATIVE, file)]);
    });
  }

  it('does not compile without the headers of illumos', async () => {
    const { status, stderr } = await attempt('cc', [...STRICT, '-D__sun', join(NATIVE, 'door-server.c')]);
    assert.notEqual(status, 0);
    assert.match(stderr, /door\.h/);
  });
});

describe('a door of illumos within this process', () => {
  let built: Scratch;
  let scratch: Scratch;
  let path: string;
  let addon: Native & NativeDoors;
  const opened: OpenDoor[] = [];
  const clients: Door[] = [];
  const echo: HandleCall = ({ request }) => Promise.resolve(request.slice());

  before(async () => {
    built = makeScratch();
    const into = join(built.folder, 'ikechart.node');
    // The C library here has an fattach that does nothing: ours must be taken.
    const ours = ['-Wl,-Bsymbolic', '-pthread', join(HERE, 'doors-in-process.c')];
    const flags = ['-Werror', '-D__sun', `-I${HERE}`, ...ours];
    const script = `import { buildAddon } from ${JSON.stringify(TOOL)}; console.log(buildAddon(${JSON.stringify({ into, flags })}) ?? 'built');`;
    assert.equal(await succeed(process.execPath, ['--input-type=module', '-e', script]), 'built\n');
    const native = loadNative(into);
    assert.ok(native.ok && hasDoors(native.value));
    addon = native.value;
  });
  after(() => {
    built.remove();
  });

  beforeEach(() => {
    scratch = makeScratch();
    path = join(scratch.folder, 'var/run/ike_door');
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const door of opened.splice(0)) await door.close();
    scratch.remove();
  });

  async function open(
    handle: HandleCall,
    options: Parameters<typeof openSolarisDoor>[3] = {},
  ): Promise<OpenDoor> {
    const door = await openSolarisDoor(path, handle, addon, options);
    opened.push(door);
    return door;
  }

  async function connect(): Promise<Door> {
    const door = await connectSolarisDoor(path, addon);
    assert.ok(door.ok);
    clients.push(door.value);
    return door.value;
  }

  it('is a file for its owner alone, and answers calls of every length', async () => {
    await open(echo);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const door = await connect();
    for (const length of [1, 4, 4096, LONGEST_REQUEST]) {
      const request = new Uint8Array(length).fill(7);
      assert.deepEqual(await door.call(request), ok(new Uint8Array(length).fill(7)));
    }
  });

  it('lets the system refuse a request that is too long', async () => {
    await open(echo);
    const reply = await (await connect()).call(new Uint8Array(LONGEST_REQUEST + 1));
    assert.ok(!reply.ok);
    assert.equal(reply.error.reason, 'No buffer space available');
  });

  it('carries replies longer than requests', async () => {
    const long = new Uint8Array(700_000).fill(5);
    await open(() => Promise.resolve(long.slice()));
    assert.deepEqual(await (await connect()).call(REQUEST), ok(long));
  });

  it('answers many at once, each its own, and no more than it can', async () => {
    let most = 0;
    let running = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    await open(
      async ({ request }) => {
        running += 1;
        most = Math.max(most, running);
        if (running === 2) release();
        await gate;
        running -= 1;
        return request.slice();
      },
      { calls: 2 },
    );
    const callers = await Promise.all([1, 2, 3].map(() => connect()));
    const replies = await Promise.all(callers.map((door, at) => door.call(Uint8Array.of(at + 1))));
    assert.equal(most, 2);
    const values = replies.map((reply) =>
      reply.ok ? (errorOf(reply.value)?.code ?? reply.value[0]) : undefined,
    );
    // Which of them comes third is the system's choice.
    assert.ok(values.filter((value, at) => value === at + 1).length >= 2, String(values));
    assert.ok(
      values.every((value, at) => value === at + 1 || value === DOOR_ERROR.NO_MEM),
      String(values),
    );
  });

  it('knows who calls', async () => {
    let uid: number | undefined;
    await open(({ request, caller }) => {
      ({ uid } = caller);
      return echo({ request, files: [], takesFiles: true, caller });
    });
    await (await connect()).call(REQUEST);
    assert.equal(uid, process.geteuid?.());
  });

  describe('for tokens', () => {
    const LOGIN = 'solaris.network.ipsec.ike.token.login';
    const LOGOUT = 'solaris.network.ipsec.ike.token.logout';
    /** Users that every Debian host has. */
    const NOBODY = 65_534;
    const PIN_OF = (cmd: number): Bytes =>
      PIN.encode({ cmd, reserved: 0 }, { token: Buffer.from('box'), pin: Buffer.from('1234') });
    afterEach(() => {
      delete process.env.DOOR_CALLER;
      delete process.env.DOOR_USER_ATTR;
    });

    async function openForTokens(): Promise<SimulatedAdministration> {
      const admin = new SimulatedAdministration();
      await open((call) => handleRequest(call, admin), {
        access: {
          rights: 'token',
          group: undefined,
          peerUid: undefined,
          isAuthorised: (uid, name) => addon.isAuthorised(uid, name),
        },
      });
      assert.equal(statSync(path).mode & 0o777, 0o644);
      return admin;
    }

    async function refused(request: Bytes): Promise<boolean> {
      const reply = await (await connect()).call(request);
      assert.ok(reply.ok);
      return errorOf(reply.value)?.code === DOOR_ERROR.NO_AUTH;
    }

    for (const [attributes, login, logout] of [
      [`nobody:${LOGIN},`, true, false],
      [`nobody:${LOGOUT},`, false, true],
      [`daemon:solaris.*,nobody:solaris.network.*,`, true, true],
      [`daemon:solaris.*,nobody:solaris.smf.manage.ipsec,`, false, false],
    ] as const)
      it(`has authorizations decide: ${attributes}`, async () => {
        const admin = await openForTokens();
        process.env.DOOR_CALLER = String(NOBODY);
        process.env.DOOR_USER_ATTR = attributes;
        assert.equal(await refused(PIN_OF(SERVICE.SET_PIN)), !login);
        assert.equal(await refused(PIN_OF(SERVICE.DEL_PIN)), !logout);
        assert.deepEqual(admin.logins, login ? [['box', '1234']] : []);
        assert.deepEqual(admin.logouts, logout ? ['box'] : []);
        assert.ok(await refused(CMD.encode({ cmd: SERVICE.GET_PRIV }, {})), 'nothing else');
      });

    it('knows no user without a name, and needs no authorization of its owner', async () => {
      const admin = await openForTokens();
      process.env.DOOR_USER_ATTR = `nobody:${LOGIN},`;
      process.env.DOOR_CALLER = '4000000000';
      assert.ok(await refused(PIN_OF(SERVICE.SET_PIN)));
      delete process.env.DOOR_CALLER;
      assert.equal(await refused(PIN_OF(SERVICE.SET_PIN)), false);
      assert.equal(admin.logins.length, 1);
    });
  });

  it('takes open files and closes them after the call, and says that it takes them', async () => {
    const file = join(scratch.folder, 'file');
    writeFileSync(file, 'text', { mode: 0o600 });
    const admin = new SimulatedAdministration();
    let texts: unknown;
    await open(async (call) => {
      texts = await Promise.all(call.files.map((each) => each.readText(100)));
      return handleRequest(call, admin);
    });
    const door = await connect();
    const about = await door.call(askAboutDoor());
    assert.ok(about.ok);
    assert.deepEqual(readAboutDoor(about.value), { takesFiles: true });
    const descriptors = [openSync(file, 'r'), openSync(file, 'r')];
    const before = readdirSync('/proc/self/fd').length;
    for (let turn = 0; turn < 20; turn++) await door.call(REQUEST, descriptors);
    assert.deepEqual(texts, [ok('text'), ok('text')]);
    for (let turn = 0; turn < 1000 && readdirSync('/proc/self/fd').length > before; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(readdirSync('/proc/self/fd').length, before);
    for (const descriptor of descriptors) {
      assert.ok(fstatSync(descriptor).isFile());
      closeSync(descriptor);
    }
    await assert.rejects(door.call(REQUEST, [0, 1, 2]), /at most 2 descriptors/);
  });

  it('ends with its file, and tells who calls it then', async () => {
    const daemon = await open(echo);
    const door = await connect();
    assert.ok((await door.call(REQUEST)).ok);
    await daemon.close();
    assert.equal(existsSync(path), false);
    const late = await door.call(REQUEST);
    assert.ok(!late.ok);
    assert.equal(late.error.reason, 'Bad file descriptor');
  });

  it('leaves a living daemon alone, and replaces what a dead one has left', async () => {
    const daemon = await open(({ request }) => Promise.resolve(request.slice()));
    await assert.rejects(open(echo), /Another in\.iked answers at /);
    await daemon.close();
    writeFileSync(path, '');
    chmodSync(path, 0o600);
    await open(echo);
    assert.ok((await (await connect()).call(REQUEST)).ok);
  });

  it('removes nothing that is no door', async () => {
    await open(echo);
    await opened.splice(0)[0]?.close();
    writeFileSync(path, 'precious');
    await assert.rejects(open(echo), /a file that is no door is in its place; remove it/);
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });

  it('explains that nobody is there', async () => {
    const missing = await connectSolarisDoor(path, addon);
    assert.ok(!missing.ok);
    assert.equal(missing.error.reason, 'No such file or directory');
    const nothing: Promise<Bytes> = Promise.resolve(new Uint8Array(0));
    await open(() => nothing);
    const empty = await (await connect()).call(REQUEST);
    assert.ok(!empty.ok);
  });
});
