/** `record list`, `record save ID FILE`, `record on`, `record off`, ours: the flight recorder. */
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import {
  readRecorderStatus,
  readRecordingState,
  readRecordText,
  type RecorderStatus,
  type RecordingState,
} from '../../../services/admin/recorder.js';
import { err, ok, type Result } from '../../../services/result.js';
import { doorError, failed, objectError, type Outcome, unreadable, usageError } from '../outcome.js';
import type { Session } from '../session.js';
import { writeNewFile } from './recording-file.js';

export const WITH_SECRETS = '--with-secrets';

export async function listRecordings(session: Session): Promise<Outcome> {
  const reply = await session.call(encodeOwn(OWN_SERVICE.RECORD_LIST, {}));
  if (!reply.ok) return failed(doorError('error getting recordings', reply.error));
  const status = readRecorderStatus(decodeOwn(reply.value));
  if (status === undefined)
    return failed(doorError('error getting recordings', unreadable('it holds no list')));
  return { text: listText(status), json: status };
}

function listText({ state, folder, recordings, files }: RecorderStatus): string {
  const lines = [
    state === 'off' ? 'Recording is off.' : `Recording is on, ${state}.`,
    '',
    ...recordings.map(
      ({ id, begunAt, local, remote, outcome, code, entries, bytes, secrets }) =>
        `${id.padEnd(12)} ${new Date(begunAt).toISOString()}  ${local} - ${remote}  ${code ?? outcome}  ${String(entries)} entries, ${String(Math.ceil(bytes / 1024))} KB${secrets ? ', with secrets' : ''}`,
    ),
    ...(recordings.length === 0 ? ['Nothing has been recorded yet.'] : []),
    '',
    files.length === 0 ? `No failure has been written to ${folder}.` : `Failures written to ${folder}:`,
    ...files.map(({ name, bytes }) => `${name}  ${String(bytes)} bytes`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export async function saveRecording(session: Session, args: readonly string[]): Promise<Outcome> {
  const secrets = args.includes(WITH_SECRETS);
  const [id, path, ...more] = args.filter((word) => word !== WITH_SECRETS);
  if (id === undefined || path === undefined || more.length > 0)
    return usageError(`record save needs an id as of "record list" and a file, and may have ${WITH_SECRETS}`);
  const text = await fetchRecording(session, id, secrets);
  if (!text.ok) return text.error;
  const trouble = await writeNewFile(session, path, new TextEncoder().encode(text.value));
  if (trouble !== undefined) return trouble;
  return {
    notice: `${id} saved to ${path}, ${secrets ? 'with its secrets: whoever has the file has the keys' : 'without secrets'}.`,
    json: { id, file: path, secrets },
  };
}

/** The text of a recording that the daemon holds. */
export async function fetchRecording(
  session: Session,
  id: string,
  secrets: boolean,
): Promise<Result<string, Outcome>> {
  const reply = await session.call(encodeOwn(OWN_SERVICE.RECORD_READ, { id, secrets }));
  if (!reply.ok) return err(failed({ ...objectError('getting', `recording ${id}`, reply.error), exit: 1 }));
  const text = readRecordText(decodeOwn(reply.value));
  return text === undefined
    ? err(failed(doorError('error getting the recording', unreadable('it holds no text'))))
    : ok(text);
}

export async function recordOn(session: Session, args: readonly string[]): Promise<Outcome> {
  if (args.length > 1 || (args.length === 1 && args[0] !== WITH_SECRETS))
    return usageError(`record on may have ${WITH_SECRETS} and nothing else`);
  return setState(session, args.length === 1 ? 'with secrets' : 'without secrets');
}

export function recordOff(session: Session): Promise<Outcome> {
  return setState(session, 'off');
}

async function setState(session: Session, wanted: RecordingState): Promise<Outcome> {
  const reply = await session.call(encodeOwn(OWN_SERVICE.RECORD_SET, { state: wanted }));
  if (!reply.ok) return failed(doorError('error setting the recorder', reply.error));
  const state = readRecordingState(decodeOwn(reply.value));
  if (state === undefined)
    return failed(doorError('error setting the recorder', unreadable('it holds no state')));
  return { notice: state === 'off' ? 'Recording is off.' : `Recording is on, ${state}.`, json: { state } };
}
