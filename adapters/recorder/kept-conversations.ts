/** The conversations that are kept, and who of them has to go for the latest. */
import type { Conversation } from './conversation.js';
import { type RecorderLimits, type RowLimits, RUSH_MS, RUSH_SLACK } from './limits.js';
import { Row } from './row.js';

export class KeptConversations {
  readonly #limits: RecorderLimits;
  readonly #isFailing: (conversation: Conversation) => boolean;
  readonly #forget: (conversation: Conversation) => void;
  /** In the order of their last beginning, to a second: of anybody, and of those whose peer has proved who it is. */
  readonly #unproved = new Row<Conversation>();
  readonly #proved = new Row<Conversation>();

  /** `isFailing`: its failure is about to be told. `forget` takes it out of its row, too. */
  constructor(
    limits: RecorderLimits,
    isFailing: (conversation: Conversation) => boolean,
    forget: (conversation: Conversation) => void,
  ) {
    this.#limits = limits;
    this.#isFailing = isFailing;
    this.#forget = forget;
  }

  *[Symbol.iterator](): IterableIterator<Conversation> {
    yield* this.#proved;
    yield* this.#unproved;
  }

  isAmongProved(conversation: Conversation): boolean {
    return conversation.row === this.#proved;
  }

  /** As the last of its row. */
  place(conversation: Conversation): void {
    conversation.row?.remove(conversation);
    (conversation.proved ? this.#proved : this.#unproved).add(conversation);
    conversation.placedAt = conversation.latestAt;
    this.#makeRoom(conversation);
  }

  /**
   * Something has begun in it. If it took its place a moment ago, to take it again would be work for each Quick Mode that
   * follows its Phase 1; and of a rush the next one that is placed makes room.
   */
  begun(conversation: Conversation): void {
    const { row, placedAt, latestAt } = conversation;
    if (row === undefined || latestAt - placedAt >= RUSH_MS) this.place(conversation);
    else if (this.#isTooMuch(row)) this.#makeRoom(conversation);
  }

  #makeRoom(latest: Conversation): void {
    const { row } = latest;
    if (row === undefined) return;
    // Without one that is idle, the last of its row.
    while (row.size > 1 && this.#isTooMuch(row))
      this.#forget(this.#oldestIdle(row, latest) ?? row.first ?? latest);
    const { rush } = this.#limitsOf(row);
    if (rush !== undefined && row.bytes > rush + RUSH_SLACK) this.#endRush(row, rush, latest);
  }

  #limitsOf(row: Row<Conversation>): RowLimits {
    return row === this.#proved ? this.#limits.proved : this.#limits.unproved;
  }

  /** Whether it was a rush or not. */
  #isTooMuch(row: Row<Conversation>): boolean {
    const { conversations, bytes } = this.#limitsOf(row);
    return row.size > conversations || row.bytes > bytes;
  }

  /**
   * The oldest that are idle go, if they came of late. One that waits for its Quick Mode stays: if it went, that would begin
   * another conversation.
   */
  #endRush(row: Row<Conversation>, most: number, latest: Conversation): void {
    let one = row.first;
    while (one !== undefined && row.bytes > most) {
      const { after } = one;
      if (!one.awaitsMore && this.#isIdle(one, latest)) {
        if (latest.placedAt - one.placedAt >= RUSH_MS) return;
        this.#forget(one);
      }
      one = after;
    }
  }

  #oldestIdle(row: Row<Conversation>, latest: Conversation): Conversation | undefined {
    for (let one = row.first; one !== undefined; one = one.after) if (this.#isIdle(one, latest)) return one;
    return undefined;
  }

  /** None goes that is under way while others will do, nor whose failure is about to be told. */
  #isIdle(one: Conversation, latest: Conversation): boolean {
    return one !== latest && !one.live && !this.#isFailing(one);
  }
}
