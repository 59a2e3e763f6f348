/**
 * What a conversation is kept in: entries as bytes in pieces of 4 KiB, and beside them the objects that are no bytes.
 * A handshake leaves some seventy entries with some hundred values. As objects of their own they would be moved about by
 * the garbage collector again and again, which costs more than copying their bytes once; and what they weigh is known.
 */
import type { NegotiationId } from '../../services/events/event.js';
import type { Blanks } from './blanks.js';
import { between, Contents, type Mark } from './contents.js';
import { PieceReader } from './piece-reader.js';
import { type Piece, sizeOf } from './piece.js';
import type { Note, Taken } from './taken.js';

export interface ReelLimits {
  /** Of the beginning, so many bytes are never given up: nothing behind it can be understood without. */
  readonly head: number;
  readonly bytes: number;
}

/** What an object weighs, an event for instance, and a piece with nothing in it; about. */
const OBJECT_WEIGHT = 300;
const PIECE_WEIGHT = 200;

export class Reel {
  readonly #limits: ReelLimits;
  readonly #blanks: Blanks;
  readonly #pieces: Piece[] = [];
  #contents = new Contents();
  #last: Piece | undefined;
  /** Before this piece some are missing. */
  #gap: Piece | undefined;
  #entries = 0;
  /** Of the pieces. */
  #length = 0;

  constructor(limits: ReelLimits, blanks: Blanks) {
    this.#limits = limits;
    this.#blanks = blanks;
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
    return this.#length + this.#contents.count * OBJECT_WEIGHT;
  }

  /** Returns by how much it has grown. */
  write(sequence: number, at: number, by: NegotiationId, note: Note): number {
    const before = this.bytes;
    this.#entries += 1;
    if (this.#last?.write(this.#contents, sequence, at, by, note) !== true)
      this.#begin(sizeOf(note)).write(this.#contents, sequence, at, by, note);
    return this.bytes - before;
  }

  #begin(size: number): Piece {
    const piece = this.#blanks.take(size);
    piece.begunAt = this.#contents.mark();
    this.#pieces.push(piece);
    this.#last = piece;
    this.#length += PIECE_WEIGHT + piece.bytes.length;
    while (this.bytes > this.#limits.bytes && this.#giveUp());
    return piece;
  }

  read(): readonly Taken[] {
    return this.#pieces.flatMap((piece) => {
      const taken = new PieceReader(piece, this.#contents).all();
      // What follows an input belongs to it.
      return piece === this.#gap ? taken.slice(Math.max(0, taken.findIndex(isStep))) : taken;
    });
  }

  clear(): void {
    for (const piece of this.#pieces) this.#blanks.give(piece);
    this.#pieces.length = 0;
    this.#last = undefined;
    this.#entries = 0;
    this.#length = 0;
    this.#contents = new Contents();
  }

  /** The oldest that is not of the beginning, nor the latest; whether there was one. */
  #giveUp(): boolean {
    let [index, head] = [0, 0];
    while (index < this.#pieces.length && head < this.#limits.head) {
      head += this.#weightOf(index);
      index += 1;
    }
    const given = this.#pieces[index];
    const next = this.#pieces[index + 1];
    if (given === undefined || next === undefined) return false;
    this.#contents.giveUp(given.begunAt, next.begunAt);
    this.#pieces.splice(index, 1);
    this.#entries -= given.entries;
    this.#length -= PIECE_WEIGHT + given.bytes.length;
    this.#blanks.give(given);
    this.#gap = next;
    return true;
  }

  /** With the objects that came while it was the last. */
  #weightOf(index: number): number {
    const piece = this.#pieces[index];
    if (piece === undefined) return 0;
    const end: Mark = this.#pieces[index + 1]?.begunAt ?? this.#contents.mark();
    return PIECE_WEIGHT + piece.bytes.length + between(piece.begunAt, end) * OBJECT_WEIGHT;
  }
}

function isStep({ kind }: Taken): boolean {
  return kind === 'in' || kind === 'begin';
}
