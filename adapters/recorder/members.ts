/** The negotiations of a conversation, in the order in which they came, and which of them are under way; mostly a Phase 1 and a Quick Mode. */
import type { NegotiationId } from '../../services/events/event.js';

interface Member {
  readonly id: NegotiationId;
  live: boolean;
}

export class Members {
  #list: Member[] = [];
  #live = 0;

  get size(): number {
    return this.#list.length;
  }

  get ids(): readonly NegotiationId[] {
    return this.#list.map(({ id }) => id);
  }

  /** Any is under way. */
  get live(): boolean {
    return this.#live > 0;
  }

  at(place: number): NegotiationId | undefined {
    return this.#list[place]?.id;
  }

  has(id: NegotiationId): boolean {
    return this.#of(id) !== undefined;
  }

  /** It is one, from now on if not before. */
  set(id: NegotiationId, live: boolean): void {
    const member = this.#of(id);
    if (member?.live === true) this.#live -= 1;
    if (live) this.#live += 1;
    if (member === undefined) this.#list.push({ id, live });
    else member.live = live;
  }

  take(others: Members): void {
    for (const { id, live } of others.#list) this.set(id, live);
  }

  /** The oldest that have ended, so many at most, are none any more; `kept` stay. Returns which they were. */
  shed(most: number, kept: readonly (NegotiationId | undefined)[]): readonly NegotiationId[] {
    const ended = this.#list.filter(({ id, live }) => !live && !kept.includes(id));
    const gone = new Set(ended.slice(0, most).map(({ id }) => id));
    this.#list = this.#list.filter(({ id }) => !gone.has(id));
    return [...gone];
  }

  #of(id: NegotiationId): Member | undefined {
    const list = this.#list;
    const { length } = list;
    for (let place = 0; place < length; place++) if (list[place]?.id === id) return list[place];
    return undefined;
  }
}
