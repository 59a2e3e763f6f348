/** A recording that the operator names as a file. */
import { type Recording } from '../../../services/record/entry.js';
import { readRecording } from '../../../services/record/file-text.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bailErrno, bailMessage, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

/** The error is what the command came to. */
export async function openRecordingFile(session: Session, path: string): Promise<Result<Recording, Outcome>> {
  const file = await session.world.files.forReading(path);
  if (!file.ok) return err(bailErrno(`open ${path}: ${file.error}`));
  const bytes = await file.value.read();
  await file.value.close();
  if (!bytes.ok) return err(bailErrno(`read ${path}: ${bytes.error}`));
  const text = new TextDecoder().decode(bytes.value);
  bytes.value.fill(0);
  const recording = readRecording(text);
  if (recording.ok) return ok(recording.value);
  const { line, message } = recording.error;
  return err(bailMessage(`${path}:${String(line)}: ${message}.`));
}

/** Writes a file that was not there before; undefined when that went well. */
export async function writeNewFile(
  session: Session,
  path: string,
  bytes: Uint8Array,
): Promise<Outcome | undefined> {
  const file = await session.world.files.forWriting(path);
  if (!file.ok) return bailErrno(`open ${path}: ${file.error}`);
  const written = await file.value.write(bytes);
  if (!written.ok) {
    await file.value.remove();
    return bailErrno(`write ${path}: ${written.error}`);
  }
  await file.value.close();
  return undefined;
}
