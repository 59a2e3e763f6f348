/**
 * A NAT box in virtual time, as masquerading does it: a mapping for each inner endpoint and each peer, that keeps the
 * inner port where it is free, lets in only what that peer sends, and lapses when nothing has gone through it.
 */
import type { Address, Endpoint } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';

export interface NatBoxOptions {
  /** The outer address. */
  readonly address: Address;
  /** A mapping that is not used for so long is gone, milliseconds. */
  readonly idleMs: number;
}

interface Mapping {
  readonly inner: Endpoint;
  readonly peer: Endpoint;
  readonly port: number;
  usedAt: number;
}

const FIRST_PORT = 1024;

export class NatBox {
  readonly address: Address;
  readonly #clock: Clock;
  readonly #idleMs: number;
  #mappings: Mapping[] = [];
  #nextPort = FIRST_PORT;
  #keepsPorts = true;

  constructor(clock: Clock, { address, idleMs }: NatBoxOptions) {
    this.address = address;
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  get mappings(): number {
    this.#lapse();
    return this.#mappings.length;
  }

  /** Where a datagram from inside seems to come from, outside. */
  outward(inner: Endpoint, peer: Endpoint): Endpoint {
    this.#lapse();
    const known = this.#mappings.find((mapping) => same(mapping.inner, inner) && same(mapping.peer, peer));
    const mapping = known ?? this.#map(inner, peer);
    mapping.usedAt = this.#clock.now();
    return { address: this.address, port: mapping.port };
  }

  /** Whom a datagram to one of our outer ports is for; undefined when it is for nobody. */
  inward(port: number, peer: Endpoint): Endpoint | undefined {
    this.#lapse();
    const mapping = this.#mappings.find((one) => one.port === port && same(one.peer, peer));
    if (mapping === undefined) return undefined;
    mapping.usedAt = this.#clock.now();
    return mapping.inner;
  }

  /** It has restarted: what is inside gets other ports with the next datagram. */
  rebind(): void {
    this.#mappings = [];
    this.#keepsPorts = false;
  }

  #map(inner: Endpoint, peer: Endpoint): Mapping {
    const taken = (port: number) => this.#mappings.some((one) => one.port === port && same(one.peer, peer));
    let { port } = inner;
    while (!this.#keepsPorts || taken(port)) {
      port = this.#nextPort;
      this.#nextPort = this.#nextPort === 0xffff ? FIRST_PORT : this.#nextPort + 1;
      if (!taken(port)) break;
    }
    const mapping = { inner, peer, port, usedAt: this.#clock.now() };
    this.#mappings.push(mapping);
    return mapping;
  }

  #lapse(): void {
    const now = this.#clock.now();
    this.#mappings = this.#mappings.filter(({ usedAt }) => now - usedAt < this.#idleMs);
  }
}

function same(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port;
}
