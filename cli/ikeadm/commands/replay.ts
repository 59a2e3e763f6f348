/** `replay ID|FILE [--set 'LINE']...`, ours: plays a recording again, with the same configuration or another. */
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { replay, type Replayed } from '../../../daemon/replay/replay.js';
import { inspectorPlace, type InspectorPlace } from '../../../services/admin/inspector.js';
import { changedConfig } from '../../../services/record/change-config.js';
import type { Recording } from '../../../services/record/entry.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bailMessage, failed, type Outcome, usageError } from '../outcome.js';
import { replayLines } from '../print/replay.js';
import type { Session } from '../session.js';
import { recordingFrom } from './recording-source.js';

const USE =
  "replay needs a file, or an id of record list, and may have --set 'LINE' more than once, and --page";
/** Followed by where, if anything: then it shows the page and prints nothing of the replay. */
export const PAGE = '--page';

export interface ReplayWish {
  /** A file, or the id of what the daemon holds. */
  readonly source: string;
  readonly changes: readonly string[];
  /** Where the page was asked for; undefined: wherever. */
  readonly page: InspectorPlace | undefined;
}

export async function replayRecording(session: Session, args: readonly string[]): Promise<Outcome> {
  const wanted = readReplayArguments(args);
  if (!wanted.ok) return wanted.error;
  const replayed = await replaying(session, wanted.value);
  if (!replayed.ok) return replayed.error;
  const { recording, result } = replayed.value;
  const changed = wanted.value.changes.length > 0;
  const { parting, missing, alike, events } = result;
  result.keys.wipe();
  const text = replayLines(recording.header, result, changed)
    .map((line) => `${line}\n`)
    .join('');
  const json = {
    id: recording.header.id,
    secrets: recording.header.secrets,
    same: parting === undefined && missing === undefined,
    ...(parting === undefined ? {} : { parting }),
    ...(missing === undefined ? {} : { missing }),
    alike,
    events,
  };
  if (changed || (parting === undefined && missing === undefined)) return { text, json };
  return {
    text,
    json,
    ...failed({ form: 'message', text: 'the replay parts from the recording', exit: 1 }),
  };
}

/** The keys of the result are to be wiped. */
export async function replaying(
  session: Session,
  { source, changes }: ReplayWish,
): Promise<Result<{ readonly recording: Recording; readonly result: Replayed }, Outcome>> {
  const recording = await recordingFrom(session, source, false);
  if (!recording.ok) return recording;
  const result = await runReplay(recording.value, changes);
  if (!result.ok) return err(bailMessage(result.error));
  return ok({ recording: recording.value, result: result.value });
}

export function readReplayArguments(args: readonly string[]): Result<ReplayWish, Outcome> {
  const changes: string[] = [];
  const files: string[] = [];
  let page: InspectorPlace | undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === PAGE) {
      page = inspectorPlace(args[at + 1] ?? '');
      if (page !== undefined) at += 1;
    } else if (word !== '--set') files.push(word);
    else {
      const line = args[++at];
      if (line === undefined || line.trim() === '') return err(usageError(USE));
      changes.push(line);
    }
  }
  const [source, ...more] = files;
  return source === undefined || more.length > 0 ? err(usageError(USE)) : ok({ source, changes, page });
}

export function runReplay(
  recording: Recording,
  changes: readonly string[] = [],
): Promise<Result<Replayed, string>> {
  const change = (text: string): Result<string, string> =>
    changes.reduce<Result<string, string>>(
      (result, line) => (result.ok ? changedConfig(result.value, line) : result),
      ok(text),
    );
  return replay(recording, {
    crypto: (keys, random) => new NodeCrypto(keys, random, { workers: false }),
    settled,
    ...(changes.length === 0 ? {} : { change }),
  });
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
