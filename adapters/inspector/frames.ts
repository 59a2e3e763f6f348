/** What the page and the server say to each other: one JSON object per WebSocket frame. */
import type { NegotiationId } from '../../services/events/event.js';
import type { Explanation } from '../../services/explain/explanation.js';
import type { DissectedPart } from '../../services/isakmp/dissect.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { NegotiationView, RecordingWords } from '../../services/ports/inspection.js';
import type { RowChange } from './list-row.js';

export type Portion = 'list' | 'end of list' | 'changes';

export type ServerFrame =
  /** First: the list begins anew. `now` is on the clock of all other times, milliseconds. */
  | {
      readonly type: 'hello';
      readonly now: number;
      /** Undefined: a daemon, and what it does. */
      readonly recording: RecordingWords | undefined;
    }
  /** Rows of the list as it was at the beginning, portion by portion; then what is new, has changed or is forgotten. */
  | {
      readonly type: 'rows';
      readonly now: number;
      /** How many there are at the server. */
      readonly total: number;
      readonly rows: readonly RowChange[];
      readonly forgotten: readonly NegotiationId[];
      readonly portion: Portion;
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
  /** What has happened to the selected negotiation, and what it is now. */
  | {
      readonly type: 'events';
      readonly negotiation: NegotiationView;
      readonly events: readonly StampedEvent[];
    };

export type ClientFrame =
  /** Follow it. */
  | { readonly type: 'select'; readonly id: NegotiationId }
  /** Explain it. */
  | { readonly type: 'why'; readonly id: NegotiationId }
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
