/** The file that an operator names for `add` and `read`, opened and looked at. */
import type { TextObject } from '../../../services/admin/door/own-texts.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { OperatorFile } from '../files.js';
import { bailErrno, failed, type DoorTrouble, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

/** A file with keys that others can read is refused, as the daemon refuses its own. The error is ready to print. */
export async function openedFile(
  session: Session,
  object: TextObject,
  path: string,
): Promise<Result<OperatorFile, Outcome>> {
  const file = await session.world.files.forReading(path);
  if (!file.ok) return err(bailErrno(`open user-specified file: ${file.error}`));
  if (object === 'preshared' && (await file.value.isExposed())) {
    await file.value.close();
    return err(
      failed({
        form: 'bail_errno',
        text: 'open user-specified file: Permission denied',
        after: [`Others than its owner can reach ${path}, which holds keys: give it the mode 0600.`],
        exit: 1,
      }),
    );
  }
  return file;
}

/** Whether the open file itself goes with the call. Where not, and for a pipe or a terminal, what is in it does. */
export async function isPassed(session: Session, file: OperatorFile): Promise<Result<boolean, DoorTrouble>> {
  return (await file.isRegular()) ? session.passesFiles() : ok(false);
}
