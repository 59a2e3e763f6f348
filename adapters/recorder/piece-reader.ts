/** The entries of a piece, as they were written into it. */
import type { Bytes } from '../../services/bytes.js';
import type { Endpoint } from '../../services/net/address.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { ALGORITHM_NAMES } from './algorithm-names.js';
import { type Brief, callOf } from './brief-call.js';
import type { Contents } from './contents.js';
import { OPERATIONS, type OperationOf } from './operation.js';
import { KIND, LENGTH, OUTCOME, type Piece, TAG, WHAT } from './piece.js';
import type { Note, RareNote, Taken, TakenOutcome } from './taken.js';

const NOT_AS_WRITTEN = 'a piece of a recording is not as it was written';

export class PieceReader {
  readonly #piece: Piece;
  readonly #contents: Contents;
  #at: number;
  /** Of the entry that is being read. */
  #op = 0;
  #named = 0;

  constructor(piece: Piece) {
    this.#piece = piece;
    this.#at = piece.start;
    this.#contents = piece.contents;
  }

  /** In the order in which it happened. */
  all(): readonly Taken[] {
    const taken: Taken[] = [];
    while (this.#at < this.#piece.end) taken.push(this.#entry());
    return taken;
  }

  #entry(): Taken {
    const what = this.#double();
    const sequence = this.#double();
    const kind = what % WHAT.op;
    this.#op = Math.floor(what / WHAT.op) % (WHAT.owner / WHAT.op);
    this.#named = Math.floor(what / WHAT.name);
    if (kind === KIND.event) return this.#event(sequence);
    const at = this.#double();
    const by = there(this.#contents.names[Math.floor(what / WHAT.owner) % (WHAT.name / WHAT.owner)]);
    const note = this.#note(kind);
    this.#at = Math.ceil(this.#at / 8) * 8;
    return { ...note, sequence, at, by };
  }

  #event(sequence: number): Taken {
    const event = this.#contents.things[this.#named];
    if (!isEvent(event)) throw new Error(NOT_AS_WRITTEN);
    const by = 'negotiation' in event ? (event.negotiation ?? '') : '';
    return { kind: 'event', event, sequence, at: event.at, by };
  }

  #note(kind: number): Note {
    switch (kind) {
      case KIND.in:
        return { kind: 'in', ...this.#datagram() };
      case KIND.out:
        return { kind: 'out', ...this.#datagram() };
      case KIND.brief: {
        const { op, ...values } = this.#brief();
        const call = there(callOf(there(OPERATIONS[op]), values));
        return { kind: 'call', ...call, number: undefined, secret: undefined };
      }
      case KIND.kept:
      case KIND.refused:
        return this.#kept(kind === KIND.refused);
      case KIND.call: {
        const { port, op } = this.#operation();
        const args = Array.from({ length: this.#count() }, () => this.#value());
        const { number, secret, outcome } = this.#ending();
        return { kind: 'call', port, op, args, outcome, number: number === 0 ? undefined : number, secret };
      }
      case KIND.done: {
        const { port, op } = this.#operation();
        const { number, secret, outcome } = this.#ending();
        return { kind: 'done', port, op, number, outcome: there(outcome), secret };
      }
      case KIND.timer:
        return { kind: 'timer', number: this.#brief().first };
      default: {
        const note = this.#contents.things[this.#brief().first];
        if (!isRareNote(note)) throw new Error(NOT_AS_WRITTEN);
        return note;
      }
    }
  }

  #datagram(): { readonly local: Endpoint; readonly remote: Endpoint; readonly bytes: Bytes } {
    const { first, second, one } = this.#brief();
    return { local: this.#endpoint(first), remote: this.#endpoint(second), bytes: there(one) };
  }

  #endpoint(place: number): Endpoint {
    const endpoint = this.#contents.things[place];
    if (!isEndpoint(endpoint)) throw new Error(NOT_AS_WRITTEN);
    return endpoint;
  }

  #kept(refused: boolean): Note {
    const { things, secrets } = this.#contents;
    const { op, first, second, third } = this.#brief();
    const args = things[first];
    if (!Array.isArray(args)) throw new Error(NOT_AS_WRITTEN);
    const came = things[second];
    return {
      kind: 'call',
      ...there(OPERATIONS[op]),
      args,
      outcome: refused ? { error: came } : { value: came },
      number: undefined,
      secret: Number.isNaN(third) ? undefined : secrets[third],
    };
  }

  #brief(): Brief & { readonly op: number } {
    const [first, second, third, lengths] = [this.#double(), this.#double(), this.#double(), this.#double()];
    const one = this.#someBytes(lengths % LENGTH.two);
    const two = this.#someBytes(Math.floor(lengths / LENGTH.two) % (LENGTH.three / LENGTH.two));
    const three = this.#someBytes(Math.floor(lengths / LENGTH.three));
    const name = this.#named === 0 ? undefined : there(ALGORITHM_NAMES[this.#named - 1]);
    return { op: this.#op, name, first, second, third, one, two, three };
  }

  /** 0: it is absent; else one more than its length. */
  #someBytes(lengthOrNone: number): Bytes | undefined {
    return lengthOrNone === 0 ? undefined : this.#cut(lengthOrNone - 1);
  }

  #operation(): OperationOf {
    return there(OPERATIONS[this.#byte()]);
  }

  #ending(): {
    readonly number: number;
    readonly secret: KeyHandle | undefined;
    readonly outcome: TakenOutcome | undefined;
  } {
    const [number, secret, kind] = [this.#count(), this.#count(), this.#byte()];
    return {
      number,
      secret: secret === 0 ? undefined : this.#contents.secrets[secret - 1],
      outcome: this.#outcome(kind),
    };
  }

  #outcome(kind: number): TakenOutcome | undefined {
    if (kind === OUTCOME.none) return undefined;
    return kind === OUTCOME.error ? { error: this.#value() } : { value: this.#value() };
  }

  #value(): unknown {
    switch (this.#byte()) {
      case TAG.undefined:
        return undefined;
      case TAG.true:
        return true;
      case TAG.false:
        return false;
      case TAG.count:
        return this.#count();
      case TAG.name:
        return this.#name();
      case TAG.bytes:
        return this.#bytes();
      case TAG.list:
        return Array.from({ length: this.#count() }, () => this.#value());
      case TAG.number:
        return this.#unalignedDouble();
      default:
        return this.#contents.things[this.#count()];
    }
  }

  #bytes(): Bytes {
    return this.#cut(this.#count());
  }

  #cut(length: number): Bytes {
    const from = this.#at;
    this.#at += length;
    return this.#piece.bytes.slice(from, from + length);
  }

  #name(): string {
    return there(this.#contents.names[this.#count()]);
  }

  #byte(): number {
    this.#at += 1;
    return this.#piece.view.getUint8(this.#at - 1);
  }

  #count(): number {
    this.#at += 4;
    return this.#piece.view.getUint32(this.#at - 4);
  }

  /** Of a head or a brief entry, whose doubles stand where doubles may. */
  #double(): number {
    this.#at += 8;
    return this.#piece.doubles[this.#at / 8 - 1] ?? NaN;
  }

  #unalignedDouble(): number {
    this.#at += 8;
    return this.#piece.view.getFloat64(this.#at - 8);
  }
}

function isEvent(thing: unknown): thing is StampedEvent {
  return typeof thing === 'object' && thing !== null && 'sequence' in thing && 'type' in thing;
}

function isEndpoint(thing: unknown): thing is Endpoint {
  return typeof thing === 'object' && thing !== null && 'address' in thing && 'port' in thing;
}

function isRareNote(thing: unknown): thing is RareNote {
  return typeof thing === 'object' && thing !== null && 'kind' in thing;
}

/** What was written is there. */
function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error(NOT_AS_WRITTEN);
  return value;
}
