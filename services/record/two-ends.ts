/** Recordings of both ends side by side: what one sent and what became of it at the other, and where they first disagree. */
import { type Bytes, fromHex } from '../bytes.js';
import { groupedPayloads } from '../events/payload-names.js';
import type { StampedEvent } from '../ports/events.js';
import { decodeHeader, FLAG } from '../isakmp/header.js';
import { exchangeName } from '../isakmp/registries/exchange-types.js';
import type { Entry, Recording } from './entry.js';

export type EndName = 'A' | 'B';

export interface Crossing {
  readonly from: EndName;
  /** By the clock of A, milliseconds since 1970 UTC. */
  readonly sentAt: number;
  /** Undefined: it never arrived, as far as the other recording goes. */
  readonly arrivedAt: number | undefined;
  readonly message: string;
  /** How often it had been sent before. */
  readonly again: number;
  /** What the other end did with it: `taken`, or why not. */
  readonly fate: string;
}

export interface EndFact {
  readonly end: EndName;
  readonly at: number;
  readonly text: string;
}

export interface TwoEnds {
  readonly crossings: readonly Crossing[];
  /** What the ends agreed on and how they ended, in order. */
  readonly facts: readonly EndFact[];
  /** How far the clock of B is ahead of A's, milliseconds, as the datagrams show. */
  readonly ahead: number;
  readonly disagreement: { readonly at: number; readonly text: string } | undefined;
}

interface Seen {
  readonly at: number;
  readonly bytes: string;
  readonly event: StampedEvent | undefined;
  used: boolean;
}

/** Undefined when no datagram of one is in the other: then they are not of one conversation. */
export function twoEnds(a: Recording, b: Recording): TwoEnds | undefined {
  const [aOut, aIn, bOut, bIn] = [seenIn(a, 'out'), seenIn(a, 'in'), seenIn(b, 'out'), seenIn(b, 'in')];
  const there = pairs(aOut, bIn);
  const back = pairs(bOut, aIn);
  const arrivals = [...there.values(), ...back.values()].filter((seen) => seen !== undefined);
  if (arrivals.length === 0) return undefined;
  const ahead = (meanDelay(there) - meanDelay(back)) / 2;
  const [ofA, ofB] = [spanOf(a, 0), spanOf(b, ahead)];
  const crossings = [
    ...crossingsOf('A', there, 0, ahead, ofB),
    ...crossingsOf('B', back, ahead, 0, ofA),
  ].sort((one, other) => one.sentAt - other.sentAt);
  const facts = [...factsOf('A', a, 0), ...factsOf('B', b, ahead)].sort((one, other) => one.at - other.at);
  return { crossings, facts, ahead, disagreement: disagreementOf(crossings, facts, { A: ofA, B: ofB }) };
}

function seenIn({ header, entries }: Recording, kind: 'in' | 'out'): readonly Seen[] {
  return entries.flatMap((entry, index) =>
    entry.kind === kind
      ? [{ at: header.epoch + entry.at, bytes: entry.bytes, event: eventAfter(entries, index), used: false }]
      : [],
  );
}

/** What the end told about the datagram: before anything else was sent or came. */
function eventAfter(entries: readonly Entry[], index: number): StampedEvent | undefined {
  for (let at = index + 1; at < entries.length; at++) {
    const entry = entries[at];
    if (entry === undefined || entry.kind === 'in' || entry.kind === 'timer') return undefined;
    if (entry.kind === 'out' && entries[index]?.kind === 'out') return undefined;
    if (entry.kind !== 'event') continue;
    const { type } = entry.event;
    if (type.startsWith('message.') || type === 'datagram.dropped') return entry.event;
  }
  return undefined;
}

/** Each datagram that was sent, and its arrival: copies in their order. */
function pairs(sent: readonly Seen[], arrived: readonly Seen[]): Map<Seen, Seen | undefined> {
  // Of copies that did not all arrive, the last sent before an arrival is most probably the one.
  const found = new Map<Seen, Seen | undefined>(sent.map((one) => [one, undefined]));
  for (const arrival of arrived) {
    const candidates = sent.filter((one) => one.bytes === arrival.bytes && !one.used);
    const [match] = candidates;
    if (match === undefined) continue;
    match.used = true;
    found.set(match, arrival);
  }
  return found;
}

function meanDelay(found: ReadonlyMap<Seen, Seen | undefined>): number {
  const delays = [...found].flatMap(([sent, arrived]) =>
    arrived === undefined ? [] : [arrived.at - sent.at],
  );
  return delays.length === 0 ? 0 : delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
}

/** From when to when a recording goes, by the clock of A, and which exchanges are in it. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly exchanges: ReadonlySet<string>;
}

function spanOf({ header, entries }: Recording, ahead: number): Span {
  const [first, last] = [entries[0]?.at ?? 0, entries.at(-1)?.at ?? 0];
  const packets = entries.flatMap((entry) =>
    entry.kind === 'in' || entry.kind === 'out' ? [exchangeOf(entry.bytes)] : [],
  );
  return {
    from: header.epoch + first - ahead,
    to: header.epoch + last - ahead,
    exchanges: new Set(packets),
  };
}

/** Messages of one exchange have the same cookie of the initiator and the same message ID. */
function exchangeOf(bytes: string): string {
  const header = decodeHeader(fromHex(bytes.slice(2)));
  return header.ok ? `${header.value.initiatorCookie} ${String(header.value.messageId)}` : '';
}

/** Why a datagram is not in the other recording. */
function absence(sentAt: number, bytes: string, other: Span): string {
  if (sentAt > other.to) return 'after the end of the other recording';
  // Where the exchange is there, it had begun: then this copy was lost.
  return sentAt < other.from && !other.exchanges.has(exchangeOf(bytes))
    ? 'before the beginning of the other recording'
    : 'lost on its way';
}

function crossingsOf(
  from: EndName,
  found: ReadonlyMap<Seen, Seen | undefined>,
  senderAhead: number,
  otherAhead: number,
  other: Span,
): readonly Crossing[] {
  const before = new Map<string, number>();
  return [...found].map(([sent, arrived]) => {
    const again = before.get(sent.bytes) ?? 0;
    before.set(sent.bytes, again + 1);
    const sentAt = sent.at - senderAhead;
    return {
      from,
      sentAt,
      arrivedAt: arrived === undefined ? undefined : arrived.at - otherAhead,
      message: messageWords(sent),
      again,
      fate: arrived === undefined ? absence(sentAt, sent.bytes, other) : fateOf(arrived.event),
    };
  });
}

function fateOf(event: StampedEvent | undefined): string {
  switch (event?.type) {
    case 'message.duplicate':
      return event.answered ? 'a duplicate, answered again' : 'a duplicate, left alone';
    case 'message.ignored':
      return `ignored: ${event.reason}`;
    case 'datagram.dropped':
      return `dropped: ${event.reason}`;
    default:
      return 'taken';
  }
}

function messageWords({ bytes, event }: Seen): string {
  if (event?.type === 'message.sent') {
    const { exchange, number, payloads, encrypted } = event.message;
    return `${exchange}${number === 0 ? '' : ` ${String(number)}`}${encrypted ? ' *' : ' '} ${groupedPayloads(payloads).join(' ')}`;
  }
  const message: Bytes = fromHex(bytes.slice(2));
  const header = decodeHeader(message);
  if (!header.ok) return `${String(message.length)} bytes`;
  const encrypted = (header.value.flags & FLAG.encryption) !== 0 ? ' *' : '';
  return `${exchangeName(header.value.exchangeType)}${encrypted}`;
}

function factsOf(end: EndName, { header, entries }: Recording, ahead: number): readonly EndFact[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'event') return [];
    const text = factWords(entry.event);
    return text === undefined ? [] : [{ end, at: header.epoch + entry.at - ahead, text }];
  });
}

function factWords(event: StampedEvent): string | undefined {
  switch (event.type) {
    case 'negotiation.agreed':
      return `agrees on ${event.suite}`;
    case 'negotiation.suspicion':
      return `suspects: ${event.failure.explanation}`;
    case 'negotiation.ended':
      if (!/^p[12]-/.test(event.negotiation)) return undefined;
      return event.failure === undefined
        ? `${phaseOf(event.negotiation)} is ${event.outcome}`
        : `${phaseOf(event.negotiation)} ${event.outcome} (${event.failure.code}): ${event.failure.explanation}`;
    default:
      return undefined;
  }
}

function phaseOf(negotiation: string): string {
  return negotiation.startsWith('p1-') ? 'Phase 1' : 'a Quick Mode';
}

/** A message that was not taken, or none of whose copies arrived; or ends that came to different ends. */
function disagreementOf(
  crossings: readonly Crossing[],
  facts: readonly EndFact[],
  spans: Readonly<Record<EndName, Span>>,
): TwoEnds['disagreement'] {
  const candidates: { readonly at: number; readonly text: string }[] = [];
  for (const crossing of crossings) {
    const { from, message, fate, sentAt, arrivedAt } = crossing;
    const other = from === 'A' ? 'B' : 'A';
    if (/^(ignored|dropped)/.test(fate))
      candidates.push({
        at: arrivedAt ?? sentAt,
        text: `${other} did not take ${message} of ${from}: ${fate}`,
      });
    const arrived = crossings.some(
      (one) => one.from === from && one.message === message && one.arrivedAt !== undefined,
    );
    if (fate.startsWith('lost') && !arrived)
      candidates.push({ at: sentAt, text: `${message} of ${from} never reached ${other}` });
  }
  for (const { end, at, text } of facts) {
    if (text.includes(' failed ')) candidates.push({ at, text: `for ${end} ${text}` });
    const agreed = (who: EndName): readonly string[] =>
      facts.filter((fact) => fact.end === who && fact.text.startsWith('agrees')).map((fact) => fact.text);
    const both = agreed('A').length > 0 && agreed('B').length > 0;
    const other = end === 'A' ? 'B' : 'A';
    if (text.startsWith('agrees') && both && at >= spans[other].from && !agreed(other).includes(text))
      candidates.push({ at, text: `${end} ${text}, and the other end does not` });
  }
  return candidates.sort((one, other) => one.at - other.at)[0];
}
