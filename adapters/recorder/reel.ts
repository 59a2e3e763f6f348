/**
 * What a conversation is kept in: entries as bytes in pieces of 4 KiB, beside each piece the objects that are no bytes.
 * A handshake leaves some seventy entries with some hundred values. As objects of their own they would be moved about by
 * the garbage collector again and again, which costs more than copying their bytes once; and what they weigh is known.
 */
import type { NegotiationId } from '../../services/events/event.js';
import { PieceReader } from './piece-reader.js';
import { Piece } from './piece.js';
import type { Note, Taken } from './taken.js';

export interface ReelLimits {
  /** Of the beginning, so many bytes are never given up: nothing behind it can be understood without. */
  readonly head: number;
  readonly bytes: number;
}

export class Reel {
  readonly #limits: ReelLimits;
  readonly #pieces: Piece[] = [];
  /** Before this piece some are missing. */
  #gap: Piece | undefined;
  #entries = 0;
  #closed = 0;

  constructor(limits: ReelLimits) {
    this.#limits = limits;
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
    return this.#closed + (this.#pieces.at(-1)?.weight ?? 0);
  }

  write(sequence: number, at: number, by: NegotiationId, note: Note): void {
    const last = this.#pieces.at(-1);
    if (last?.write(sequence, at, by, note) !== true) {
      this.#closed += last?.weight ?? 0;
      const next = new Piece(note);
      next.write(sequence, at, by, note);
      this.#pieces.push(next);
      while (this.bytes > this.#limits.bytes && this.#giveUp());
    }
    this.#entries += 1;
  }

  read(): readonly Taken[] {
    return this.#pieces.flatMap((piece) => {
      const taken = new PieceReader(piece).all();
      // What follows an input belongs to it.
      return piece === this.#gap ? taken.slice(Math.max(0, taken.findIndex(isStep))) : taken;
    });
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#entries = 0;
    this.#closed = 0;
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
    this.#closed -= given.weight;
    this.#gap = next;
    return true;
  }
}

function isStep({ kind }: Taken): boolean {
  return kind === 'in' || kind === 'begin';
}
