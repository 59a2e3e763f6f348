/** The flight recorder: what each conversation was told and said, of late, in bounded memory. */
import type { NegotiationId } from '../../services/events/event.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events, EventType, StampedEvent } from '../../services/ports/events.js';
import type { Keys } from '../../services/ports/keys.js';
import type {
  Beginning,
  Circumstance,
  NegotiationPorts,
  Question,
  RecordedSettings,
  Recorder,
  StandingPhase1,
  Withdrawal,
} from '../../services/ports/recorder.js';
import type { Datagram } from '../../services/ports/udp.js';
import type { RecordView } from '../../services/record/record-view.js';
import { Blanks } from './blanks.js';
import { Conversation } from './conversation.js';
import { portsThatSend, recordedPorts } from './recorded-ports.js';
import type { ReelLimits } from './reel.js';

export interface RecorderLimits {
  readonly conversation: ReelLimits;
  /** Conversations whose peer has proved who it is, and those of anybody. */
  readonly proved: RowLimits;
  readonly unproved: RowLimits;
}

export interface RowLimits {
  readonly conversations: number;
  readonly bytes: number;
}

/** A handshake of both phases takes some 20 KB. What failed goes to a file at once, and needs no room here. */
export const RECORDER_LIMITS: RecorderLimits = {
  conversation: { head: 48 * 1024, bytes: 192 * 1024 },
  proved: { conversations: 64, bytes: 768 * 1024 },
  unproved: { conversations: 32, bytes: 256 * 1024 },
};

export interface RecorderWorld {
  readonly clock: Clock;
  readonly keys: Keys;
  /** A conversation ended with this failure; called once all that follows from it has happened. */
  readonly failed?: (conversation: Conversation, code: string) => void;
  readonly limits?: RecorderLimits;
}

export type Recording = 'off' | 'without secrets' | 'with secrets';

export class FlightRecorder implements Recorder {
  readonly #world: RecorderWorld;
  readonly #limits: RecorderLimits;
  /** In the order of their last beginning: of anybody, and of those whose peer has proved who it is. */
  readonly #unproved = new Set<Conversation>();
  readonly #proved = new Set<Conversation>();
  readonly #weight = { unproved: { bytes: 0 }, proved: { bytes: 0 } };
  readonly #byMember = new Map<NegotiationId, Conversation>();
  readonly #ports = new Map<NegotiationId, NegotiationPorts>();
  readonly #blanks = new Blanks();
  readonly #failing = new Set<Conversation>();
  /** Whose datagram was looked at last. */
  #heardLast:
    { readonly by: NegotiationId; readonly conversation: Conversation; readonly remote: string } | undefined;
  #state: Recording;
  #sequence = 0;
  /** Who was looked up last: what is told comes several times from the same. */
  #lastId: NegotiationId | undefined;
  #last: Conversation | undefined;

  constructor(world: RecorderWorld, state: Recording = 'without secrets') {
    this.#world = world;
    this.#limits = world.limits ?? RECORDER_LIMITS;
    this.#state = state;
  }

  get state(): Recording {
    return this.#state;
  }

  /** What begins from now on is recorded so. What was recorded is forgotten when there is another state. */
  set(state: Recording): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const conversation of [...this.#unproved, ...this.#proved]) this.#forget(conversation);
    this.#blanks.clear();
  }

  // As a port

  begin(id: NegotiationId, beginning: Beginning): void {
    if (this.#state === 'off') return;
    const asked = beginning.parent === undefined ? undefined : this.#of(beginning.parent);
    const question = asked?.id === beginning.parent ? asked : undefined;
    const under = beginning.under === undefined ? undefined : this.#of(beginning.under);
    const conversation = under ?? question ?? this.#open(id, beginning.settings);
    if (under !== undefined && question !== undefined && question !== under) {
      this.#leaveRow(question);
      this.#leaveRow(under);
      under.take(question);
      for (const member of question.members) this.#belongs(member, under);
    }
    conversation.join(id);
    this.#belongs(id, conversation);
    this.#forgetNames(conversation.shed());
    this.#toEnd(conversation);
    conversation.note(id, { kind: 'begin', beginning });
  }

  portsOf(id: NegotiationId, ports: NegotiationPorts): NegotiationPorts {
    const known = this.#ports.get(id);
    if (known !== undefined) return known;
    const conversation = this.#of(id);
    if (conversation === undefined) return ports;
    const made = this.#portsIn(conversation, id, ports);
    this.#ports.set(id, made);
    return made;
  }

  /**
   * Where the Phase 1 is not kept any more, or so much was kept since that something would have to go, what comes is a
   * conversation of its own, which begins with the SA as it stands.
   */
  stands(phase1: StandingPhase1, settings: RecordedSettings): void {
    if (this.#state === 'off') return;
    const { id, standing } = phase1;
    const known = this.#of(id);
    const goesOn =
      known !== undefined && (known.live || known.isBlank || known.bytes <= this.#limits.conversation.head);
    if (goesOn) return;
    const conversation = this.#open(id, settings);
    conversation.stand(phase1);
    for (const name of [id, standing]) {
      this.#belongs(name, conversation);
      this.#ports.delete(name);
    }
    this.#toEnd(conversation);
  }

  heard(id: NegotiationId, { local, remote, bytes }: Datagram): void {
    const conversation = this.#of(id);
    if (conversation === undefined) return;
    this.#heardLast = { by: id, conversation, remote: remote.address };
    conversation.passed('in', id, local, remote, bytes);
  }

  withdrawn(id: NegotiationId, withdrawal: Withdrawal): void {
    this.#of(id)?.note(id, { kind: 'withdrawn', withdrawal });
  }

  circumstance(id: NegotiationId, which: Circumstance, now: boolean): boolean {
    this.#of(id)?.note(id, { kind: 'circumstance', which, value: now });
    return now;
  }

  async answer(id: NegotiationId, question: Question, ask: () => Promise<boolean>): Promise<boolean> {
    const value = await ask();
    this.#of(id)?.note(id, { kind: 'answer', question, value });
    return value;
  }

  /** What was told of every conversation that is kept, in no order. */
  told(): readonly StampedEvent[] {
    return [...this.#unproved, ...this.#proved].flatMap((conversation) =>
      conversation.entries().flatMap((entry) => (entry.kind === 'event' ? [entry.event] : [])),
    );
  }

  /** What was told of this negotiation, of what is kept. */
  toldOf(id: NegotiationId): readonly StampedEvent[] {
    const entries = this.#byMember.get(id)?.entries() ?? [];
    return entries.flatMap((entry) => (entry.kind === 'event' && entry.by === id ? [entry.event] : []));
  }

  // As a reader of the stream

  /** Returns the function that ends it. */
  follow(events: Events): () => void {
    return events.subscribe(
      (event) => {
        this.#read(event);
      },
      (type) => !NO_FACTS.has(type),
    );
  }

  #read(event: StampedEvent): void {
    if (this.#state === 'off') return;
    if (event.type === 'datagram.dropped') {
      const last = this.#heardLast;
      if (last?.remote === event.remote.address) last.conversation.event(last.by, event);
      return;
    }
    if (!('negotiation' in event) || event.negotiation === undefined) return;
    const { negotiation } = event;
    if (event.type === 'negotiation.started' && event.parent !== undefined) this.#adopt(event);
    const conversation = this.#of(negotiation);
    if (conversation === undefined) return;
    conversation.told(negotiation, event);
    if (event.type !== 'negotiation.ended') return;
    if (conversation.proved && this.#unproved.has(conversation)) this.#toEnd(conversation);
    if (event.failure !== undefined) this.#failed(conversation, event.failure.code);
  }

  /** What asked for it fails in the same turn, and is no failure of its own. */
  #failed(conversation: Conversation, code: string): void {
    const { failed, clock } = this.#world;
    if (failed === undefined || this.#failing.has(conversation)) return;
    this.#failing.add(conversation);
    clock.setTimeout(() => {
      if (this.#failing.delete(conversation) && !conversation.live) failed(conversation, code);
    }, 0);
  }

  // For whoever administers it

  /** Oldest first. */
  list(): readonly RecordView[] {
    return [...this.#unproved, ...this.#proved]
      .map((conversation) => conversation.view())
      .sort((a, b) => a.begunAt - b.begunAt);
  }

  /** The conversation in which this negotiation is; of a Phase 1 the one with its exchange, while that is kept. */
  find(id: NegotiationId): Conversation | undefined {
    for (const row of [this.#proved, this.#unproved]) {
      const own = firstOf(row, (conversation) => conversation.id === id);
      if (own !== undefined) return own;
    }
    return this.#byMember.get(id);
  }

  /** Forgets everything and wipes what it holds of keys. */
  close(): void {
    this.set('off');
  }

  #open(id: NegotiationId, settings: RecordedSettings): Conversation {
    const { clock, keys } = this.#world;
    const secrets = this.#state === 'with secrets';
    const next = (): number => (this.#sequence += 1);
    const limits = this.#limits.conversation;
    return new Conversation(id, settings, { clock, keys, secrets, limits, blanks: this.#blanks, next });
  }

  /** An SA as it stands belongs to the negotiation that made it: what is sent on its behalf is kept, and no more. */
  #adopt({
    negotiation,
    parent,
  }: {
    readonly negotiation: NegotiationId;
    readonly parent?: NegotiationId | undefined;
  }): void {
    if (parent === undefined || this.#byMember.has(negotiation)) return;
    const conversation = this.#of(parent);
    if (conversation === undefined || !isStanding(negotiation)) return;
    conversation.adopt(negotiation);
    this.#belongs(negotiation, conversation);
    this.#forgetNames(conversation.shed());
  }

  #portsIn(conversation: Conversation, id: NegotiationId, ports: NegotiationPorts): NegotiationPorts {
    const around = conversation.has(id) ? recordedPorts : portsThatSend;
    return around(ports, conversation.tape(id));
  }

  #toEnd(conversation: Conversation): void {
    this.#leaveRow(conversation);
    const row = conversation.proved ? this.#proved : this.#unproved;
    const most = conversation.proved ? this.#limits.proved : this.#limits.unproved;
    row.add(conversation);
    const weight = conversation.proved ? this.#weight.proved : this.#weight.unproved;
    weight.bytes += conversation.bytes;
    conversation.row = weight;
    while (row.size > 1 && (row.size > most.conversations || weight.bytes > most.bytes)) {
      // Those under way are the last to go, the one of the moment never.
      const idle = firstOf(row, (other) => !other.live) ?? firstOf(row, () => true);
      const oldest = idle === conversation ? firstOf(row, (other) => other !== conversation) : idle;
      if (oldest === undefined) return;
      this.#forget(oldest);
    }
  }

  #leaveRow(conversation: Conversation): void {
    if (!this.#unproved.delete(conversation) && !this.#proved.delete(conversation)) return;
    conversation.row.bytes -= conversation.bytes;
    conversation.row = { bytes: 0 };
  }

  #forget(conversation: Conversation): void {
    this.#leaveRow(conversation);
    conversation.close();
    if (this.#heardLast?.conversation === conversation) this.#heardLast = undefined;
    this.#failing.delete(conversation);
    this.#forgetNames(conversation.names.filter((name) => this.#byMember.get(name) === conversation));
  }

  #of(id: NegotiationId): Conversation | undefined {
    if (id === this.#lastId) return this.#last;
    this.#lastId = id;
    this.#last = this.#byMember.get(id);
    return this.#last;
  }

  #belongs(id: NegotiationId, conversation: Conversation): void {
    this.#byMember.set(id, conversation);
    this.#lastId = undefined;
  }

  #forgetNames(names: readonly NegotiationId[]): void {
    if (names.length > 0) this.#lastId = undefined;
    for (const id of names) {
      this.#byMember.delete(id);
      this.#ports.delete(id);
    }
  }
}

function isStanding(id: NegotiationId): boolean {
  return id.startsWith('sa-') || id.startsWith('ipsec-');
}

function firstOf<T>(row: Iterable<T>, fits: (one: T) => boolean): T | undefined {
  for (const one of row) if (fits(one)) return one;
  return undefined;
}

/** What a replay computes again, what happens to the recording itself, and what is of no negotiation and frequent. */
const NO_FACTS: ReadonlySet<EventType> = new Set([
  'negotiation.state',
  'negotiation.transition',
  'recording.written',
  'recording.failed',
  'kernel.call',
  'kernel.packet',
]);
