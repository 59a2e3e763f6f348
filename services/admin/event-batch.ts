/** The event stream at the door: a client asks again and again for what came after what it has. Values and their JSON. */
import type { StampedEvent } from '../ports/events.js';

export interface EventBatch {
  /** In order; none when nothing happened for a while. */
  readonly events: readonly StampedEvent[];
  /** What to ask for next: `after` of the next request. */
  readonly next: number;
  /** Events between the last batch and this one that were not kept, because nobody fetched them in time. */
  readonly lost: number;
  /** Milliseconds since 1970 UTC at which `at` of an event is 0. */
  readonly epoch: number;
}

export interface EventDesk {
  /** Events after the one with this sequence number; from now on when it is undefined. Waits for one, not for ever. */
  after(sequence: number | undefined): Promise<EventBatch>;
}

export interface EventsRequest {
  readonly after: number | undefined;
}

export function readEventsRequest(value: unknown): EventsRequest | undefined {
  if (!isRecord(value)) return undefined;
  const { after } = value;
  if (after === undefined || after === null) return { after: undefined };
  return typeof after === 'number' && Number.isSafeInteger(after) && after >= 0 ? { after } : undefined;
}

export function readEventBatch(value: unknown): EventBatch | undefined {
  if (!isRecord(value)) return undefined;
  const { events, next, lost, epoch } = value;
  if (typeof next !== 'number' || typeof lost !== 'number' || typeof epoch !== 'number') return undefined;
  if (!Array.isArray(events) || !events.every(isEvent)) return undefined;
  return { events, next, lost, epoch };
}

/** Another version may have events that this one has no words for. */
function isEvent(value: unknown): value is StampedEvent {
  return (
    isRecord(value) &&
    typeof value.type === 'string' &&
    typeof value.sequence === 'number' &&
    typeof value.at === 'number'
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
