/** The flight recorder: what each conversation was told and said, of late, in bounded memory. */
import { PlaceMap } from '../../services/collections/place-map.js';
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
import type { ConversationWorld } from './conversation-world.js';
import { Conversation } from './conversation.js';
import { KIND } from './piece.js';
import { portsThatSend, recordedPorts } from './recorded-ports.js';
import { KeptConversations } from './kept-conversations.js';
import { RECORDER_LIMITS, type RecorderLimits } from './limits.js';

export interface RecorderWorld {
  readonly clock: Clock;
  readonly keys: Keys;
  /** A conversation ended with this failure; called once all that follows from it has happened. */
  readonly failed?: (conversation: Conversation, code: string) => void;
  readonly limits?: RecorderLimits;
}

export type Recording = 'off' | 'without secrets' | 'with secrets';

interface Membership {
  readonly id: NegotiationId;
  conversation: Conversation;
  /** Where the latest datagram on its behalf came from; not the datagram, which would keep its slab. */
  heardFrom: string | undefined;
  /** With the recorder around them; undefined until they are asked for. */
  ports: NegotiationPorts | undefined;
}

export class FlightRecorder implements Recorder {
  readonly #world: RecorderWorld;
  readonly #limits: RecorderLimits;
  readonly #kept: KeptConversations;
  readonly #members = new PlaceMap<NegotiationId, Membership>();
  readonly #blanks = new Blanks();
  readonly #conversationWorld: ConversationWorld;
  readonly #failing = new Set<Conversation>();
  /** Whose datagram was looked at last. */
  #hearing: Membership | undefined;
  #state: Recording;
  #sequence = 0;
  /** Who was looked up last: what is told comes several times from the same. */
  #last: Membership | undefined;
  /** Likewise, if it is in no conversation. */
  #unknown: NegotiationId | undefined;

  constructor(world: RecorderWorld, state: Recording = 'without secrets') {
    this.#world = world;
    this.#limits = world.limits ?? RECORDER_LIMITS;
    this.#conversationWorld = {
      clock: world.clock,
      keys: world.keys,
      limits: this.#limits.conversation,
      blanks: this.#blanks,
      next: () => (this.#sequence += 1),
    };
    this.#state = state;
    this.#kept = new KeptConversations(
      this.#limits,
      (conversation) => this.#failing.has(conversation),
      (conversation) => {
        this.#forget(conversation);
      },
    );
  }

  get state(): Recording {
    return this.#state;
  }

  /** What begins from now on is recorded so. What was recorded is forgotten when there is another state. */
  set(state: Recording): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const conversation of [...this.#kept]) this.#forget(conversation);
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
      question.row?.remove(question);
      under.row?.remove(under);
      under.take(question);
      for (const member of question.members) this.#belongs(member, under);
    }
    conversation.join(id);
    this.#belongs(id, conversation);
    this.#forgetNames(conversation.shed());
    conversation.note(id, { kind: 'begin', beginning });
    this.#kept.begun(conversation);
  }

  portsOf(id: NegotiationId, ports: NegotiationPorts): NegotiationPorts {
    const member = this.#member(id);
    if (member === undefined) return ports;
    member.ports ??= this.#portsIn(member.conversation, id, ports);
    return member.ports;
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
    known?.disown(standing);
    const conversation = this.#open(id, settings);
    conversation.stand(phase1);
    for (const name of [id, standing]) this.#belongs(name, conversation).ports = undefined;
    this.#kept.place(conversation);
  }

  heard(id: NegotiationId, { local, remote, bytes }: Datagram): void {
    const member = this.#member(id);
    if (member === undefined) return;
    member.heardFrom = remote.address;
    this.#hearing = member;
    member.conversation.passed(KIND.in, id, local, remote, bytes);
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
    return [...this.#kept].flatMap((conversation) =>
      conversation.entries().flatMap((entry) => (entry.kind === 'event' ? [entry.event] : [])),
    );
  }

  /** What was told of this negotiation, of what is kept. */
  toldOf(id: NegotiationId): readonly StampedEvent[] {
    const entries = this.#of(id)?.entries() ?? [];
    return entries.flatMap((entry) => (entry.kind === 'event' && entry.by === id ? [entry.event] : []));
  }

  // As a reader of the stream

  /** Returns the function that ends it. */
  follow(events: Events): () => void {
    const ends = [
      this.#reads(events, 'datagram.dropped', (event) => {
        const who = this.#hearing;
        if (who?.heardFrom === event.remote.address) who.conversation.event(who.id, event);
      }),
      this.#reads(events, 'negotiation.started', (event) => {
        this.#started(event);
      }),
      this.#reads(events, 'negotiation.ended', (event) => {
        this.#ended(event);
      }),
      events.subscribe(
        (event) => {
          if (this.#state === 'off') return;
          const { negotiation } = whose(event);
          if (negotiation !== undefined) this.#of(negotiation)?.tell(event);
        },
        (type) => !NO_FACTS.has(type) && !READ_APART.has(type),
      ),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** A reader of its own: events have thirty shapes, and to ask each for its type is dearer than to be told. */
  #reads<T extends EventType>(
    events: Events,
    wanted: T,
    read: (event: Extract<StampedEvent, { type: T }>) => void,
  ): () => void {
    const is = (event: StampedEvent): event is Extract<StampedEvent, { type: T }> => event.type === wanted;
    return events.subscribe(
      (event) => {
        if (this.#state !== 'off' && is(event)) read(event);
      },
      (type) => type === wanted,
    );
  }

  #started(event: Extract<StampedEvent, { type: 'negotiation.started' }>): void {
    const { negotiation, parent, chart } = event;
    const isAdopted = parent !== undefined && (chart === 'isakmp-sa' || chart === 'ipsec-sa');
    const conversation = this.#of(isAdopted ? parent : negotiation);
    if (conversation === undefined) return;
    if (isAdopted) {
      this.#forgetNames(conversation.adopt(negotiation));
      this.#unknown = undefined;
    } else conversation.started(event);
    conversation.tell(event);
  }

  #ended(event: Extract<StampedEvent, { type: 'negotiation.ended' }>): void {
    const conversation = this.#of(event.negotiation);
    if (conversation === undefined) return;
    conversation.ended(event);
    conversation.tell(event);
    conversation.row?.weigh(conversation);
    if (conversation.proved && !this.#kept.isAmongProved(conversation)) this.#kept.place(conversation);
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
    return [...this.#kept].map((conversation) => conversation.view()).sort((a, b) => a.begunAt - b.begunAt);
  }

  /** The conversation in which this negotiation is; of a Phase 1 the one with its exchange, while that is kept. */
  find(id: NegotiationId): Conversation | undefined {
    for (const conversation of this.#kept) if (conversation.id === id) return conversation;
    return this.#of(id);
  }

  /** Forgets everything and wipes what it holds of keys. */
  close(): void {
    this.set('off');
  }

  #open(id: NegotiationId, settings: RecordedSettings): Conversation {
    return new Conversation(id, settings, this.#state === 'with secrets', this.#conversationWorld);
  }

  /** Most SAs say nothing as long as what made them is kept: one that does is looked for among the few that are. */
  #adopted(id: NegotiationId): Membership | undefined {
    if (!isStanding(id)) return undefined;
    for (const conversation of this.#kept)
      if (conversation.hasAdopted(id)) return this.#belongs(id, conversation);
    return undefined;
  }

  #portsIn(conversation: Conversation, id: NegotiationId, ports: NegotiationPorts): NegotiationPorts {
    const around = conversation.has(id) ? recordedPorts : portsThatSend;
    return around(ports, conversation.tape(id));
  }

  #forget(conversation: Conversation): void {
    conversation.row?.remove(conversation);
    conversation.close();
    if (this.#hearing?.conversation === conversation) this.#hearing = undefined;
    this.#failing.delete(conversation);
    this.#last = undefined;
    let place = 0;
    for (let id = conversation.nameAt(place); id !== undefined; id = conversation.nameAt(place)) {
      const member = this.#members.take(id);
      // It may belong to another one by now.
      if (member !== undefined && member.conversation !== conversation) this.#members.set(id, member);
      place += 1;
    }
  }

  #member(id: NegotiationId): Membership | undefined {
    const last = this.#last;
    if (last?.id === id) return last;
    if (id === this.#unknown) return undefined;
    const member = this.#members.get(id) ?? this.#adopted(id);
    if (member === undefined) this.#unknown = id;
    else this.#last = member;
    return member;
  }

  #of(id: NegotiationId): Conversation | undefined {
    return this.#member(id)?.conversation;
  }

  #belongs(id: NegotiationId, conversation: Conversation): Membership {
    const known = this.#members.get(id);
    if (known !== undefined) {
      known.conversation = conversation;
      return known;
    }
    const member = { id, conversation, heardFrom: undefined, ports: undefined };
    this.#members.set(id, member);
    this.#last = member;
    this.#unknown = undefined;
    return member;
  }

  #forgetNames(names: readonly NegotiationId[]): void {
    if (names.length === 0) return;
    this.#last = undefined;
    for (const id of names) this.#members.delete(id);
  }
}

/** Of events that are of a negotiation; read as a field, which is looked up faster than whether there is one. */
function whose(event: StampedEvent & { readonly negotiation?: NegotiationId | undefined }): {
  readonly negotiation?: NegotiationId | undefined;
} {
  return event;
}

function isStanding(id: NegotiationId): boolean {
  return id.startsWith('sa-') || id.startsWith('ipsec-');
}

/** What there is a reader of its own for. */
const READ_APART: ReadonlySet<EventType> = new Set([
  'datagram.dropped',
  'negotiation.started',
  'negotiation.ended',
]);
/** What a replay computes again, what happens to the recording itself, and what is of no negotiation and frequent. */
const NO_FACTS: ReadonlySet<EventType> = new Set([
  'negotiation.state',
  'negotiation.transition',
  'recording.written',
  'recording.failed',
  'kernel.call',
  'kernel.packet',
]);
