/** Whether a replay told its readers what the recorded run had told: the states are recomputed, and so is every reason. */
import type { StampedEvent } from '../../services/ports/events.js';
import type { Recording } from '../../services/record/entry.js';
import type { Parting } from './track.js';

/** Of the runs that are in the recording; what a chart does and what the daemon counts is not kept. */
export function eventParting(
  { header, entries }: Recording,
  events: readonly StampedEvent[],
): Parting | undefined {
  for (const id of header.negotiations) {
    const recorded = entries.flatMap((entry) =>
      entry.kind === 'event' && entry.by === id && isOf(entry.event, id) ? [entry.event] : [],
    );
    const replayed = events.filter((event) => isOf(event, id) && !isOfChart(event));
    for (let at = 0; at < Math.max(recorded.length, replayed.length); at++) {
      const [was, is] = [recorded[at], replayed[at]];
      if (facts(was) === facts(is)) continue;
      return {
        by: id,
        at: was?.at ?? is?.at ?? 0,
        kind: was === undefined ? 'surplus' : is === undefined ? 'missing' : 'differs',
        recorded: `tells ${facts(was)}`,
        replayed: `tells ${facts(is)}`,
      };
    }
  }
  return undefined;
}

function isOf(event: StampedEvent, id: string): boolean {
  return 'negotiation' in event && event.negotiation === id;
}

function isOfChart({ type }: StampedEvent): boolean {
  return type === 'negotiation.state' || type === 'negotiation.transition';
}

/** When it happened, and who asked for it, is no part of what happened. */
function facts(event: StampedEvent | undefined): string {
  if (event === undefined) return 'nothing';
  return JSON.stringify(event, (key, value: unknown) =>
    key === 'sequence' || key === 'at' || key === 'parent' ? undefined : value,
  );
}
