/**
 * What the entries of a piece name by number: who did something, between which ends, and the objects that are no bytes;
 * and the events between them. They come and go with the entries: a conversation that lasts names ever more.
 */
import type { Endpoint } from '../../services/net/address.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { Shelf } from './shelf.js';
import type { RareNote } from './taken.js';

export class Contents {
  readonly names = new Shelf<string>();
  readonly endpoints = new Shelf<Endpoint>();
  readonly secrets = new Shelf<KeyHandle>();
  /** Values that are no bytes, and what is rare. */
  readonly objects = new Shelf<unknown>();
  /** Events that say themselves when they happened and to whom: no entry has to. */
  readonly events = new Shelf<StampedEvent>();
  /** Of each, its number among the entries. */
  readonly sequences = new Shelf<number>();
  readonly rare = new Shelf<RareNote>();
  /** Asked for last: mostly it is asked for again. */
  #lastName: string | undefined;
  #lastPlace = 0;

  tell(event: StampedEvent, sequence: number): void {
    this.events.add(event);
    this.sequences.add(sequence);
  }

  nameOf(name: string): number {
    return this.names.numberOf(name) ?? this.names.add(name);
  }

  /** Of who does something: mostly the same as last. */
  ownerOf(name: string): number {
    if (name === this.#lastName) return this.#lastPlace;
    this.#lastName = name;
    this.#lastPlace = this.nameOf(name);
    return this.#lastPlace;
  }

  /** Every datagram has objects of its own for the same two ends. */
  endpointOf(endpoint: Endpoint): number {
    const { endpoints } = this;
    const { count } = endpoints;
    for (let at = 0; at < count; at++) {
      const known = endpoints.at(at);
      if (known === endpoint || (known?.port === endpoint.port && known.address === endpoint.address))
        return at;
    }
    return endpoints.add(endpoint);
  }

  clear(): void {
    this.names.clear();
    this.endpoints.clear();
    this.secrets.clear();
    this.objects.clear();
    this.events.clear();
    this.sequences.clear();
    this.rare.clear();
    this.#lastName = undefined;
  }
}
