/** A recording that the operator names: of the daemon by an id, or a file. */
import type { Recording } from '../../../services/record/entry.js';
import { readRecording } from '../../../services/record/file-text.js';
import { err, type Result } from '../../../services/result.js';
import { bailMessage, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { fetchRecording } from './record.js';
import { openRecordingFile } from './recording-file.js';

/** What has the form of an id is asked of the daemon. */
export async function recordingFrom(
  session: Session,
  source: string,
  secrets: boolean,
): Promise<Result<Recording, Outcome>> {
  if (!/^(p1|p2|acquire|sa|ipsec)-\d+$/.test(source)) return openRecordingFile(session, source);
  const text = await fetchRecording(session, source, secrets);
  if (!text.ok) return text;
  const recording = readRecording(text.value);
  return recording.ok ? recording : err(bailMessage(`${source}: ${recording.error.message}.`));
}
