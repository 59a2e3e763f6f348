/**
 * What the entries of a conversation name by number: who did something, between which ends, and the objects that are no
 * bytes. They live and die with their conversation, so that the pieces with its bytes, which are used again, hold nothing
 * that the garbage collector would have to follow.
 */
import type { Endpoint } from '../../services/net/address.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { Note } from './taken.js';

export type RareNote = Extract<Note, { kind: 'begin' | 'withdrawn' | 'circumstance' | 'answer' | 'stands' }>;

export class Contents {
  readonly names: string[] = [];
  readonly endpoints: Endpoint[] = [];
  readonly secrets: KeyHandle[] = [];
  /** Events, what is rare, and values that are no bytes; undefined: given up. */
  readonly objects: unknown[] = [];
  readonly events: (StampedEvent | undefined)[] = [];
  readonly rare: (RareNote | undefined)[] = [];
  /** Those that are there. */
  count = 0;

  /** Where those stand that come from now on. */
  mark(): Mark {
    return { objects: this.objects.length, events: this.events.length, rare: this.rare.length };
  }

  /** What came between two marks is not needed any more. */
  giveUp(from: Mark, to: Mark): void {
    this.objects.fill(undefined, from.objects, to.objects);
    this.events.fill(undefined, from.events, to.events);
    this.rare.fill(undefined, from.rare, to.rare);
    this.count -= between(from, to);
  }

  placeOf(value: unknown): number {
    this.count += 1;
    return this.objects.push(value) - 1;
  }

  placeOfEvent(event: StampedEvent): number {
    this.count += 1;
    return this.events.push(event) - 1;
  }

  placeOfRare(note: RareNote): number {
    this.count += 1;
    return this.rare.push(note) - 1;
  }

  nameOf(name: string): number {
    const { names } = this;
    for (let at = 0; at < names.length; at++) if (names[at] === name) return at;
    return names.push(name) - 1;
  }

  /** Every datagram has objects of its own for the same two ends. */
  endpointOf(endpoint: Endpoint): number {
    const { endpoints } = this;
    for (let at = 0; at < endpoints.length; at++) {
      const known = endpoints[at];
      if (known === endpoint || (known?.port === endpoint.port && known.address === endpoint.address))
        return at;
    }
    return endpoints.push(endpoint) - 1;
  }
}

export interface Mark {
  readonly objects: number;
  readonly events: number;
  readonly rare: number;
}

/** How many objects came between two marks. */
export function between(from: Mark, to: Mark): number {
  return to.objects - from.objects + to.events - from.events + to.rare - from.rare;
}
