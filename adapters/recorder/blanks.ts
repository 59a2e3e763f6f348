/**
 * Pieces of recordings that were given up, to be written over: where handshakes follow each other, what the oldest leaves
 * is room for the latest, and the garbage collector has nothing to do with it.
 */
import { Piece, PIECE_BYTES } from './piece.js';

const MOST = 16;

export class Blanks {
  readonly #pieces: Piece[] = [];

  /** An empty piece of `length` bytes at least. */
  take(length: number): Piece {
    const blank = length <= PIECE_BYTES ? this.#pieces.pop() : undefined;
    return blank ?? new Piece(Math.max(PIECE_BYTES, length));
  }

  give(piece: Piece): void {
    if (piece.bytes.length !== PIECE_BYTES || this.#pieces.length === MOST) return;
    piece.clear();
    this.#pieces.push(piece);
  }

  clear(): void {
    this.#pieces.length = 0;
  }
}
