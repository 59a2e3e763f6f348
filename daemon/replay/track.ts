/**
 * What one negotiation did in the recording, in order, and how far a replay of it has come. The first thing that the
 * replay does otherwise is where the two part.
 */
import type { NegotiationId } from '../../services/events/event.js';
import { formatEndpoint } from '../../services/net/address.js';
import type { Entry, Json } from '../../services/record/entry.js';
import { LEFT_OUT, REST_LEFT_OUT, sameText } from '../../services/record/values.js';

export type Effect = Extract<Entry, { kind: 'call' | 'out' | 'circumstance' }>;

export interface Parting {
  readonly by: NegotiationId;
  readonly at: number;
  /** `differs`: not the same. `missing`: the replay does nothing more. `surplus`: the recording does nothing more. */
  readonly kind: 'differs' | 'missing' | 'surplus';
  /** What was done, by the recording and by the replay. */
  readonly recorded: string;
  readonly replayed: string;
  /** Whole datagrams in hex, where it is about one. */
  readonly datagrams?: { readonly recorded: string | undefined; readonly replayed: string | undefined };
}

export class Track {
  readonly id: NegotiationId;
  readonly #effects: readonly Effect[];
  #at = 0;

  constructor(id: NegotiationId, entries: readonly Entry[]) {
    this.id = id;
    this.#effects = entries.filter(
      (entry): entry is Effect =>
        entry.by === id && (entry.kind === 'call' || entry.kind === 'out' || entry.kind === 'circumstance'),
    );
  }

  /** What the recording did here; undefined at its end. */
  get next(): Effect | undefined {
    return this.#effects[this.#at];
  }

  /** How many have been done alike. */
  get done(): number {
    return this.#at;
  }

  /** Goes on when the recording did the same. */
  call(port: string, op: string, args: readonly Json[]): Extract<Effect, { kind: 'call' }> | undefined {
    const { next } = this;
    if (next?.kind !== 'call' || next.port !== port || next.op !== op) return undefined;
    // Through JSON, because there an undefined field is none.
    if (!sameText(next.args, asText(args))) return undefined;
    this.#at += 1;
    return next;
  }

  step<K extends Effect['kind']>(
    kind: K,
    same: (next: Extract<Effect, { kind: K }>) => boolean,
  ): Extract<Effect, { kind: K }> | undefined {
    const { next } = this;
    if (!isKind(next, kind) || !same(next)) return undefined;
    this.#at += 1;
    return next;
  }
}

function isKind<K extends Effect['kind']>(
  effect: Effect | undefined,
  kind: K,
): effect is Extract<Effect, { kind: K }> {
  return effect?.kind === kind;
}

function asText(args: readonly Json[]): Json {
  const text: Json = JSON.parse(JSON.stringify(args)) as Json;
  return text;
}

/** For people: `crypto.mac(sha1, #4, 0x...)`. */
export function effectWords(effect: Effect | undefined): string {
  switch (effect?.kind) {
    case undefined:
      return 'nothing more';
    case 'out':
      return `sends ${String((effect.bytes.length - 2) / 2)} bytes to ${formatEndpoint(effect.remote)}`;
    case 'circumstance':
      return `asks whether it ${effect.which}`;
    case 'call':
      return callWords(effect.port, effect.op, effect.args);
  }
}

const LONGEST_WORD = 80;

export function callWords(port: string, op: string, args: readonly Json[]): string {
  const words = args.map((arg) => {
    const text =
      arg === LEFT_OUT || arg === REST_LEFT_OUT
        ? 'left out'
        : typeof arg === 'string'
          ? arg
          : JSON.stringify(arg);
    return text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}...` : text;
  });
  return `calls ${port}.${op}(${words.join(', ')})`;
}
