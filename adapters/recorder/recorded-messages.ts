/** The bytes of messages in a recording, for the events of its replay. */
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { Entry } from '../../services/record/entry.js';
import { textBytes } from '../../services/record/values.js';
import { type KeptEntry, type KeptMessage, messageOf } from './message-of.js';

/** The numbers of a replay's events are its own: its messages are those of the recording in the same order. */
export function recordedMessages(
  entries: readonly Entry[],
  replayed: readonly StampedEvent[],
): (id: NegotiationId, sequence: number) => KeptMessage | undefined {
  const kept = entries.flatMap(keptEntry);
  const recorded = entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
  return (id, sequence) => {
    const place = messagesOf(replayed, id).findIndex((event) => event.sequence === sequence);
    const same = place < 0 ? undefined : messagesOf(recorded, id)[place];
    return same === undefined ? undefined : messageOf(kept, id, same.sequence);
  };
}

function messagesOf(events: readonly StampedEvent[], id: NegotiationId): readonly StampedEvent[] {
  return events.filter(
    (event) =>
      (event.type === 'message.sent' || event.type === 'message.received') && event.negotiation === id,
  );
}

/** What tells of messages, with bytes for their text. */
function keptEntry(entry: Entry): readonly KeptEntry[] {
  const { by } = entry;
  switch (entry.kind) {
    case 'in':
    case 'out': {
      const bytes = textBytes(entry.bytes);
      return bytes === undefined ? [] : [{ by, kind: entry.kind, bytes }];
    }
    case 'call': {
      const { op, outcome } = entry;
      const value = outcome !== undefined && 'value' in outcome ? textBytes(outcome.value) : undefined;
      return [{ by, kind: 'call', op, args: entry.args.map(textBytes), outcome: { value } }];
    }
    case 'event':
      return [{ by, kind: 'event', event: entry.event }];
    default:
      return [];
  }
}
