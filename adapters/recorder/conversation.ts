/** What is kept of one conversation with a peer: a Phase 1, the question that asked for it, and what ran under its SA. */
import type { Bytes } from '../../services/bytes.js';
import type { NegotiationId } from '../../services/events/event.js';
import { type Endpoint, formatEndpoint } from '../../services/net/address.js';
import { usedKeys } from '../../services/keymat/phase1-keys.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { RecordedSettings, StandingPhase1 } from '../../services/ports/recorder.js';
import type { RecordView } from '../../services/record/record-view.js';
import type { AlgorithmName } from './algorithm-names.js';
import type { ConversationWorld } from './conversation-world.js';
import type { Operation } from './operation.js';
import {
  BRIEF_BYTES,
  briefSize,
  callSize,
  EVENT_BYTES,
  KIND,
  type Kind,
  NO_NUMBER,
  type OutcomeKind,
  type Piece,
} from './piece.js';
import { MOST_MESSAGE_IDS, MOST_NAMES } from './limits.js';
import { Members } from './members.js';
import { Reel } from './reel.js';
import type { InRow, Row } from './row.js';
import { type PacketKind, Tape } from './tape.js';
import type { RareNote, Taken } from './taken.js';

const NOTHING: readonly never[] = [];
const NONE = undefined;

export class Conversation implements InRow<Conversation> {
  /** The first that is more than a question. */
  id: NegotiationId;
  readonly settings: RecordedSettings;
  readonly secrets: boolean;
  readonly begunAt: number;
  /** A peer has proved who it is: worth more than what anybody can begin. */
  proved = false;
  /** Of keys; most conversations have none. */
  #copies: Set<KeyHandle> | undefined;
  /** When it last took its place among the others, `Clock.now()`. */
  placedAt = 0;
  /** The row it is in, what that has counted, and those beside it there: the row's to set. */
  counted = 0;
  row: Row<Conversation> | undefined;
  before: Conversation | undefined;
  after: Conversation | undefined;
  readonly #members = new Members();
  readonly #reel: Reel;
  /** The reel's latest: known here, too, as there is one thing less to look at for each entry then. */
  #piece: Piece | undefined;
  /** Of questions that turned out to belong to it. */
  #taken: readonly Reel[] = NOTHING;
  readonly #world: ConversationWorld;
  /** SAs that stand, in the order in which they were made. */
  readonly #aliases = new Members();
  #at: number;
  #ends: { readonly local: Endpoint; readonly remote: Endpoint } | undefined;
  #outcome = 'under way';
  #code: string | undefined;
  #running = true;
  /** The Phase 1 that stood when this began; undefined where its exchange is in it. */
  #stood: NegotiationId | undefined;

  constructor(id: NegotiationId, settings: RecordedSettings, secrets: boolean, world: ConversationWorld) {
    this.id = id;
    this.settings = settings;
    this.secrets = secrets;
    this.#reel = secrets
      ? new Reel(world.limits, world.blanks, (gone) => {
          this.#wipe(gone);
        })
      : new Reel(world.limits, world.blanks);
    this.#world = world;
    this.begunAt = world.clock.wallTime();
    this.#at = world.clock.thisTurn();
  }

  get members(): readonly NegotiationId[] {
    return this.#members.ids;
  }

  /** Whether there is nothing in it yet but an SA that stands. */
  get isBlank(): boolean {
    return this.id === this.#stood;
  }

  get incomplete(): boolean {
    return this.#reels.some((reel) => reel.incomplete);
  }

  /** About what it takes of memory. */
  get bytes(): number {
    let bytes = this.#reel.bytes;
    for (const reel of this.#taken) bytes += reel.bytes;
    return bytes;
  }

  /** Something is kept of what happens. */
  get running(): boolean {
    return this.#running;
  }

  /** Of the latest entry, `Clock.now()`. */
  get latestAt(): number {
    return this.#at;
  }

  /** In the order in which it happened. */
  entries(): readonly Taken[] {
    const entries = this.#reels.flatMap((reel) => reel.read());
    return this.#taken.length === 0 ? entries : entries.sort((a, b) => a.sequence - b.sequence);
  }

  get live(): boolean {
    return this.#members.live;
  }

  /** A Phase 1 stands, and nothing was made under it yet. */
  get awaitsMore(): boolean {
    return this.#outcome === 'established';
  }

  has(member: NegotiationId): boolean {
    return this.#members.has(member);
  }

  /** Of members, and of SAs that stand because of them: from 0, undefined behind the last. */
  nameAt(place: number): NegotiationId | undefined {
    const { size } = this.#members;
    return place < size ? this.#members.at(place) : this.#aliases.at(place - size);
  }

  /** An SA as it stands belongs to the negotiation that made it: what is sent on its behalf is kept, and no more. As `shed`. */
  adopt(id: NegotiationId): readonly NegotiationId[] {
    this.#aliases.set(id, false);
    return this.shed();
  }

  /** It belongs to another one from now on. */
  disown(id: NegotiationId): void {
    this.#aliases.remove(id);
  }

  hasAdopted(id: NegotiationId): boolean {
    return this.#aliases.has(id);
  }

  /** Names that are too many for it: of what ended, and of SAs as they stand, the oldest. */
  shed(): readonly NegotiationId[] {
    const surplus = Math.max(0, this.#members.size - MOST_NAMES);
    const standing = Math.max(0, this.#aliases.size - MOST_NAMES);
    if (surplus === 0 && standing === 0) return NOTHING;
    const gone = this.#members.shed(surplus, [this.id, this.#stood]);
    return [...gone, ...this.#aliases.shed(standing, NOTHING)];
  }

  join(id: NegotiationId): void {
    if (this.id.startsWith('acquire-') || this.isBlank) this.id = id;
    this.#members.set(id, true);
    this.#outcome = 'under way';
  }

  /** It begins under an SA that stands, with what of it a replay needs. */
  stand(phase1: StandingPhase1): void {
    const { id, standing, sa, createdAt, begunAt, madeAt, softAt, confirmedAt, heardAt } = phase1;
    this.#stood = id;
    this.#members.set(id, false);
    this.adopt(standing);
    this.#ends = sa;
    this.#outcome = 'stands';
    const copies = usedKeys(sa.keys).map((key) => this.copyOf(key));
    this.note(id, {
      kind: 'stands',
      phase1: {
        ...{ id, standing, sa, createdAt, begunAt, madeAt, softAt, confirmedAt, heardAt },
        messageIds: [...phase1.messageIds].slice(-MOST_MESSAGE_IDS),
      },
      copies: copies.filter((copy) => copy !== undefined),
    });
  }

  // What happens; as `Recorded`

  passed(kind: PacketKind, by: NegotiationId, local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    if (!this.#running) return;
    const { clock } = this.#world;
    // It came before its turn began, and goes when all that led to it is computed.
    const at = kind === KIND.in ? clock.thisTurn() : clock.now();
    this.#at = at;
    const piece = this.#room(briefSize(bytes, NONE, NONE));
    const { contents } = piece;
    const from = contents.localOf(local);
    const to = contents.remoteOf(remote);
    piece.brief(kind, 0, this.#world.next(), at, by, NONE, from, to, NO_NUMBER, bytes, NONE, NONE);
  }

  brief(
    by: NegotiationId,
    op: Operation,
    name: AlgorithmName | undefined,
    first: number,
    second: number,
    third: number,
    one: Bytes | undefined,
    two: Bytes | undefined,
    three: Bytes | undefined,
  ): void {
    if (!this.#running) return;
    const piece = this.#room(briefSize(one, two, three));
    const sequence = this.#world.next();
    piece.brief(KIND.brief, op, sequence, this.#at, by, name, first, second, third, one, two, three);
  }

  kept(
    by: NegotiationId,
    op: Operation,
    args: readonly unknown[],
    value: unknown,
    made: KeyHandle | undefined,
  ): void {
    const secret = made === undefined ? undefined : this.copyOf(made);
    this.#keep(KIND.kept, by, op, args, value, secret);
  }

  refused(by: NegotiationId, op: Operation, args: readonly unknown[], error: unknown): void {
    this.#keep(KIND.refused, by, op, args, error, undefined);
  }

  #keep(
    kind: Kind,
    by: NegotiationId,
    op: Operation,
    args: readonly unknown[],
    came: unknown,
    secret: KeyHandle | undefined,
  ): void {
    if (!this.#running) return;
    const piece = this.#room(BRIEF_BYTES);
    const asked = piece.object(args);
    const answered = piece.object(came);
    const copy = secret === undefined ? NO_NUMBER : piece.contents.secrets.push(secret) - 1;
    // It stays the same piece, whatever the objects weigh: there is room for this entry.
    piece.brief(kind, op, this.#world.next(), this.#at, by, NONE, asked, answered, copy, NONE, NONE, NONE);
  }

  /** What is asked of a port happens when that happened which made the negotiation ask. */
  called(
    by: NegotiationId,
    op: Operation,
    args: readonly unknown[],
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    made: KeyHandle | undefined,
  ): void {
    if (!this.#running) return;
    const secret = made === undefined ? undefined : this.copyOf(made);
    const piece = this.#begin(KIND.call, callSize(args, outcome), this.#at, by);
    piece.call(op, args, kind, outcome, number, secret);
  }

  done(
    by: NegotiationId,
    op: Operation,
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    made: KeyHandle | undefined,
  ): void {
    if (!this.#running) return;
    const secret = made === undefined ? undefined : this.copyOf(made);
    const piece = this.#begin(KIND.done, callSize(NOTHING, outcome), this.#world.clock.now(), by);
    piece.done(op, kind, outcome, number, secret);
  }

  wentOff(by: NegotiationId, timer: number): void {
    if (!this.#running) return;
    this.#at = this.#world.clock.now();
    const piece = this.#room(BRIEF_BYTES);
    const sequence = this.#world.next();
    piece.brief(KIND.timer, 0, sequence, this.#at, by, NONE, timer, NO_NUMBER, NO_NUMBER, NONE, NONE, NONE);
  }

  note(by: NegotiationId, note: RareNote): void {
    this.#note(by, this.#world.clock.thisTurn(), note);
  }

  /** What was told of nobody, and means `by`. */
  event(by: NegotiationId, event: StampedEvent): void {
    this.#note(by, event.at, { kind: 'event', event });
  }

  #note(by: NegotiationId, at: number, note: RareNote): void {
    if (!this.#running) return;
    this.#at = at;
    const piece = this.#room(BRIEF_BYTES);
    const place = piece.rare(note);
    const sequence = this.#world.next();
    piece.brief(KIND.rare, 0, sequence, at, by, NONE, place, NO_NUMBER, NO_NUMBER, NONE, NONE, NONE);
    this.row?.weigh(this);
  }

  #begin(kind: Kind, size: number, at: number, by: NegotiationId): Piece {
    this.#at = at;
    const piece = this.#room(size);
    piece.head(kind, this.#world.next(), at, by);
    return piece;
  }

  #room(size: number): Piece {
    const piece = this.#piece;
    return piece?.has(size) === true ? piece : this.#append(size);
  }

  #append(size: number): Piece {
    const piece = this.#reel.append(size);
    this.#piece = piece;
    this.row?.weigh(this);
    return piece;
  }

  tape(by: NegotiationId): Tape {
    return new Tape(this, by);
  }

  /** A copy of a key; undefined in a recording without secrets. */
  copyOf(key: KeyHandle): KeyHandle | undefined {
    if (!this.secrets || !this.#running) return undefined;
    const copy = this.#world.keys.put(this.#world.keys.bytes(key));
    this.#copies ??= new Set();
    this.#copies.add(copy);
    return copy;
  }

  #wipe(copies: readonly KeyHandle[]): void {
    this.#world.keys.erase(...copies);
    for (const copy of copies) this.#copies?.delete(copy);
  }

  started(event: Extract<StampedEvent, { type: 'negotiation.started' }>): void {
    if (this.has(event.negotiation)) this.#ends = event;
  }

  ended({ negotiation, outcome, failure }: Extract<StampedEvent, { type: 'negotiation.ended' }>): void {
    if (!this.has(negotiation)) return;
    this.#members.set(negotiation, false);
    this.#outcome = outcome;
    this.#code = failure?.code;
    if (outcome === 'established' || outcome === 'installed') this.proved = true;
  }

  /** The event says itself of whom it is. */
  tell(event: StampedEvent): void {
    if (!this.#running) return;
    this.#at = event.at;
    this.#room(EVENT_BYTES).tell(event, this.#world.next());
  }

  /** A question turns out to belong to this conversation. */
  take(question: Conversation): void {
    this.#members.take(question.#members);
    this.#taken = [...this.#taken, ...question.#reels];
    question.#running = false;
  }

  /** Nothing more is kept, and copies of keys are wiped. */
  close(): void {
    this.#running = false;
    if (this.#copies !== undefined) this.#wipe([...this.#copies]);
    this.#reel.clear();
    this.#piece = undefined;
    for (const reel of this.#taken) reel.clear();
  }

  view(): RecordView {
    return {
      id: this.id,
      negotiations: this.members,
      local: this.#ends === undefined ? '' : formatEndpoint(this.#ends.local),
      remote: this.#ends === undefined ? '' : formatEndpoint(this.#ends.remote),
      outcome: this.live ? 'under way' : this.#outcome,
      code: this.live ? undefined : this.#code,
      begunAt: this.begunAt,
      entries: this.#reels.reduce((sum, reel) => sum + reel.entries, 0),
      bytes: this.bytes,
      secrets: this.secrets,
    };
  }

  get #reels(): readonly Reel[] {
    return [this.#reel, ...this.#taken];
  }
}
