/** Two simulated gateways, one or both with the flight recorder on, and what comes of it as a recording. */
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { FlightRecorder, type Recording as RecordingState } from '../../adapters/recorder/flight-recorder.js';
import type { RecorderLimits } from '../../adapters/recorder/limits.js';
import { recordingOf } from '../../adapters/recorder/recording-of.js';
import { type Replayed, replay } from '../../daemon/replay/replay.js';
import type { Recording } from '../../services/record/entry.js';
import { readRecording, recordingText } from '../../services/record/file-text.js';
import type { Result } from '../../services/result.js';
import { IKE_PORT, NATT_PORT, type DaemonPlan, settle, type SimulatedDaemon } from './simulated-daemon.js';

/** A plan whose daemon is recorded; `recorder` is there once it has started. */
export function recorded(
  plan: DaemonPlan,
  state: RecordingState = 'without secrets',
  limits?: RecorderLimits,
): { readonly plan: DaemonPlan; readonly recorder: () => FlightRecorder } {
  let made: FlightRecorder | undefined;
  return {
    plan: {
      ...plan,
      recorder: ({ clock, keys, events }) => {
        const recorder = new FlightRecorder({ clock, keys, ...(limits && { limits }) }, state);
        recorder.follow(events);
        made = recorder;
        return recorder;
      },
    },
    recorder: () => {
      if (made === undefined) throw new Error('the daemon has not started');
      return made;
    },
  };
}

/** As `ikeadm record save` writes it. */
export function savedText(
  recorder: FlightRecorder,
  { clock, keys }: SimulatedDaemon,
  id: string,
  withSecrets = false,
): string {
  const conversation = recorder.find(id);
  if (conversation === undefined) throw new Error(`${id} was not recorded`);
  const world = { clock, keys, ikePort: IKE_PORT, nattPort: NATT_PORT };
  return recordingText(recordingOf(conversation, world, withSecrets));
}

export function read(text: string): Recording {
  const recording = readRecording(text);
  if (!recording.ok) throw new Error(JSON.stringify(recording.error));
  return recording.value;
}

export async function replayed(
  text: string,
  change?: (config: string) => Result<string, string>,
): Promise<Replayed> {
  const result = await replay(read(text), {
    settled: settle,
    crypto: (keys, random) => new NodeCrypto(keys, random, { workers: false }),
    ...(change === undefined ? {} : { change }),
  });
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
