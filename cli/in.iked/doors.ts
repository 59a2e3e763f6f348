/** The doors of a daemon: the one for everything, and where a group was named, or on illumos, the one for tokens. */
import type { DoorAccess, OpenDoor } from '../../adapters/door/door-access.js';
import type { HandleCall } from '../../adapters/door/door-connection.js';
import { openSolarisDoor } from '../../adapters/door/solaris-door.js';
import { openDoor } from '../../adapters/door/unix-door.js';
import { hasDoors, type Native } from '../../adapters/native/load-native.js';
import type { Paths } from './paths.js';

export interface DoorWishes {
  readonly paths: Pick<Paths, 'door' | 'tokenDoor'>;
  /** Number of the group that may log in to tokens. */
  readonly group: number | undefined;
  readonly native: Native | undefined;
}

/** Rejects with one sentence, and then no door is open. On illumos they are doors, where the addon can make them. */
export async function openDoors({ paths, group, native }: DoorWishes, handle: HandleCall): Promise<OpenDoor> {
  const peerUid = native && ((descriptor: number) => native.peerUid(descriptor));
  const doors = native !== undefined && hasDoors(native) ? native : undefined;
  const open = (path: string, access: DoorAccess, takesFiles: boolean): Promise<OpenDoor> =>
    doors !== undefined
      ? openSolarisDoor(path, handle, doors, { access })
      : openDoor(path, handle, { access, passing: takesFiles ? native : undefined });
  const door = await open(paths.door, { rights: 'all', group: undefined, peerUid }, true);
  if (group === undefined && doors === undefined) return door;
  const authorised =
    group === undefined && doors !== undefined
      ? { isAuthorised: (uid: number, name: string) => doors.isAuthorised(uid, name) }
      : {};
  try {
    const tokens = await open(paths.tokenDoor, { rights: 'token', group, peerUid, ...authorised }, false);
    return {
      async close() {
        await Promise.all([door.close(), tokens.close()]);
      },
    };
  } catch (error) {
    await door.close();
    throw error;
  }
}
