/** What the page and the server say to each other: one JSON object per WebSocket frame. */
import type { NegotiationId } from '../../services/events/event.js';
import type { Explanation } from '../../services/explain/explanation.js';
import type { DissectedPart } from '../../services/isakmp/dissect.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { NegotiationView } from '../../services/ports/inspection.js';

export type ServerFrame =
  /** First, and again whenever the list is sent whole. `now` is on the clock of all other times, milliseconds. */
  | {
      readonly type: 'negotiations';
      readonly now: number;
      /** How many there are; the list holds the newest of them, oldest first. */
      readonly total: number;
      readonly negotiations: readonly NegotiationView[];
    }
  /** Those that are new or have changed since, and those that are forgotten. */
  | {
      readonly type: 'changed';
      readonly now: number;
      readonly total: number;
      readonly negotiations: readonly NegotiationView[];
      readonly forgotten: readonly NegotiationId[];
    }
  /** Answer to `select`. */
  | {
      readonly type: 'selected';
      readonly id: NegotiationId;
      /** Undefined when it is unknown or forgotten. */
      readonly negotiation: NegotiationView | undefined;
      readonly history: readonly StampedEvent[];
    }
  /** Answer to `why`. */
  | {
      readonly type: 'why';
      readonly id: NegotiationId;
      /** Undefined when nothing is remembered of it. */
      readonly explanation: Explanation | undefined;
    }
  /** Answer to `message`. */
  | {
      readonly type: 'message';
      readonly id: NegotiationId;
      readonly sequence: number;
      /** Undefined when its bytes are not kept. */
      readonly parts: readonly DissectedPart[] | undefined;
      /** Whether what is encrypted may not be shown. */
      readonly veiled: boolean;
    }
  /** Of the selected negotiation. */
  | { readonly type: 'event'; readonly event: StampedEvent };

export type ClientFrame =
  /** `select`: follow it; `why`: explain it. */
  | { readonly type: 'select' | 'why'; readonly id: NegotiationId }
  /** Take apart the message of the event with this number. */
  | { readonly type: 'message'; readonly id: NegotiationId; readonly sequence: number };

/** The frame in `text`, or undefined when it is none that a page sends. */
export function parseClientFrame(text: string): ClientFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('type' in value) || !('id' in value) || typeof value.id !== 'string') return undefined;
  const { type, id } = value;
  if (type === 'select' || type === 'why') return { type, id };
  if (type !== 'message' || !('sequence' in value) || typeof value.sequence !== 'number') return undefined;
  return { type, id, sequence: value.sequence };
}
