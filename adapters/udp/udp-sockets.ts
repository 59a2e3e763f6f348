/**
 * The UDP sockets of IKE and NAT-T, Node's own. A datagram that goes out makes no promise: each socket has one function that
 * hears what could not leave.
 *
 * On the NAT-T port (RFC 3948 2.1-2.3) four zero bytes mark an IKE message, one byte FF is a keepalive, all else is ESP
 * and belongs to the embedded kernel.
 */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { closeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Bytes, concat } from '../../services/bytes.js';
import { type Address, type Endpoint, familyOf, parseAddress } from '../../services/net/address.js';
import type { Datagram, Udp } from '../../services/ports/udp.js';
import type { Result } from '../../services/result.js';
import { bindFault } from './socket-fault.js';

export interface UdpSocketsOptions {
  /** Undefined: every address of every interface, followed as they come and go. */
  readonly listen: readonly Address[] | undefined;
  /** Who follows the addresses instead, and calls `follow` when they have changed. */
  readonly addresses?: (() => readonly Address[]) | undefined;
  readonly ikePort: number;
  readonly nattPort: number;
  /**
   * Makes bound sockets where Node's own lack options; `adopted` is called when Node has it. Undefined: Node makes them.
   */
  readonly openBound?: (
    local: Endpoint,
  ) => Result<{ readonly descriptor: number; readonly adopted: () => void }, unknown>;
  /** An ESP packet from a peer's NAT-T port. */
  readonly onEsp: (local: Address, remote: Address, esp: Bytes) => void;
  readonly onChange: (change: 'opened' | 'closed', local: Endpoint) => void;
  readonly onError: (local: Endpoint, remote: Endpoint | undefined, error: string) => void;
}

const NON_ESP_MARKER = new Uint8Array(4);
const KEEPALIVE = Uint8Array.of(0xff);
const RECEIVE_BUFFER = 4 << 20;
const ADDRESS_POLL_MS = 5000;

interface OpenSocket {
  readonly local: Endpoint;
  readonly socket: Socket;
  /** Told by Node when a datagram has left, or could not. */
  readonly left: (error: Error | null) => void;
}

export class UdpSockets implements Udp {
  readonly #options: UdpSocketsOptions;
  readonly #sockets = new Map<string, OpenSocket>();
  #listener: (datagram: Datagram) => void = () => undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(options: UdpSocketsOptions) {
    this.#options = options;
  }

  onDatagram(listener: (datagram: Datagram) => void): void {
    this.#listener = listener;
  }

  async open(): Promise<void> {
    const { listen, addresses } = this.#options;
    for (const address of listen ?? this.#addresses()) await this.#openAddress(address);
    if (this.#sockets.size === 0)
      throw new Error('This host has no address to listen on; name one with --listen.');
    if (listen !== undefined || addresses !== undefined) return;
    this.#poll = setInterval(() => {
      this.follow().catch((error: unknown) => {
        this.#options.onError({ address: '0.0.0.0', port: 0 }, undefined, String(error));
      });
    }, ADDRESS_POLL_MS);
    this.#poll.unref();
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#sockets.values()]
      .map(({ local }) => local)
      .filter(({ port }) => port === this.#options.ikePort);
  }

  send(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    const marked = local.port === this.#options.nattPort ? concat(NON_ESP_MARKER, bytes) : bytes;
    this.#put(local, remote, marked);
  }

  keepalive(local: Endpoint, remote: Endpoint): void {
    this.#put(local, remote, KEEPALIVE);
  }

  /** ESP of the embedded kernel, from our NAT-T port to the peer's: the usual one unless a NAT gave it another. */
  sendEsp(
    local: Address,
    remote: { readonly address: Address; readonly port: number | undefined },
    esp: Bytes,
  ): void {
    const { nattPort } = this.#options;
    const there = { address: remote.address, port: remote.port ?? nattPort };
    this.#put({ address: local, port: nattPort }, there, esp);
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    const open = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(open.map((socket) => this.#close(socket)));
  }

  #put(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    const open = this.#sockets.get(key(local));
    if (open === undefined) {
      this.#options.onError(local, remote, 'no socket is open on this address');
      return;
    }
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    try {
      open.socket.send(buffer, remote.port, remote.address, open.left);
    } catch (error) {
      this.#options.onError(local, remote, error instanceof Error ? error.message : String(error));
    }
  }

  async #openAddress(address: Address): Promise<void> {
    for (const port of [this.#options.ikePort, this.#options.nattPort]) {
      const local = { address, port };
      if (this.#sockets.has(key(local))) continue;
      const v6 = familyOf(address) === 6;
      const socket = createSocket({
        type: v6 ? 'udp6' : 'udp4',
        ipv6Only: v6,
        lookup: alreadyAnAddress,
        // A socket that was made elsewhere has the buffer it shall have.
        ...(this.#options.openBound === undefined ? { recvBufferSize: RECEIVE_BUFFER } : {}),
      });
      socket.on('message', (message, from) => {
        // Of IPv4 the system has one spelling, which is ours.
        const sender = v6 ? (parseAddress(from.address) ?? from.address) : from.address;
        this.#received(local, { address: sender, port: from.port }, message);
      });
      const left = (error: Error | null): void => {
        if (error !== null) this.#options.onError(local, whither(error), error.message);
      };
      socket.on('error', (error) => {
        this.#options.onError(local, undefined, error.message);
      });
      const fault = await this.#bind(socket, local);
      if (fault !== undefined) {
        await closed(socket);
        throw new Error(bindFault(local, fault), { cause: fault });
      }
      this.#sockets.set(key(local), { local, socket, left });
      this.#options.onChange('opened', local);
    }
  }

  /** What kept it from being bound. */
  async #bind(socket: Socket, local: Endpoint): Promise<unknown> {
    const bound = this.#options.openBound?.(local);
    if (bound?.ok === false) return bound.error;
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        const where = bound === undefined ? local : { fd: bound.value.descriptor };
        socket.bind({ ...where, exclusive: true }, () => {
          socket.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      if (bound !== undefined) closeSync(bound.value.descriptor);
      return error;
    }
    bound?.value.adopted();
    return undefined;
  }

  #received(local: Endpoint, remote: Endpoint, message: Buffer): void {
    // The buffer is the receiver's own; a view is enough.
    const bytes = new Uint8Array(message.buffer, message.byteOffset, message.length);
    if (local.port !== this.#options.nattPort) {
      this.#listener({ local, remote, bytes });
      return;
    }
    if (bytes.length === 1 && bytes[0] === KEEPALIVE[0]) return;
    if (bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0) {
      this.#listener({ local, remote, bytes: bytes.subarray(4) });
      return;
    }
    this.#options.onEsp(local.address, remote.address, bytes);
  }

  #addresses(): readonly Address[] {
    return (this.#options.addresses ?? localAddresses)();
  }

  /** Opens sockets on addresses that came, closes those whose address went. */
  async follow(): Promise<void> {
    const now = new Set(this.#addresses());
    for (const open of [...this.#sockets.values()]) {
      if (now.has(open.local.address)) continue;
      this.#sockets.delete(key(open.local));
      await this.#close(open);
    }
    for (const address of now) {
      try {
        await this.#openAddress(address);
      } catch (error) {
        this.#options.onError({ address, port: this.#options.ikePort }, undefined, String(error));
      }
    }
  }

  async #close({ local, socket }: OpenSocket): Promise<void> {
    await closed(socket);
    this.#options.onChange('closed', local);
  }
}

/** Node would look up every address that a datagram goes to, in a later turn. */
const alreadyAnAddress: NonNullable<SocketOptions['lookup']> = (address, _options, callback) => {
  callback(null, address, address.includes(':') ? 6 : 4);
};

/** Where a datagram was to go that could not leave: Node says so in fields of the error. */
function whither(error: Error): Endpoint | undefined {
  if (!('address' in error && 'port' in error)) return undefined;
  const { address, port } = error;
  return typeof address === 'string' && typeof port === 'number' ? { address, port } : undefined;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(resolve);
    } catch {
      // It never was open, or is not any more.
      resolve();
    }
  });
}

function key(endpoint: Endpoint): string {
  return `${endpoint.address} ${String(endpoint.port)}`;
}

/** Unicast addresses of this host; IPv6 link-local ones would need a zone and are left out. */
export function localAddresses(): readonly Address[] {
  const found = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return found
    .map((info) => parseAddress(info.address))
    .filter((address) => address !== undefined)
    .filter((address) => !address.startsWith('fe80:'));
}
