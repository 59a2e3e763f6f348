/** `replay ... --page [[ADDRESS:]PORT]`, ours: serves the inspector's page of a recording until it is interrupted. */
import { startInspector } from '../../../adapters/inspector/server.js';
import { recordedMessages } from '../../../adapters/recorder/recorded-messages.js';
import { describeChart } from '../../../daemon/chart-description.js';
import { InspectionLog } from '../../../daemon/inspection.js';
import type { Replayed } from '../../../daemon/replay/replay.js';
import { CHARTS } from '../../../machines/charts.js';
import type { InspectorPlace } from '../../../services/admin/inspector.js';
import type { Recording } from '../../../services/record/entry.js';
import { bailMessage, type Outcome } from '../outcome.js';
import { recordingWords, verdictLines } from '../print/replay.js';
import type { Session } from '../session.js';
import { readReplayArguments, replaying } from './replay.js';

/** A recording is bounded, and all of it is shown. */
const EVERYTHING = { live: 100_000, ended: 100_000, events: 1_000_000 } as const;

/** `print` says where it is served; it comes back when it was interrupted, or with what kept it from that. */
export async function replayOnPage(
  session: Session,
  args: readonly string[],
  print: (outcome: Outcome) => Promise<void>,
): Promise<Outcome | undefined> {
  const wanted = readReplayArguments(args);
  if (!wanted.ok) return wanted.error;
  const replayed = await replaying(session, wanted.value);
  if (!replayed.ok) return replayed.error;
  const { recording, result } = replayed.value;
  const place = wanted.value.page ?? { address: '127.0.0.1', port: 0 };
  const changed = wanted.value.changes.length > 0;
  try {
    const page = await serve(recording, result, changed, place);
    const notice = `The recording is at ${page.url} until you interrupt this (Ctrl-C).`;
    await print({ notice, json: { id: recording.header.id, url: page.url } });
    await session.world.untilInterrupted();
    await page.close();
    return undefined;
  } catch (error) {
    return bailMessage(error instanceof Error ? error.message : String(error));
  } finally {
    result.keys.wipe();
  }
}

function serve(recording: Recording, replayed: Replayed, changed: boolean, place: InspectorPlace) {
  const { header, entries } = recording;
  const { events, explain, parting, missing } = replayed;
  const end = events.at(-1)?.at ?? 0;
  const log = new InspectionLog(
    { subscribe: () => () => undefined },
    Object.entries(CHARTS).map(([id, machine]) => describeChart(id, machine)),
    { now: () => end },
    {
      explain,
      // Whoever has the file has what is in it.
      messages: { find: recordedMessages(entries, events), showsPlaintext: () => true },
      begun: events,
      limits: EVERYTHING,
      recording: {
        about: recordingWords(header, replayed),
        verdict: verdictLines(parting, missing, changed).map((line) => line.trim()),
        parted: parting !== undefined || missing !== undefined,
      },
    },
  );
  return startInspector(log, place);
}
