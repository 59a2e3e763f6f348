/**
 * What the entries of a piece name by number: who did something, and the things that are no bytes: the ends of packets, events,
 * notes, arguments. All things stand in one list: each more that is looked at for an entry is memory that has left the
 * processor's caches since the last one. They come and go with the entries: a conversation that lasts names ever more. The lists
 * are made anew for each conversation: V8 must note whatever is new in something old.
 */
import type { Endpoint } from '../../services/net/address.js';
import type { KeyHandle } from '../../services/ports/keys.js';

export class Contents {
  readonly names: string[] = [];
  readonly things: unknown[] = [];
  readonly secrets: KeyHandle[] = [];
  /** Asked for last: mostly it is asked for again. */
  #lastName: string | undefined;
  #lastPlace = 0;
  #local: Endpoint | undefined;
  #localPlace = 0;
  #remote: Endpoint | undefined;
  #remotePlace = 0;

  /** Returns its number. */
  add(thing: unknown): number {
    return this.things.push(thing) - 1;
  }

  nameOf(name: string): number {
    const known = this.names.indexOf(name);
    return known === -1 ? this.names.push(name) - 1 : known;
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
    this.#localPlace = this.add(endpoint);
    return this.#localPlace;
  }

  remoteOf(endpoint: Endpoint): number {
    if (isSame(endpoint, this.#remote)) return this.#remotePlace;
    this.#remote = endpoint;
    this.#remotePlace = this.add(endpoint);
    return this.#remotePlace;
  }
}

/** Every datagram has objects of its own for the same two ends. */
function isSame(endpoint: Endpoint, known: Endpoint | undefined): boolean {
  return endpoint === known || (endpoint.port === known?.port && endpoint.address === known.address);
}
