/** `record export ID|FILE FORMAT FILE`, ours: a recording in the forms of other programs. */
import { udpPacket } from '../../../adapters/kernel/embedded/ip-packet.js';
import {
  type CapturedPacket,
  capturedDatagrams,
  pcapFile,
  pcapngFile,
} from '../../../services/record/capture.js';
import type { Recording } from '../../../services/record/entry.js';
import { ladderOf, ladderText } from '../../../services/record/ladder.js';
import { ladderSvg } from '../../../services/record/ladder-svg.js';
import { ok, type Result } from '../../../services/result.js';
import { bailMessage, type Outcome, usageError } from '../outcome.js';
import type { Session } from '../session.js';
import { EXPORT_FORMATS, type ExportFormat } from './export-formats.js';
import { decryptionTable } from './decryption-table.js';
import { writeNewFile } from './recording-file.js';
import { recordingFrom } from './recording-source.js';
import { runReplay } from './replay.js';

export async function exportRecording(session: Session, args: readonly string[]): Promise<Outcome> {
  const [source, word, path, ...more] = args;
  const format = EXPORT_FORMATS.find((known) => known === word);
  if (source === undefined || format === undefined || path === undefined || more.length > 0)
    return usageError(
      `record export needs an id or a recording, one of ${EXPORT_FORMATS.join(', ')}, and a file`,
    );
  const recording = await recordingFrom(session, source, format === 'keys');
  if (!recording.ok) return recording.error;
  const exported = await contents(recording.value, format);
  if (!exported.ok) return bailMessage(exported.error);
  const trouble = await writeNewFile(session, path, exported.value);
  if (trouble !== undefined) return trouble;
  return { notice: `${source} written to ${path} as ${format}.`, json: { source, format, file: path } };
}

async function contents(recording: Recording, format: ExportFormat): Promise<Result<Uint8Array, string>> {
  const text = (lines: readonly string[]): Result<Uint8Array, string> =>
    ok(new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')));
  switch (format) {
    case 'pcapng':
      return ok(
        pcapngFile(packetsOf(recording, false), `ikechart: ${recording.header.negotiations.join(' ')}`),
      );
    case 'pcap':
      return ok(pcapFile(packetsOf(recording, true)));
    case 'keys':
      return decryptionTable(recording);
    default:
  }
  const replayed = await runReplay(recording);
  if (!replayed.ok) return replayed;
  replayed.value.keys.wipe();
  const { events } = replayed.value;
  if (format === 'jsonl') return text(events.map((event) => JSON.stringify(event)));
  if (format === 'ladder') return text(ladderText(ladderOf(events, true)));
  return ok(new TextEncoder().encode(ladderSvg(ladderOf(events, false))));
}

function packetsOf(recording: Recording, opened: boolean): readonly CapturedPacket[] {
  return capturedDatagrams(recording, opened).map(({ at, from, to, bytes }) => ({
    at,
    bytes: udpPacket(from.address, to.address, from.port, to.port, bytes),
  }));
}
