/** What is kept of one conversation with a peer: a Phase 1, the question that asked for it, and what ran under its SA. */
import type { NegotiationId } from '../../services/events/event.js';
import { type Endpoint, formatEndpoint } from '../../services/net/address.js';
import { usedKeys } from '../../services/keymat/phase1-keys.js';
import type { Clock } from '../../services/ports/clock.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import type { RecordedSettings, StandingPhase1 } from '../../services/ports/recorder.js';
import type { RecordView } from '../../services/record/record-view.js';
import type { Blanks } from './blanks.js';
import { Reel, type ReelLimits } from './reel.js';
import { Tape } from './tape.js';
import type { Note, Taken } from './taken.js';

/** Under one Phase 1 SA there may be any number of Quick Modes, one after the other. */
const MOST_NAMES = 64;
const NONE: readonly NegotiationId[] = [];
/** A message ID that comes again does so soon. */
const MOST_MESSAGE_IDS = 64;

export class Conversation {
  /** The first that is more than a question. */
  id: NegotiationId;
  readonly settings: RecordedSettings;
  readonly secrets: boolean;
  readonly begunAt: number;
  /** A peer has proved who it is: worth more than what anybody can begin. */
  proved = false;
  readonly copies: KeyHandle[] = [];
  /** What those in the same row take together; it grows with this one. */
  row = { bytes: 0 };
  readonly #members = new Map<NegotiationId, 'live' | 'ended'>();
  readonly #reel: Reel;
  /** Of questions that turned out to belong to it. */
  readonly #taken: Reel[] = [];
  readonly #clock: Clock;
  readonly #keys: Keys;
  readonly #next: () => number;
  readonly #aliases = new Set<NegotiationId>();
  #live = 0;
  #ends: { readonly local: Endpoint; readonly remote: Endpoint } | undefined;
  #outcome = 'under way';
  #code: string | undefined;
  #running = true;
  /** The Phase 1 that stood when this began; undefined where its exchange is in it. */
  #stood: NegotiationId | undefined;

  constructor(
    id: NegotiationId,
    settings: RecordedSettings,
    world: {
      readonly clock: Clock;
      readonly keys: Keys;
      readonly limits: ReelLimits;
      readonly blanks: Blanks;
      readonly secrets: boolean;
      /** Numbers entries across conversations. */
      readonly next: () => number;
    },
  ) {
    this.id = id;
    this.settings = settings;
    this.secrets = world.secrets;
    this.#reel = new Reel(world.limits, world.blanks);
    this.#clock = world.clock;
    this.#keys = world.keys;
    this.#next = world.next;
    this.begunAt = world.clock.wallTime();
  }

  get members(): readonly NegotiationId[] {
    return [...this.#members.keys()];
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

  /** In the order in which it happened. */
  entries(): readonly Taken[] {
    const entries = this.#reels.flatMap((reel) => reel.read());
    return this.#taken.length === 0 ? entries : entries.sort((a, b) => a.sequence - b.sequence);
  }

  get live(): boolean {
    return this.#live > 0;
  }

  has(member: NegotiationId): boolean {
    return this.#members.has(member);
  }

  /** Members, and SAs that stand because of them. */
  get names(): readonly NegotiationId[] {
    return [...this.#members.keys(), ...this.#aliases];
  }

  /** An SA as it stands belongs to the negotiation that made it. */
  adopt(id: NegotiationId): void {
    this.#aliases.add(id);
  }

  /** Names that are too many for it: of what ended, and of SAs as they stand, the oldest. */
  shed(): readonly NegotiationId[] {
    if (this.#members.size <= MOST_NAMES && this.#aliases.size <= MOST_NAMES) return NONE;
    const ended = [...this.#members].flatMap(([id, state]) =>
      state === 'ended' && id !== this.id && id !== this.#stood ? [id] : [],
    );
    const aliases = [...this.#aliases];
    const shed = [
      ...ended.slice(0, Math.max(0, this.#members.size - MOST_NAMES)),
      ...aliases.slice(0, Math.max(0, aliases.length - MOST_NAMES)),
    ];
    for (const id of shed) {
      this.#members.delete(id);
      this.#aliases.delete(id);
    }
    return shed;
  }

  join(id: NegotiationId): void {
    if (this.id.startsWith('acquire-') || this.isBlank) this.id = id;
    this.#is(id, 'live');
    this.#outcome = 'under way';
  }

  /** It begins under an SA that stands, with what of it a replay needs. */
  stand(phase1: StandingPhase1): void {
    const { id, standing, sa, createdAt, begunAt, madeAt, softAt, confirmedAt, heardAt } = phase1;
    this.#stood = id;
    this.#is(id, 'ended');
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

  note(by: NegotiationId, note: Note): void {
    if (this.#running) this.#write(this.#clock.now(), by, note);
  }

  #write(at: number, by: NegotiationId, note: Note): void {
    const before = this.#reel.bytes;
    this.#reel.write(this.#next(), at, by, note);
    this.row.bytes += this.#reel.bytes - before;
  }

  tape(by: NegotiationId): Tape {
    return new Tape(this, by);
  }

  /** A copy of a key; undefined in a recording without secrets. */
  copyOf(key: KeyHandle): KeyHandle | undefined {
    if (!this.secrets || !this.#running) return undefined;
    const copy = this.#keys.put(this.#keys.bytes(key));
    this.copies.push(copy);
    return copy;
  }

  told(by: NegotiationId, event: StampedEvent): void {
    if (event.type === 'negotiation.started' && this.#members.has(by)) this.#ends = event;
    if (event.type === 'negotiation.ended' && this.#members.has(by)) {
      this.#is(by, 'ended');
      this.#outcome = event.outcome;
      this.#code = event.failure?.code;
      if (event.outcome === 'established' || event.outcome === 'installed') this.proved = true;
    }
    if (this.#running) this.#write(event.at, by, { kind: 'event', event });
  }

  /** A question turns out to belong to this conversation. */
  take(question: Conversation): void {
    for (const [id, state] of question.#members) this.#is(id, state);
    this.#taken.push(...question.#reels);
    question.#running = false;
  }

  /** Nothing more is kept, and copies of keys are wiped. */
  close(): void {
    this.#running = false;
    this.#keys.erase(...this.copies);
    for (const reel of this.#reels) reel.clear();
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

  #is(member: NegotiationId, state: 'live' | 'ended'): void {
    const was = this.#members.get(member);
    if (was === 'live') this.#live -= 1;
    if (state === 'live') this.#live += 1;
    this.#members.set(member, state);
  }

  get #reels(): readonly Reel[] {
    return [this.#reel, ...this.#taken];
  }
}
