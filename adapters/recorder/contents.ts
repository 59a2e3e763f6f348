/**
 * What the entries of a piece name by number: who did something, and the things that are no bytes: the ends of packets, events,
 * notes, arguments. All things stand on one shelf: each more that is looked at for an entry is memory that has left the
 * processor's caches since the last one. They come and go with the entries: a conversation that lasts names ever more.
 */
import type { Endpoint } from '../../services/net/address.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { Shelf } from './shelf.js';

export class Contents {
  readonly names = new Shelf<string>();
  readonly things = new Shelf<unknown>();
  readonly secrets = new Shelf<KeyHandle>();
  /** Asked for last: mostly it is asked for again. */
  #lastName: string | undefined;
  #lastPlace = 0;
  #local: Endpoint | undefined;
  #localPlace = 0;
  #remote: Endpoint | undefined;
  #remotePlace = 0;

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

  localOf(endpoint: Endpoint): number {
    if (isSame(endpoint, this.#local)) return this.#localPlace;
    this.#local = endpoint;
    this.#localPlace = this.things.add(endpoint);
    return this.#localPlace;
  }

  remoteOf(endpoint: Endpoint): number {
    if (isSame(endpoint, this.#remote)) return this.#remotePlace;
    this.#remote = endpoint;
    this.#remotePlace = this.things.add(endpoint);
    return this.#remotePlace;
  }

  clear(): void {
    this.names.clear();
    this.things.clear();
    this.secrets.clear();
    this.#lastName = undefined;
    this.#local = undefined;
    this.#remote = undefined;
  }
}

/** Every datagram has objects of its own for the same two ends. */
function isSame(endpoint: Endpoint, known: Endpoint | undefined): boolean {
  return endpoint === known || (endpoint.port === known?.port && endpoint.address === known.address);
}
