/**
 * A real door of illumos, both ends: the same requests and replies as through the Unix socket, without its frames. The
 * addon makes and calls it. It has not run on illumos.
 */
import { close, constants, open } from 'node:fs';
import { lstat, unlink, writeFile } from 'node:fs/promises';
import { constants as host } from 'node:os';
import { promisify } from 'node:util';
import { askAboutDoor } from '../../services/admin/door/about-door.js';
import { encodeError } from '../../services/admin/door/heads.js';
import type { Bytes } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';
import {
  anotherAnswers,
  callerOf,
  type DoorAccess,
  makeFolderOf,
  type OpenDoor,
  openToAll,
  openToGroup,
  OWNER_ONLY,
} from './door-access.js';
import type { Door } from './door-client.js';
import { answer, type HandleCall, LONGEST_REQUEST } from './door-connection.js';
import { callFault, type DoorFault, openFault, systemErrorText } from './door-fault.js';
import type { Passing } from './passing-stream.js';

/** What the addon does on illumos. Numbers below 0 are minus `errno`. */
export interface SolarisDoors {
  /** A door attached to a file that is there; each call waits for `doorAnswer`. */
  readonly doorOpen: (
    path: string,
    longest: number,
    onCall: (id: number, request: Bytes, descriptors: readonly number[], uid: number) => void,
  ) => number;
  readonly doorClose: (descriptor: number, path: string) => number;
  readonly doorAnswer: (id: number, reply: Bytes) => void;
  /** 0, or `errno`, and then `done` is not called. */
  readonly doorAsk: (
    door: number,
    request: Bytes,
    descriptors: readonly number[],
    done: (errno: number, reply: Bytes) => void,
  ) => number;
  readonly appendTo: Passing['appendTo'];
  readonly duplicate: Passing['duplicate'];
}

export interface SolarisDoorOptions {
  readonly access?: DoorAccess;
  /** Calls at the same time; each has a thread of the system that waits. */
  readonly calls?: number;
}

const MODE = 0o600;

/** As `openDoor`: it replaces the file of a daemon that died, and rejects with an `Error` of one sentence. */
export async function openSolarisDoor(
  path: string,
  handle: HandleCall,
  doors: SolarisDoors,
  { access = OWNER_ONLY, calls = 32 }: SolarisDoorOptions = {},
): Promise<OpenDoor> {
  await makeFolderOf(path);
  await removeStale(path, doors);
  await writeFile(path, '', { flag: 'wx', mode: MODE });
  if (access.group !== undefined) await openToGroup(path, access.group);
  else if (access.isAuthorised !== undefined) await openToAll(path);
  let underWay = 0;
  const reply = (id: number, bytes: Bytes): void => {
    doors.doorAnswer(id, bytes);
    // It may have held keys.
    bytes.fill(0);
  };
  const door = doors.doorOpen(path, LONGEST_REQUEST, (id, request, descriptors, uid) => {
    const caller = callerOf(uid, access);
    const isOneTooMany = underWay >= calls;
    const refusing: HandleCall = () => Promise.resolve(encodeError({ name: 'NO_MEM' }));
    underWay += 1;
    void answer(request, descriptors, {
      handle: isOneTooMany ? refusing : handle,
      caller,
      descriptors: doors,
    })
      .then(
        (bytes) => {
          reply(id, bytes);
        },
        () => {
          reply(id, encodeError({ name: 'SYS_ERR' }));
        },
      )
      .finally(() => {
        underWay -= 1;
        request.fill(0);
      });
  });
  if (door < 0) {
    await unlink(path);
    throw new Error(`The door ${path} cannot be made: ${systemErrorText(door)}.`);
  }
  return {
    async close() {
      doors.doorClose(door, path);
      await unlink(path).catch(() => undefined);
    },
  };
}

/** Where a daemon died there is a door that nobody is behind, or the file that it was attached to. */
async function removeStale(path: string, doors: SolarisDoors): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!isDoor(found.mode) && !(found.isFile() && found.size === 0) && !found.isSocket()) {
    throw new Error(`The door ${path} cannot be made: a file that is no door is in its place; remove it.`);
  }
  const other = await connectSolarisDoor(path, doors);
  if (other.ok) {
    const about = await other.value.call(askAboutDoor());
    other.value.close();
    if (about.ok) throw anotherAnswers(path);
  }
  await unlink(path);
}

/** Whether the file is a door: Node has no question for it. */
export function isDoor(mode: number): boolean {
  return (mode & constants.S_IFMT) === 0o150000;
}

export async function connectSolarisDoor(
  path: string,
  doors: Pick<SolarisDoors, 'doorAsk'>,
): Promise<Result<Door, DoorFault>> {
  const opened = await promisify(open)(path, 'r').catch((error: unknown) => error);
  if (typeof opened !== 'number') {
    return err(openFault(path, opened instanceof Error ? opened : new Error(String(opened))));
  }
  let isClosed = false;
  return ok({
    passesFiles: true,
    call: (request, files = []) =>
      new Promise((resolve) => {
        if (isClosed) {
          resolve(err(callFault(systemErrorText(host.errno.EBADF))));
          return;
        }
        const fault = doors.doorAsk(opened, request, files, (errno, reply) => {
          // An empty reply is how the system answers for a door that is going.
          if (errno === 0 && reply.length > 0) resolve(ok(reply));
          else resolve(err(callFault(systemErrorText(errno === 0 ? host.errno.EBADF : errno))));
        });
        if (fault !== 0) resolve(err(callFault(systemErrorText(fault))));
      }),
    close() {
      if (!isClosed) close(opened, () => undefined);
      isClosed = true;
    },
  });
}
