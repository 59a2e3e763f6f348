/** Stands where the recorder stood: gives each negotiation of the replay the ports of the recorded one that it is. */
import type { NegotiationId } from '../../services/events/event.js';
import type {
  Beginning,
  Circumstance,
  NegotiationPorts,
  Question,
  Recorder,
  StandingPhase1,
} from '../../services/ports/recorder.js';
import { muteCrypto } from './mute-crypto.js';
import type { Entry, Recording } from '../../services/record/entry.js';
import type { ReplayWorld } from './replay-calls.js';
import { ReplayPorts } from './replay-ports.js';
import { Track } from './track.js';

/** The first version of the file that holds them. */
const TELLS_ANSWERS = 2;

export class ReplayRecorder implements Recorder {
  readonly #world: ReplayWorld;
  readonly #entries: readonly Entry[];
  /** Those of the recording that have not begun in the replay, by what they are. */
  readonly #waiting = new Map<string, NegotiationId[]>();
  /** By the id in the recording. */
  readonly #tracks = new Map<NegotiationId, { readonly track: Track; readonly ports: ReplayPorts }>();
  readonly #outside: NegotiationPorts;
  /** Phase 1 SAs under which something has begun, by their ids in the replay. */
  readonly #standing = new Set<NegotiationId>();
  readonly #recordedId = new Map<NegotiationId, NegotiationId>();
  readonly #replayedId = new Map<NegotiationId, NegotiationId>();

  /** `tellsAnswers`: whether what was asked of a peer under a standing SA is in the recording. */
  readonly #tellsAnswers: boolean;

  constructor(world: ReplayWorld, { header, entries }: Recording, outside: NegotiationPorts) {
    this.#world = world;
    this.#entries = entries;
    this.#tellsAnswers = header.version >= TELLS_ANSWERS;
    this.#outside = { ...outside, crypto: muteCrypto(outside.crypto, world.keys, world.fresh) };
    for (const { kind, by } of entries) {
      if (kind !== 'begin') continue;
      const row = this.#waiting.get(kindOf(by)) ?? [];
      row.push(by);
      this.#waiting.set(kindOf(by), row);
    }
  }

  /** Runs of one kind begin in the order of the recording. */
  begin(id: NegotiationId, { chart }: Beginning): void {
    const recorded = this.#waiting.get(kindOf(id))?.shift();
    if (recorded === undefined) {
      this.#world.part({
        by: id,
        kind: 'surplus',
        recorded: 'nothing more',
        replayed: `begins another ${chart}`,
      });
    }
    const name = recorded ?? `${id}-new`;
    this.#call(id, name);
    const track = new Track(name, this.#entries);
    this.#tracks.set(name, { track, ports: new ReplayPorts(track, this.#world, this.#outside) });
  }

  portsOf(id: NegotiationId): NegotiationPorts {
    const own = this.#tracks.get(this.recordedId(id) ?? '')?.ports;
    // An SA as it stands says what nobody compares, perhaps with keys that are not there.
    if (own === undefined) return this.#outside;
    const { udp, kernel, crypto, mute, clock, random } = own;
    return { udp, kernel, crypto: this.#standing.has(id) ? mute : crypto, clock, random };
  }

  /** A Phase 1 that stood when the recording began: its names in the replay, which no other has. */
  stand(
    recorded: NegotiationId,
    standing: NegotiationId,
  ): { readonly id: string; readonly standing: string } {
    const names = { id: `${recorded}-stood`, standing: `${standing}-stood` };
    this.#call(names.id, recorded);
    this.#call(names.standing, standing);
    const track = new Track(recorded, this.#entries);
    this.#tracks.set(recorded, { track, ports: new ReplayPorts(track, this.#world, this.#outside) });
    return names;
  }

  stands({ id }: StandingPhase1): void {
    this.#standing.add(id);
  }

  heard(): void {
    // It is what the replay feeds.
  }

  withdrawn(): void {
    // As above.
  }

  circumstance(id: NegotiationId, which: Circumstance, now: boolean): boolean {
    const own = this.#tracks.get(this.recordedId(id) ?? '')?.ports;
    if (which === 'isQuiet' && !this.#tellsAnswers) return now;
    return own?.circumstance(which, now) ?? now;
  }

  answer(id: NegotiationId, question: Question, ask: () => Promise<boolean>): Promise<boolean> {
    const own = this.#tracks.get(this.recordedId(id) ?? '')?.ports;
    return own === undefined || !this.#tellsAnswers ? ask() : own.answer(question);
  }

  #call(replayed: NegotiationId, recorded: NegotiationId): void {
    this.#recordedId.set(replayed, recorded);
    this.#replayedId.set(recorded, replayed);
  }

  recordedId(replayed: NegotiationId): NegotiationId | undefined {
    return this.#recordedId.get(replayed);
  }

  replayedId(recorded: NegotiationId): NegotiationId | undefined {
    return this.#replayedId.get(recorded);
  }

  of(recorded: NegotiationId): { readonly track: Track; readonly ports: ReplayPorts } | undefined {
    return this.#tracks.get(recorded);
  }

  tracks(): readonly Track[] {
    return [...this.#tracks.values()].map(({ track }) => track);
  }
}

/** `p1` of `p1-12`. */
function kindOf(id: NegotiationId): string {
  return id.slice(0, id.lastIndexOf('-'));
}
