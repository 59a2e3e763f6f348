/** `diff A.ikerec B.ikerec`, ours: the recordings of both ends in one ladder. */
import { twoEnds } from '../../../services/record/two-ends.js';
import { bailMessage, type Outcome, usageError } from '../outcome.js';
import { twoEndsLines } from '../print/two-ends.js';
import type { Session } from '../session.js';
import { openRecordingFile } from './recording-file.js';

export async function diffRecordings(session: Session, args: readonly string[]): Promise<Outcome> {
  const [one, other, ...more] = args;
  if (one === undefined || other === undefined || more.length > 0)
    return usageError('diff needs the recordings of two ends');
  const a = await openRecordingFile(session, one);
  if (!a.ok) return a.error;
  const b = await openRecordingFile(session, other);
  if (!b.ok) return b.error;
  const ends = twoEnds(a.value, b.value);
  if (ends === undefined)
    return bailMessage(
      `No datagram of ${one} is in ${other}: they are not recordings of the two ends of one conversation.`,
    );
  const lines = twoEndsLines(ends, { A: one, B: other });
  return { text: lines.map((line) => `${line}\n`).join(''), json: { a: one, b: other, ...ends } };
}
