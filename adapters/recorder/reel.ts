/**
 * What a conversation is kept in: entries as bytes in pieces of 4 KiB, and beside them the objects that are no bytes.
 * A handshake leaves some seventy entries with some hundred values. As objects of their own they would be moved about by
 * the garbage collector again and again, which costs more than copying their bytes once; and what they weigh is known.
 */
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { Blanks } from './blanks.js';
import { PieceReader } from './piece-reader.js';
import type { Kind, Piece } from './piece.js';
import type { Taken } from './taken.js';

export interface ReelLimits {
  /** Of the beginning, so many bytes are never given up: nothing behind it can be understood without. */
  readonly head: number;
  readonly bytes: number;
}

export class Reel {
  readonly #limits: ReelLimits;
  readonly #blanks: Blanks;
  readonly #givenUp: (secrets: readonly KeyHandle[]) => void;
  readonly #pieces: Piece[] = [];
  #last: Piece | undefined;
  /** Of the last, as it was counted. */
  #lastWeight = 0;
  /** Before this piece some are missing. */
  #gap: Piece | undefined;
  #entries = 0;
  #bytes = 0;

  /** `givenUp` is told of copies of keys that no entry names any more. */
  constructor(
    limits: ReelLimits,
    blanks: Blanks,
    givenUp: (secrets: readonly KeyHandle[]) => void = nothing,
  ) {
    this.#limits = limits;
    this.#blanks = blanks;
    this.#givenUp = givenUp;
  }

  /** Some of it was given up. */
  get incomplete(): boolean {
    return this.#gap !== undefined;
  }

  get entries(): number {
    return this.#entries;
  }

  /** About what it takes of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Begins an entry of `size` bytes at most, which is written into the piece that this gives; then comes `settle`.
   * `sequence` numbers entries across conversations.
   */
  begin(kind: Kind, size: number, sequence: number, at: number, by: NegotiationId): Piece {
    const last = this.#last;
    const piece = last?.has(size) === true ? last : this.#append(size);
    piece.head(kind, sequence, at, by);
    this.#entries += 1;
    return piece;
  }

  /** An event of who it says it is of; then comes `settle`. */
  tell(event: StampedEvent, sequence: number): void {
    const last = this.#last;
    const piece = last?.has(0) === true ? last : this.#append(0);
    piece.tell(event, sequence);
    this.#entries += 1;
  }

  #append(size: number): Piece {
    const piece = this.#blanks.take(size);
    this.#pieces.push(piece);
    this.#last = piece;
    this.#lastWeight = 0;
    return piece;
  }

  /** An entry is complete. Returns by how much it has grown. */
  settle(): number {
    const before = this.#bytes;
    const weight = this.#last?.weight ?? 0;
    if (weight === this.#lastWeight) return 0;
    this.#bytes += weight - this.#lastWeight;
    this.#lastWeight = weight;
    while (this.#bytes > this.#limits.bytes && this.#giveUp());
    return this.#bytes - before;
  }

  read(): readonly Taken[] {
    return this.#pieces.flatMap((piece) => {
      const taken = new PieceReader(piece).all();
      // What follows an input belongs to it.
      return piece === this.#gap ? taken.slice(Math.max(0, taken.findIndex(isStep))) : taken;
    });
  }

  clear(): void {
    for (const piece of this.#pieces) this.#blanks.give(piece);
    this.#pieces.length = 0;
    this.#last = undefined;
    this.#lastWeight = 0;
    this.#entries = 0;
    this.#bytes = 0;
  }

  /** The oldest that is not of the beginning, nor the latest; whether there was one. */
  #giveUp(): boolean {
    let [index, head] = [0, 0];
    while (index < this.#pieces.length && head < this.#limits.head) {
      head += this.#pieces[index]?.weight ?? 0;
      index += 1;
    }
    const given = this.#pieces[index];
    const next = this.#pieces[index + 1];
    if (given === undefined || next === undefined) return false;
    this.#pieces.splice(index, 1);
    this.#entries -= given.entries;
    this.#bytes -= given.weight;
    if (given.contents.secrets.count > 0) this.#givenUp(given.contents.secrets.all());
    this.#blanks.give(given);
    this.#gap = next;
    return true;
  }
}

const nothing = (): void => undefined;

function isStep({ kind }: Taken): boolean {
  return kind === 'in' || kind === 'begin';
}
