/**
 * What the entries of a piece name by number: who did something, between which ends, and the objects that are no bytes.
 * They come and go with the entries: a conversation that lasts names ever more.
 */
import type { Endpoint } from '../../services/net/address.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { RareNote } from './taken.js';

export class Contents {
  readonly names: string[] = [];
  readonly endpoints: Endpoint[] = [];
  readonly secrets: KeyHandle[] = [];
  /** Values that are no bytes, events, and what is rare. */
  readonly objects: unknown[] = [];
  readonly events: StampedEvent[] = [];
  readonly rare: RareNote[] = [];

  /** How many objects there are. */
  get count(): number {
    return this.objects.length + this.events.length + this.rare.length;
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
