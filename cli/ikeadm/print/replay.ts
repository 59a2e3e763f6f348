/** A replay in words: what is in the recording, the ladder with every state, and where the two part. */
import type { Replayed } from '../../../daemon/replay/replay.js';
import type { Parting } from '../../../daemon/replay/track.js';
import type { RecordHeader } from '../../../services/record/entry.js';
import { ladderOf, ladderText, printable } from '../../../services/record/ladder.js';

/** Line by line. `changed`: with another configuration. */
export function replayLines(header: RecordHeader, replayed: Replayed, changed: boolean): readonly string[] {
  const { alike, parting, missing } = replayed;
  const ladder = ladderOf(replayed.events, true);
  return [
    recordingWords(header, replayed),
    ...(header.incomplete
      ? ['A part of it had to make room for later: what was begun before that cannot be replayed whole.']
      : []),
    '',
    ...ladderText(ladder),
    '',
    `${String(alike.datagrams)} datagrams are the same byte for byte, and ${String(alike.calls)} calls of ports; ${
      header.secrets
        ? `${String(alike.computed)} of them were computed again with the keys of the recording.`
        : 'ciphertexts are those of the recording, their plaintexts were compared.'
    }`,
    ...verdictLines(parting, missing, changed),
  ];
}

/** What it is a recording of: one sentence. */
export function recordingWords(header: RecordHeader, replayed: Replayed): string {
  const begun = new Date(header.epoch + firstAt(replayed)).toISOString();
  const secrets = header.secrets ? 'with secrets' : 'without secrets';
  return `Recording of ${header.negotiations.join(', ')}, begun ${begun}, ${secrets}.`;
}

function firstAt({ events }: Replayed): number {
  return events[0]?.at ?? 0;
}

/** How it came out. `changed`: with another configuration. */
export function verdictLines(
  parting: Parting | undefined,
  missing: string | undefined,
  changed: boolean,
): readonly string[] {
  const need =
    missing === undefined
      ? []
      : [`It ends here: to go on it would need ${missing}, which the recording does not have.`];
  if (parting === undefined) {
    if (missing !== undefined) return need;
    return [
      changed ? 'With this change everything happens as recorded.' : 'The replay is the same to the end.',
    ];
  }
  const { by, kind, recorded, replayed, datagrams } = parting;
  const place = `${changed ? 'The path forks' : 'FIRST DIVERGENCE'} in ${by}:`;
  return [
    place,
    `  recorded: ${printable(recorded)}`,
    `  ${changed ? 'now' : 'replayed'}: ${printable(replayed)}`,
    ...(datagrams === undefined ? [] : differenceLines(datagrams)),
    ...need,
    ...(changed && missing === undefined && kind !== 'missing'
      ? ['What the peer would have answered is not in the recording.']
      : []),
  ];
}

/** The first byte that differs, in hex, with a few before it. */
function differenceLines({ recorded, replayed }: NonNullable<Parting['datagrams']>): readonly string[] {
  if (recorded === undefined || replayed === undefined) return [];
  let at = 0;
  while (at < recorded.length && recorded.slice(at, at + 2) === replayed.slice(at, at + 2)) at += 2;
  const part = (text: string): string => text.slice(Math.max(0, at - 8), at + 32);
  return [
    `  from byte ${String(at / 2)} on: ${part(recorded)}... recorded,`,
    `  ${' '.repeat(String(at / 2).length)}              ${part(replayed)}...`,
  ];
}
