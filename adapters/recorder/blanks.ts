/**
 * Pieces of recordings that were given up, to be written over: where handshakes follow each other, what the oldest leaves
 * is room for the latest, and the garbage collector has nothing to do with it. There
 * are as many as were in use at once, which the limits of the recorder bound.
 */
import { Memory, Piece, PIECE_BYTES } from './piece.js';

/** Pieces of one memory, whose views are then in the processor's caches whoever writes. */
const TOGETHER = 16;

export class Blanks {
  #pieces: Piece[] = [];

  /** An empty piece of `length` bytes at least. */
  take(length: number): Piece {
    if (length > PIECE_BYTES) return new Piece(new Memory(length), 0, length);
    const blank = this.#pieces.pop() ?? this.#more();
    blank.begin();
    return blank;
  }

  /** The latest is the first to be taken again, while it is in the caches. */
  give(piece: Piece): void {
    piece.forget();
    if (piece.length === PIECE_BYTES) this.#pieces.push(piece);
  }

  clear(): void {
    this.#pieces = [];
  }

  #more(): Piece {
    const memory = new Memory(PIECE_BYTES * TOGETHER);
    const piece = (n: number): Piece => new Piece(memory, n * PIECE_BYTES, PIECE_BYTES);
    for (let n = TOGETHER - 1; n > 0; n--) this.#pieces.push(piece(n));
    return piece(0);
  }
}
