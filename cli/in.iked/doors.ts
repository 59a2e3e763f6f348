/** The doors of a daemon: the one for everything, and where a group was named, the one for tokens. */
import type { HandleCall } from '../../adapters/door/door-connection.js';
import { openDoor, type OpenDoor } from '../../adapters/door/unix-door.js';
import type { Native } from '../../adapters/native/load-native.js';
import type { Paths } from './paths.js';

export interface DoorWishes {
  readonly paths: Pick<Paths, 'door' | 'tokenDoor'>;
  /** Number of the group that may log in to tokens. */
  readonly group: number | undefined;
  readonly native: Native | undefined;
}

/** Rejects with one sentence, and then no door is open. */
export async function openDoors({ paths, group, native }: DoorWishes, handle: HandleCall): Promise<OpenDoor> {
  const peerUid = native && ((descriptor: number) => native.peerUid(descriptor));
  const door = await openDoor(paths.door, handle, {
    access: { rights: 'all', group: undefined, peerUid },
    passing: native,
  });
  if (group === undefined) return door;
  try {
    const tokens = await openDoor(paths.tokenDoor, handle, { access: { rights: 'token', group, peerUid } });
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
