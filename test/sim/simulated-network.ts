/** A network in virtual time: delay, loss, duplication, reordering; and a UDP port for each host on it. */
import type { Bytes } from '../../services/bytes.js';
import type { Address, Endpoint } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Datagram, Udp } from '../../services/ports/udp.js';
import type { Dice } from './dice.js';

export interface Weather {
  /** Probabilities from 0 to 1. */
  readonly loss: number;
  readonly duplication: number;
  /** Each datagram takes `delayMs` and up to `jitterMs` more: with jitter above the sending interval they overtake. */
  readonly delayMs: number;
  readonly jitterMs: number;
}

export const FAIR: Weather = { loss: 0, duplication: 0, delayMs: 5, jitterMs: 0 };

export interface SentDatagram {
  readonly at: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Bytes;
}

/** Decides about one datagram before the weather does; `drop` loses it. */
export type Filter = (datagram: SentDatagram) => 'pass' | 'drop';

export class SimulatedNetwork {
  readonly sent: SentDatagram[] = [];
  weather: Weather = FAIR;
  filter: Filter = () => 'pass';
  /** For a filter that wants to send something later. */
  readonly clock: Clock;
  readonly #dice: Dice;
  readonly #hosts = new Map<Address, (datagram: Datagram) => void>();

  constructor(clock: Clock, dice: Dice) {
    this.clock = clock;
    this.#dice = dice;
  }

  /** The UDP port of a host at `address`, IKE on `port`. */
  host(address: Address, port: number): Udp {
    const local = { address, port };
    let listener: (datagram: Datagram) => void = () => undefined;
    this.#hosts.set(address, (datagram) => {
      listener(datagram);
    });
    return {
      send: (from, to, bytes) => {
        this.send(from, to, Uint8Array.from(bytes));
      },
      onDatagram: (listen) => {
        listener = listen;
      },
      open: () => Promise.resolve(),
      endpoints: () => [local],
      close: () => {
        this.#hosts.delete(address);
        return Promise.resolve();
      },
    };
  }

  send(from: Endpoint, to: Endpoint, bytes: Bytes): void {
    const datagram = { at: this.clock.now(), from, to, bytes };
    this.sent.push(datagram);
    if (this.filter(datagram) === 'drop' || this.#dice.chance(this.weather.loss)) return;
    this.#carry(datagram);
    if (this.#dice.chance(this.weather.duplication)) this.#carry(datagram);
  }

  #carry({ from, to, bytes }: SentDatagram): void {
    this.clock.setTimeout(
      () => {
        this.#hosts.get(to.address)?.({ local: to, remote: from, bytes: Uint8Array.from(bytes) });
      },
      this.weather.delayMs + this.#dice.upTo(this.weather.jitterMs),
    );
  }
}
