/** Reaches the daemon's door: a Solaris door where it is one, else a Unix socket. */
import { stat } from 'node:fs/promises';
import { connectDoor, type Door } from '../../adapters/door/door-client.js';
import type { DoorFault } from '../../adapters/door/door-fault.js';
import { connectSolarisDoor, isDoor } from '../../adapters/door/solaris-door.js';
import { hasDoors, loadNative } from '../../adapters/native/load-native.js';
import { doorPath, tokenDoorPath } from '../../services/admin/door-path.js';
import type { Result } from '../../services/result.js';

/** The door for tokens is for whoever may not open the other; when neither opens, the fault is that of the first. */
export async function reachDoor(root: string): Promise<Result<Door, DoorFault>> {
  const [path, tokenPath] = [doorPath(root), tokenDoorPath(root)];
  const loaded = loadNative();
  const native = loaded.ok ? loaded.value : undefined;
  if (native === undefined || !hasDoors(native) || !(await isSolarisDoor(path))) {
    return connectDoor(path, { tokenPath, passing: native });
  }
  const first = await connectSolarisDoor(path, native);
  if (first.ok) return first;
  const second = await connectSolarisDoor(tokenPath, native);
  return second.ok ? second : first;
}

async function isSolarisDoor(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && isDoor(found.mode);
}
