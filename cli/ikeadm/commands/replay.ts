/** `replay FILE [--set 'LINE']...`, ours: plays a recording again, with the same configuration or another. No daemon is needed. */
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { replay, type Replayed } from '../../../daemon/replay/replay.js';
import { changedConfig } from '../../../services/record/change-config.js';
import type { Recording } from '../../../services/record/entry.js';
import { ok, type Result } from '../../../services/result.js';
import { bailMessage, failed, type Outcome, usageError } from '../outcome.js';
import { replayLines } from '../print/replay.js';
import type { Session } from '../session.js';
import { openRecordingFile } from './recording-file.js';

const USE = "replay needs a file, and may have --set 'LINE' more than once";

export async function replayRecording(session: Session, args: readonly string[]): Promise<Outcome> {
  const wanted = readArguments(args);
  if (wanted === undefined) return usageError(USE);
  const recording = await openRecordingFile(session, wanted.path);
  if (!recording.ok) return recording.error;
  const changed = wanted.changes.length > 0;
  const result = await runReplay(recording.value, wanted.changes);
  if (!result.ok) return bailMessage(result.error);
  const { parting, missing, alike, events } = result.value;
  result.value.keys.wipe();
  const text = replayLines(recording.value.header, result.value, changed)
    .map((line) => `${line}\n`)
    .join('');
  const json = {
    id: recording.value.header.id,
    secrets: recording.value.header.secrets,
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

function readArguments(
  args: readonly string[],
): { readonly path: string; readonly changes: readonly string[] } | undefined {
  const changes: string[] = [];
  const files: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word !== '--set') files.push(word);
    else {
      const line = args[++at];
      if (line === undefined || line.trim() === '') return undefined;
      changes.push(line);
    }
  }
  const [path, ...more] = files;
  return path === undefined || more.length > 0 ? undefined : { path, changes };
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
