/**
 * A network in virtual time: delay, loss, duplication, reordering, an MTU, NAT boxes; and the UDP ports of each host on
 * it. ESP in UDP takes the same way as IKE.
 */
import type { Bytes } from '../../services/bytes.js';
import type { Address, Endpoint } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Datagram, Udp } from '../../services/ports/udp.js';
import type { Dice } from './dice.js';
import type { NatBox } from './nat-box.js';

export interface Weather {
  /** Probabilities from 0 to 1. */
  readonly loss: number;
  readonly duplication: number;
  /** Each datagram takes `delayMs` and up to `jitterMs` more: with jitter above the sending interval they overtake. */
  readonly delayMs: number;
  readonly jitterMs: number;
}

export const FAIR: Weather = { loss: 0, duplication: 0, delayMs: 5, jitterMs: 0 };

/** IPv4 header without options, and UDP header. */
const HEADERS = 28;

export interface SentDatagram {
  readonly at: number;
  /** As the sender has it: inside a NAT box, its inner endpoint. */
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Bytes;
}

/** Decides about one datagram before the weather does; `drop` loses it. */
export type Filter = (datagram: SentDatagram) => 'pass' | 'drop';

const KEEPALIVE = Uint8Array.of(0xff);

export class SimulatedNetwork {
  readonly sent: SentDatagram[] = [];
  weather: Weather = FAIR;
  filter: Filter = () => 'pass';
  /** Bytes of the longest IP packet that passes whole; fragments of longer ones are lost. Undefined: none is too long. */
  mtu: number | undefined;
  /** For a filter that wants to send something later. */
  readonly clock: Clock;
  readonly #dice: Dice;
  readonly #hosts = new Map<Address, (datagram: Datagram) => void>();
  readonly #boxes = new Map<Address, NatBox>();

  constructor(clock: Clock, dice: Dice) {
    this.clock = clock;
    this.#dice = dice;
  }

  /**
   * The UDP port of a host at `address`, IKE on `port`. A host that comes after another at its address replaces it. It may
   * have `more` addresses.
   */
  host(address: Address, port: number, more: readonly Address[] = []): Udp {
    const all = [address, ...more];
    const locals = new Map(all.map((local) => [local, { address: local, port }]));
    let listener: (datagram: Datagram) => void = () => undefined;
    const receive = (datagram: Datagram): void => {
      // Keepalives are the socket's business (RFC 3948 4).
      if (datagram.bytes.length > 1 || datagram.bytes[0] !== KEEPALIVE[0]) listener(datagram);
    };
    const isHere = (): boolean => this.#hosts.get(address) === receive;
    for (const local of all) this.#hosts.set(local, receive);
    return {
      send: (from, to, bytes) => {
        if (isHere()) this.send(from, to, Uint8Array.from(bytes));
      },
      keepalive: (from, to) => {
        if (isHere()) this.send(from, to, KEEPALIVE);
      },
      onDatagram: (listen) => {
        listener = listen;
      },
      open: () => Promise.resolve(),
      endpoints: () => (isHere() ? [...locals.values()] : []),
      endpointAt: (local) => (isHere() ? locals.get(local) : undefined),
      close: () => {
        if (isHere()) for (const local of all) this.#hosts.delete(local);
        return Promise.resolve();
      },
    };
  }

  /** Puts the host at `address` behind a NAT box. Several may be, each with an address of its own. */
  putBehind(box: NatBox, address: Address): void {
    this.#boxes.set(address, box);
  }

  send(from: Endpoint, to: Endpoint, bytes: Bytes): void {
    const datagram = { at: this.clock.now(), from, to, bytes };
    this.sent.push(datagram);
    if (this.filter(datagram) === 'drop' || this.#dice.chance(this.weather.loss)) return;
    if (this.mtu !== undefined && bytes.length + HEADERS > this.mtu) return;
    this.#carry(datagram);
    if (this.#dice.chance(this.weather.duplication)) this.#carry(datagram);
  }

  #carry({ from, to, bytes }: SentDatagram): void {
    const outer = this.#boxes.get(from.address)?.outward(from, to) ?? from;
    this.clock.setTimeout(
      () => {
        const inner = this.#inward(to, outer);
        if (inner === undefined) return;
        this.#hosts.get(inner.address)?.({ local: inner, remote: outer, bytes: Uint8Array.from(bytes) });
      },
      this.weather.delayMs + this.#dice.upTo(this.weather.jitterMs),
    );
  }

  /** Nothing from outside reaches a host behind a box at its inner address. */
  #inward(to: Endpoint, from: Endpoint): Endpoint | undefined {
    for (const box of new Set(this.#boxes.values())) {
      if (box.address === to.address) return box.inward(to.port, from);
    }
    return this.#boxes.has(to.address) ? undefined : to;
  }
}
