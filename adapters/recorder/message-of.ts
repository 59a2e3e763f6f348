/** The bytes of a message that an event speaks of, from what is kept of its conversation. */
import type { Bytes } from '../../services/bytes.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';

export interface KeptMessage {
  readonly datagram: Bytes;
  /** Of its encrypted body, where it was read or written here. */
  readonly plaintext: Bytes | undefined;
}

/** What of an entry tells of messages; what is no bytes among arguments and outcomes does not matter. */
export type KeptEntry = { readonly by: NegotiationId } & (
  | { readonly kind: 'in' | 'out'; readonly bytes: Bytes }
  | {
      readonly kind: 'call';
      readonly op: string;
      readonly args: readonly unknown[];
      readonly outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;
    }
  | { readonly kind: 'event'; readonly event: StampedEvent }
  | { readonly kind: 'begin' | 'done' | 'timer' | 'withdrawn' | 'circumstance' | 'answer' | 'stands' }
);

type Packet = Extract<KeptEntry, { kind: 'in' | 'out' }>;

/** `sequence`: of the event. Undefined when it is no message, or forgotten. */
export function messageOf(
  entries: readonly KeptEntry[],
  by: NegotiationId,
  sequence: number,
): KeptMessage | undefined {
  const own = entries.filter((entry) => entry.by === by);
  const at = own.findIndex((entry) => entry.kind === 'event' && entry.event.sequence === sequence);
  const told = own[at];
  if (told?.kind !== 'event') return undefined;
  // The first message of a Quick Mode is heard by the Phase 1 SA under which it comes.
  if (told.event.type === 'message.received') return received(entries, entries.indexOf(told));
  return told.event.type === 'message.sent' ? sent(own, at) : undefined;
}

/** It is told in the turn in which it came. */
function received(entries: readonly KeptEntry[], at: number): KeptMessage | undefined {
  const place = entries.findLastIndex((entry, index) => index < at && entry.kind === 'in');
  const packet = entries[place];
  if (packet?.kind !== 'in') return undefined;
  const opened = entries
    .slice(place, at)
    .findLast((entry) => entry.kind === 'call' && entry.op === 'decrypt');
  const plaintext =
    opened?.kind === 'call' && opened.outcome !== undefined && 'value' in opened.outcome
      ? opened.outcome.value
      : undefined;
  return { datagram: packet.bytes, plaintext: plaintext instanceof Uint8Array ? plaintext : undefined };
}

/** It is told just before or just after it leaves; a repeat leaves with the bytes of the first time. */
function sent(own: readonly KeptEntry[], at: number): KeptMessage | undefined {
  const isOut = (entry: KeptEntry): entry is Packet => entry.kind === 'out';
  const nextTold = own.findIndex((entry, index) => index > at && isMessage(entry));
  const lastTold = own.findLastIndex((entry, index) => index < at && isMessage(entry));
  const after = own.slice(at, nextTold < 0 ? undefined : nextTold).find(isOut);
  const packet = after ?? own.slice(lastTold + 1, at).findLast(isOut);
  if (packet === undefined) return undefined;
  const first = own.findIndex((entry) => isOut(entry) && same(entry.bytes, packet.bytes));
  const made = own.slice(0, first).findLast((entry) => entry.kind === 'call' && entry.op === 'encrypt');
  const plaintext = made?.kind === 'call' ? made.args[3] : undefined;
  return { datagram: packet.bytes, plaintext: plaintext instanceof Uint8Array ? plaintext : undefined };
}

function isMessage(entry: KeptEntry): boolean {
  return (
    entry.kind === 'event' && (entry.event.type === 'message.sent' || entry.event.type === 'message.received')
  );
}

function same(a: Bytes, b: Bytes): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}
