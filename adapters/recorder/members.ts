/**
 * Negotiations of a conversation, in the order in which they came, and which of them are under way; mostly a Phase 1 and a Quick
 * Mode. They hold on to each other: an array that a first one is pushed to makes room for seventeen.
 */
import type { NegotiationId } from '../../services/events/event.js';

interface Member {
  readonly id: NegotiationId;
  live: boolean;
  after: Member | undefined;
}

export class Members {
  #first: Member | undefined;
  #last: Member | undefined;
  #size = 0;
  #live = 0;

  get size(): number {
    return this.#size;
  }

  get ids(): readonly NegotiationId[] {
    const ids: NegotiationId[] = [];
    for (let one = this.#first; one !== undefined; one = one.after) ids.push(one.id);
    return ids;
  }

  /** Any is under way. */
  get live(): boolean {
    return this.#live > 0;
  }

  at(place: number): NegotiationId | undefined {
    let one = this.#first;
    for (let left = place; left > 0 && one !== undefined; left--) one = one.after;
    return one?.id;
  }

  has(id: NegotiationId): boolean {
    return this.#of(id) !== undefined;
  }

  /** It is one, from now on if not before. */
  set(id: NegotiationId, live: boolean): void {
    const member = this.#of(id);
    if (member?.live === true) this.#live -= 1;
    if (live) this.#live += 1;
    if (member === undefined) this.#append({ id, live, after: undefined });
    else member.live = live;
  }

  take(others: Members): void {
    for (let one = others.#first; one !== undefined; one = one.after) this.set(one.id, one.live);
  }

  /** The oldest that have ended, so many at most, are none any more; `kept` stay. Returns which they were. */
  shed(most: number, kept: readonly (NegotiationId | undefined)[]): readonly NegotiationId[] {
    const gone: NegotiationId[] = [];
    let one = this.#first;
    this.#first = undefined;
    this.#last = undefined;
    this.#size = 0;
    while (one !== undefined) {
      const { after } = one;
      if (gone.length < most && !one.live && !kept.includes(one.id)) gone.push(one.id);
      else this.#append(one);
      one = after;
    }
    return gone;
  }

  /** It is none from now on. It has ended. */
  remove(id: NegotiationId): void {
    const others = this.ids.filter((other) => other !== id);
    this.shed(1, others);
  }

  #append(member: Member): void {
    member.after = undefined;
    if (this.#last === undefined) this.#first = member;
    else this.#last.after = member;
    this.#last = member;
    this.#size += 1;
  }

  #of(id: NegotiationId): Member | undefined {
    for (let one = this.#first; one !== undefined; one = one.after) if (one.id === id) return one;
    return undefined;
  }
}
