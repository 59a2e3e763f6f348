/** What happened, as rungs: messages between two ends, and between them what this end was in and noted. */
import type { NegotiationId } from '../events/event.js';
import { stateWords } from '../events/active-states.js';
import { groupedPayloads } from '../events/payload-names.js';
import { formatEndpoint } from '../net/address.js';
import type { StampedEvent } from '../ports/events.js';

export interface Rung {
  /** Milliseconds since the first. */
  readonly at: number;
  readonly by: NegotiationId;
  /** `out` and `in` for messages; `lost` for what came and was not taken. */
  readonly kind: 'out' | 'in' | 'lost' | 'state' | 'note' | 'end';
  readonly text: string;
}

export interface Ladder {
  readonly local: string;
  readonly remote: string;
  readonly rungs: readonly Rung[];
}

/** `states`: whether those of the charts are rungs, too. */
export function ladderOf(events: readonly StampedEvent[], states: boolean): Ladder {
  const first = events[0]?.at ?? 0;
  const rungs: Rung[] = [];
  let ends = { local: 'here', remote: 'peer' };
  const shown = new Map<NegotiationId, string>();
  for (const event of events) {
    if (event.type === 'negotiation.started' && ends.local === 'here')
      ends = { local: formatEndpoint(event.local), remote: formatEndpoint(event.remote) };
    const rung = rungOf(event);
    if (rung === undefined || (rung.kind === 'state' && !states)) continue;
    const by = 'negotiation' in event ? (event.negotiation ?? '') : '';
    // A state that only counted is the same state.
    if (rung.kind === 'state' && shown.get(by) === rung.text) continue;
    if (rung.kind === 'state') shown.set(by, rung.text);
    rungs.push({ at: event.at - first, by, ...rung });
  }
  return { ...ends, rungs };
}

function rungOf(event: StampedEvent): Pick<Rung, 'kind' | 'text'> | undefined {
  switch (event.type) {
    case 'negotiation.started':
      return {
        kind: 'note',
        text: `begins ${event.chart}${event.rule === undefined ? '' : `, rule "${event.rule}"`}`,
      };
    case 'message.sent':
      return {
        kind: 'out',
        text: `${messageWords(event.message)}${event.retransmission > 0 ? `, again (${String(event.retransmission)})` : ''}`,
      };
    case 'message.received':
      return { kind: 'in', text: messageWords(event.message) };
    case 'message.duplicate':
      return { kind: 'lost', text: `a duplicate${event.answered ? ', answered again' : ', left alone'}` };
    case 'message.ignored':
      return { kind: 'lost', text: `ignored: ${event.reason}` };
    case 'datagram.dropped':
      return { kind: 'lost', text: `dropped: ${event.reason}` };
    case 'notify.received':
      return {
        kind: 'note',
        text: `is told ${event.notify}${event.authenticated ? '' : ', unauthenticated'}`,
      };
    case 'negotiation.rule':
      return { kind: 'note', text: `uses rule "${event.rule}"` };
    case 'negotiation.agreed':
      return { kind: 'note', text: `agrees on ${event.suite}` };
    case 'negotiation.key':
      return { kind: 'note', text: event.why };
    case 'negotiation.note':
      return { kind: 'note', text: event.note };
    case 'negotiation.suspicion':
      return { kind: 'note', text: `suspects: ${event.failure.explanation}` };
    case 'negotiation.state':
      return { kind: 'state', text: stateWords(event.active) };
    case 'negotiation.ended':
      return {
        kind: 'end',
        text:
          event.failure === undefined
            ? event.outcome
            : `${event.outcome} (${event.failure.code}): ${event.failure.explanation} ${event.failure.hint}`,
      };
    default:
      return undefined;
  }
}

function messageWords({ exchange, number, payloads, encrypted, bytes }: MessageWordsOf): string {
  const which = number === 0 ? exchange : `${exchange} ${String(number)}`;
  return `${which}${encrypted ? ' *' : ' '} ${groupedPayloads(payloads).join(' ')} (${String(bytes)})`;
}

type MessageWordsOf = Extract<StampedEvent, { readonly type: 'message.sent' }>['message'];

const WHO = 10;
const ARROW = 14;

/** Lines of text. Words of a peer do nothing to a terminal: control characters are shown as what they are. */
export function ladderText({ local, remote, rungs }: Ladder): readonly string[] {
  const head = `${'ms'.padStart(10)}  ${'who'.padEnd(WHO)}  ${local}  <->  ${remote}`;
  return [head, ...rungs.map((rung) => lineOf(rung))];
}

function lineOf({ at, by, kind, text }: Rung): string {
  const stamp = `${at.toFixed(1).padStart(10)}  ${by.padEnd(WHO)}  `;
  const words = printable(text);
  switch (kind) {
    case 'out':
      return `${stamp}${'-'.repeat(ARROW - 1)}>  ${words}`;
    case 'in':
      return `${stamp}<${'-'.repeat(ARROW - 1)}  ${words}`;
    case 'lost':
      return `${stamp}x${'-'.repeat(ARROW - 1)}  ${words}`;
    case 'state':
      return `${stamp}${' '.repeat(ARROW)}  [${words}]`;
    case 'note':
      return `${stamp}${' '.repeat(ARROW)}  ${words}`;
    case 'end':
      return `${stamp}${'='.repeat(ARROW)}  ${words}`;
  }
}

export function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
