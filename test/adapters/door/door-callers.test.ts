/** Who calls the door, and what that allows; with the real addon where a test says so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDoor } from '../../../adapters/door/door-client.js';
import type { DoorAccess, OpenDoor } from '../../../adapters/door/door-access.js';
import { openDoor } from '../../../adapters/door/unix-door.js';
import { loadNative } from '../../../adapters/native/load-native.js';
import type { Caller } from '../../../services/admin/door-call.js';
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { errorOf } from '../../../services/admin/door/heads.js';
import type { Bytes } from '../../../services/bytes.js';

const OWN_UID = process.geteuid?.() ?? -1;
const OWN_GID = process.getegid?.() ?? -1;
/** Neither root nor us. */
const STRANGER = 4_000_000_000;

describe('who calls the door', () => {
  let folder: string;
  let path: string;
  let door: OpenDoor | undefined;
  let callers: Caller[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'door-'));
    path = join(folder, 'ike_door');
    callers = [];
  });

  afterEach(async () => {
    await door?.close();
    rmSync(folder, { recursive: true });
  });

  async function asked(access: DoorAccess): Promise<Bytes> {
    door = await openDoor(
      path,
      ({ request, caller }) => {
        callers.push(caller);
        return Promise.resolve(request);
      },
      { access },
    );
    const client = await connectDoor(path);
    assert.ok(client.ok);
    const reply = await client.value.call(Uint8Array.of(1, 2, 3, 4));
    client.value.close();
    assert.ok(reply.ok);
    return reply.value;
  }

  it('is known with the addon: this user', async () => {
    const native = loadNative();
    assert.ok(native.ok, native.ok ? '' : native.error);
    await asked({ rights: 'all', group: undefined, peerUid: (fd) => native.value.peerUid(fd) });
    assert.deepEqual(callers, [{ uid: OWN_UID, rights: 'all' }]);
  });

  it('is not known without it, and the mode of the file has let them in', async () => {
    await asked({ rights: 'all', group: undefined, peerUid: undefined });
    assert.deepEqual(callers, [{ uid: undefined, rights: 'all' }]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  for (const [who, uid] of [
    ['another user', STRANGER],
    ['a caller whom the host does not know', -107],
  ] as const) {
    it(`refuses ${who} at the door for everything, and asks the daemon nothing`, async () => {
      const reply = await asked({ rights: 'all', group: undefined, peerUid: () => uid });
      assert.equal(errorOf(reply)?.code, DOOR_ERROR.NO_AUTH);
      assert.deepEqual(callers, []);
    });
  }

  it('serves root', async () => {
    await asked({ rights: 'all', group: undefined, peerUid: () => 0 });
    assert.deepEqual(callers, [{ uid: 0, rights: 'all' }]);
  });

  it('gives those at the door of a group token rights, and the group its file', async () => {
    await asked({ rights: 'token', group: OWN_GID, peerUid: () => STRANGER });
    assert.deepEqual(callers, [{ uid: STRANGER, rights: 'token' }]);
    const { mode, gid } = statSync(path);
    assert.equal(mode & 0o777, 0o660);
    assert.equal(gid, OWN_GID);
  });
});
