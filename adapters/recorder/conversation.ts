/**
 * What is kept of one conversation with a peer: a Phase 1, the question that asked for it, and what ran under its SA.
 * Bounded: its beginning stays, because nothing behind it can be understood without, and the oldest of what came later goes.
 */
import type { NegotiationId } from '../../services/events/event.js';
import { formatEndpoint } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import type { RecordedSettings } from '../../services/ports/recorder.js';
import type { RecordView } from '../../services/record/record-view.js';
import type { Tape } from './recorded-ports.js';
import type { Note, Taken } from './taken.js';

export interface ConversationLimits {
  /** Entries that are never given up. */
  readonly head: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What an entry costs beside the bytes of a packet, about. */
const ENTRY_BYTES = 160;

export class Conversation {
  /** The first that is more than a question. */
  id: NegotiationId;
  readonly settings: RecordedSettings;
  readonly secrets: boolean;
  readonly begunAt: number;
  /** A peer has proved who it is: worth more than what anybody can begin. */
  proved = false;
  incomplete = false;
  bytes = 0;
  entries: Taken[] = [];
  readonly copies: KeyHandle[] = [];
  readonly #members = new Map<NegotiationId, 'live' | 'ended'>();
  readonly #limits: ConversationLimits;
  readonly #clock: Clock;
  readonly #keys: Keys;
  readonly #next: () => number;
  readonly #aliases = new Set<NegotiationId>();
  #ends = { local: '', remote: '' };
  #outcome = 'under way';
  #code: string | undefined;
  #running = true;

  constructor(
    id: NegotiationId,
    settings: RecordedSettings,
    world: {
      readonly clock: Clock;
      readonly keys: Keys;
      readonly limits: ConversationLimits;
      readonly secrets: boolean;
      /** Numbers entries across conversations. */
      readonly next: () => number;
    },
  ) {
    this.id = id;
    this.settings = settings;
    this.secrets = world.secrets;
    this.#limits = world.limits;
    this.#clock = world.clock;
    this.#keys = world.keys;
    this.#next = world.next;
    this.begunAt = world.clock.wallTime();
  }

  get members(): readonly NegotiationId[] {
    return [...this.#members.keys()];
  }

  get live(): boolean {
    return [...this.#members.values()].includes('live');
  }

  /** Members, and SAs that stand because of them. */
  get names(): readonly NegotiationId[] {
    return [...this.#members.keys(), ...this.#aliases];
  }

  /** An SA as it stands belongs to the negotiation that made it. */
  adopt(id: NegotiationId): void {
    this.#aliases.add(id);
  }

  join(id: NegotiationId): void {
    if (this.id.startsWith('acquire-')) this.id = id;
    this.#members.set(id, 'live');
    this.#outcome = 'under way';
  }

  note(by: NegotiationId, note: Note): void {
    if (!this.#running) return;
    this.entries.push({ ...note, sequence: this.#next(), at: this.#clock.now(), by });
    this.bytes += ENTRY_BYTES + ('bytes' in note ? note.bytes.length : 0);
    if (this.entries.length > this.#limits.entries || this.bytes > this.#limits.bytes) this.#makeRoom();
  }

  tape(by: NegotiationId): Tape {
    let numbers = 0;
    let timers = 0;
    const isRunning = (): boolean => this.#running;
    return {
      get running() {
        return isRunning();
      },
      note: (note) => {
        this.note(by, note);
      },
      nextNumber: () => (numbers += 1),
      nextTimer: () => (timers += 1),
      copyOf: (key) => {
        if (!this.secrets || !this.#running) return undefined;
        const copy = this.#keys.put(this.#keys.bytes(key));
        this.copies.push(copy);
        return copy;
      },
    };
  }

  told(event: StampedEvent & { readonly negotiation: NegotiationId }): void {
    const { negotiation: by } = event;
    if (event.type === 'negotiation.started' && this.#members.has(by)) {
      this.#ends = { local: formatEndpoint(event.local), remote: formatEndpoint(event.remote) };
    }
    if (event.type === 'negotiation.ended' && this.#members.has(by)) {
      this.#members.set(by, 'ended');
      this.#outcome = event.outcome;
      this.#code = event.failure?.code;
      if (event.outcome === 'established' || event.outcome === 'installed') this.proved = true;
    }
    this.note(by, { kind: 'event', event });
  }

  /** A question turns out to belong to this conversation. */
  take(question: Conversation): void {
    for (const [id, state] of question.#members) this.#members.set(id, state);
    this.entries = [...this.entries, ...question.entries].sort((a, b) => a.sequence - b.sequence);
    this.bytes += question.bytes;
    question.#running = false;
  }

  /** Nothing more is kept, and copies of keys are wiped. */
  close(): void {
    this.#running = false;
    this.#keys.erase(...this.copies);
    this.entries = [];
  }

  view(): RecordView {
    return {
      id: this.id,
      negotiations: this.members,
      ...this.#ends,
      outcome: this.live ? 'under way' : this.#outcome,
      code: this.live ? undefined : this.#code,
      begunAt: this.begunAt,
      entries: this.entries.length,
      bytes: this.bytes,
      secrets: this.secrets,
    };
  }

  /** In whole steps: what follows an input belongs to it. A quarter at once, so that it is done seldom. */
  #makeRoom(): void {
    this.incomplete = true;
    const { head } = this.#limits;
    let end = Math.min(head + Math.ceil(this.entries.length / 4), this.entries.length - 1);
    while (end < this.entries.length - 1 && !isStep(this.entries[end])) end += 1;
    const given = this.entries.splice(head, end - head);
    for (const entry of given) this.bytes -= ENTRY_BYTES + ('bytes' in entry ? entry.bytes.length : 0);
  }
}

function isStep(entry: Taken | undefined): boolean {
  return entry?.kind === 'in' || entry?.kind === 'begin';
}
