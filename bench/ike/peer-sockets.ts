/** One UDP socket for each peer that is talking: peers have addresses of their own in 127.0.0.0/8, and the daemon's port. */
import { createSocket, type Socket } from 'node:dgram';
import type { Bytes } from '../../services/bytes.js';
import type { Address, Endpoint } from '../../services/net/address.js';
import type { Datagram, Udp } from '../../services/ports/udp.js';

/** 127.1.0.1 and on, which is 16 million peers. */
export function peerAddress(index: number): Address {
  const number = 0x7f_01_00_01 + index;
  if (number >= 0x7f_ff_ff_ff) throw new Error('there are not so many addresses in 127.0.0.0/8');
  return [24, 16, 8, 0].map((shift) => String((number >>> shift) & 0xff)).join('.');
}

/** The socket of one peer, read one datagram at a time. */
export class PeerSocket {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #waiting: Datagram[] = [];
  #leaving = 0;
  #closing = false;
  #listener: ((datagram: Datagram | undefined) => void) | undefined;

  private constructor(local: Endpoint, socket: Socket) {
    this.local = local;
    this.#socket = socket;
    socket.on('message', (message, from) => {
      const datagram: Datagram = {
        local,
        remote: { address: from.address, port: from.port },
        bytes: new Uint8Array(message.buffer, message.byteOffset, message.length),
      };
      const listener = this.#listener;
      this.#listener = undefined;
      if (listener === undefined) this.#waiting.push(datagram);
      else listener(datagram);
    });
  }

  static open(local: Endpoint): Promise<PeerSocket> {
    return new Promise((resolve, reject) => {
      const socket = createSocket({ type: 'udp4' });
      const peer = new PeerSocket(local, socket);
      socket.once('error', reject);
      socket.bind({ ...local, exclusive: true }, () => {
        socket.off('error', reject);
        socket.on('error', () => undefined);
        resolve(peer);
      });
    });
  }

  send(remote: Endpoint, bytes: Bytes): void {
    this.#leaving += 1;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#socket.send(buffer, remote.port, remote.address, () => {
      this.#leaving -= 1;
      if (this.#closing && this.#leaving === 0) this.#socket.close();
    });
  }

  /** Undefined when nothing came within `ms`. */
  receive(ms: number): Promise<Datagram | undefined> {
    const next = this.#waiting.shift();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#listener = undefined;
        resolve(undefined);
      }, ms);
      this.#listener = (datagram) => {
        clearTimeout(timer);
        resolve(datagram);
      };
    });
  }

  /** When what was sent has left: a socket that is closed at once takes it along. */
  close(): void {
    this.#closing = true;
    if (this.#leaving === 0) this.#socket.close();
  }
}

/** What the steps of the protocol send through: the sockets of those peers that are talking now. */
export class PeerUdp implements Udp {
  readonly #talking = new Map<Address, PeerSocket>();

  begin(socket: PeerSocket): void {
    this.#talking.set(socket.local.address, socket);
  }

  end(socket: PeerSocket): void {
    this.#talking.delete(socket.local.address);
    socket.close();
  }

  send(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    this.#talking.get(local.address)?.send(remote, bytes);
  }

  keepalive(): void {
    throw new Error('there is no NAT on loopback');
  }

  onDatagram(): void {
    throw new Error('each peer reads its own socket');
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#talking.values()].map(({ local }) => local);
  }

  endpointAt(address: Address): Endpoint | undefined {
    return this.#talking.get(address)?.local;
  }

  close(): Promise<void> {
    for (const socket of [...this.#talking.values()]) this.end(socket);
    return Promise.resolve();
  }
}
