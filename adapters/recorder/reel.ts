/**
 * What a conversation is kept in: entries as bytes in pieces of 8 KiB, into which a usual
 * handshake goes whole, and beside them the objects that are no bytes.
 * A handshake leaves some seventy entries with some hundred values. As objects of their own they would be moved about by
 * the garbage collector again and again, which costs more than copying their bytes once; and what they weigh is known.
 */
import type { KeyHandle } from '../../services/ports/keys.js';
import type { Blanks } from './blanks.js';
import { PieceReader } from './piece-reader.js';
import { MOST_GROWTH, type Piece } from './piece.js';
import type { Taken } from './taken.js';

export interface ReelLimits {
  /** Of the beginning, so many bytes are never given up: nothing behind it can be understood without. */
  readonly head: number;
  readonly bytes: number;
}

const NO_PIECES: readonly Piece[] = [];

export class Reel {
  readonly #limits: ReelLimits;
  readonly #blanks: Blanks;
  readonly #givenUp: (secrets: readonly KeyHandle[]) => void;
  #pieces: readonly Piece[] = NO_PIECES;
  #last: Piece | undefined;
  /** What those before it take of memory, about. */
  #before = 0;
  /** Before this piece some are missing. */
  #gap: Piece | undefined;

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
    return this.#pieces.reduce((sum, { entries }) => sum + entries, 0);
  }

  /** About what it takes of memory. */
  get bytes(): number {
    return this.#last === undefined ? 0 : this.#before + this.#last.weight;
  }

  /** A piece that has room for an entry of `size` bytes at most. What follows is written into it as long as it has room. */
  append(size: number): Piece {
    this.#before = this.bytes;
    const piece = this.#blanks.take(size);
    // An array that a first one is pushed to makes room for seventeen.
    this.#pieces = this.#pieces.length === 0 ? [piece] : [...this.#pieces, piece];
    this.#last = piece;
    while (this.bytes + MOST_GROWTH > this.#limits.bytes && this.#giveUp());
    return piece;
  }

  read(): readonly Taken[] {
    return this.#pieces.flatMap((piece) => {
      const taken = new PieceReader(piece).all();
      // What follows an input belongs to it.
      return piece === this.#gap ? taken.slice(Math.max(0, taken.findIndex(isStep))) : taken;
    });
  }

  clear(): void {
    for (let at = this.#pieces.length - 1; at >= 0; at--) {
      const piece = this.#pieces[at];
      if (piece !== undefined) this.#blanks.give(piece);
    }
    this.#pieces = NO_PIECES;
    this.#last = undefined;
    this.#before = 0;
  }

  /** The oldest that is not of the beginning, nor the latest; whether there was one. */
  #giveUp(): boolean {
    let index = 0;
    let head = 0;
    while (index < this.#pieces.length && head < this.#limits.head) {
      head += this.#pieces[index]?.weight ?? 0;
      index += 1;
    }
    const given = this.#pieces[index];
    const next = this.#pieces[index + 1];
    if (given === undefined || next === undefined) return false;
    this.#pieces = this.#pieces.filter((piece) => piece !== given);
    this.#before -= given.weight;
    if (given.contents.secrets.length > 0) this.#givenUp(given.contents.secrets);
    this.#blanks.give(given);
    this.#gap = next;
    return true;
  }
}

const nothing = (): void => undefined;

function isStep({ kind }: Taken): boolean {
  return kind === 'in' || kind === 'begin';
}
