/** Stands where the recorder stood: gives each negotiation of the replay the ports of the recorded one that it is. */
import type { NegotiationId } from '../../services/events/event.js';
import type { Beginning, Circumstance, NegotiationPorts, Recorder } from '../../services/ports/recorder.js';
import type { Entry } from '../../services/record/entry.js';
import { ReplayPorts, type ReplayWorld } from './replay-ports.js';
import { Track } from './track.js';

export class ReplayRecorder implements Recorder {
  readonly #world: ReplayWorld;
  readonly #entries: readonly Entry[];
  /** Those of the recording that have not begun in the replay, by what they are. */
  readonly #waiting = new Map<string, NegotiationId[]>();
  /** By the id in the recording. */
  readonly #tracks = new Map<NegotiationId, { readonly track: Track; readonly ports: ReplayPorts }>();
  readonly #outside: NegotiationPorts;
  readonly #recordedId = new Map<NegotiationId, NegotiationId>();
  readonly #replayedId = new Map<NegotiationId, NegotiationId>();

  constructor(world: ReplayWorld, entries: readonly Entry[], outside: NegotiationPorts) {
    this.#world = world;
    this.#entries = entries;
    this.#outside = outside;
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
    this.#recordedId.set(id, name);
    this.#replayedId.set(name, id);
    const track = new Track(name, this.#entries);
    this.#tracks.set(name, { track, ports: new ReplayPorts(track, this.#world, this.#outside) });
  }

  portsOf<P extends NegotiationPorts>(id: NegotiationId, ports: P): P {
    const own = this.#tracks.get(this.recordedId(id) ?? '')?.ports;
    if (own === undefined) return ports;
    const { udp, kernel, crypto, clock, random } = own;
    return { ...ports, udp, kernel, crypto, clock, random };
  }

  heard(): void {
    // It is what the replay feeds.
  }

  withdrawn(): void {
    // As above.
  }

  circumstance(id: NegotiationId, which: Circumstance, now: boolean): boolean {
    return this.#tracks.get(this.recordedId(id) ?? '')?.ports.circumstance(which, now) ?? now;
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
