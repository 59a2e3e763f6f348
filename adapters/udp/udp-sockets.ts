/**
 * The UDP sockets of IKE and NAT-T: read and written by the addon where it is there, else Node's own.
 *
 * On the NAT-T port (RFC 3948 2.1-2.3) four zero bytes mark an IKE message, one byte FF is a keepalive, all else is ESP
 * and belongs to the embedded kernel.
 */
import { closeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Bytes } from '../../services/bytes.js';
import { type Address, type Endpoint, parseAddress } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Datagram, Udp } from '../../services/ports/udp.js';
import { err, ok, type Result } from '../../services/result.js';
import type { BoundSocket, SocketReader } from './bound-socket.js';
import type { UdpCalls } from './calls.js';
import { NodeSocket } from './node-socket.js';
import { PolledSocket } from './polled-socket.js';
import { bindFault } from './socket-fault.js';

export interface UdpSocketsOptions {
  /** Undefined: every address of every interface, followed as they come and go. */
  readonly listen: readonly Address[] | undefined;
  /** Who follows the addresses instead, and calls `follow` when they have changed. */
  readonly addresses?: (() => readonly Address[]) | undefined;
  readonly ikePort: number;
  readonly nattPort: number;
  /**
   * Makes bound sockets where Node's own lack options; `adopted` is called when it has an owner. Undefined: Node makes them.
   */
  readonly openBound?: (
    local: Endpoint,
  ) => Result<{ readonly descriptor: number; readonly adopted: () => void }, unknown>;
  /** Reads and writes what `openBound` made. Undefined: Node does. */
  readonly calls?: UdpCalls | undefined;
  readonly clock: Clock;
  /** An ESP packet from a peer's NAT-T port. */
  readonly onEsp: (local: Address, remote: Address, esp: Bytes) => void;
  readonly onChange: (change: 'opened' | 'closed', local: Endpoint) => void;
  readonly onError: (local: Endpoint, remote: Endpoint | undefined, error: string) => void;
}

const KEEPALIVE = Uint8Array.of(0xff);
const ADDRESS_POLL_MS = 5000;

interface OpenSocket {
  readonly local: Endpoint;
  readonly socket: BoundSocket;
}

export class UdpSockets implements Udp {
  readonly #options: UdpSocketsOptions;
  /** By their address, that of IKE and that of NAT-T: a datagram finds its own without a key made for it. */
  readonly #sockets = new Map<Address, readonly OpenSocket[]>();
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
    return this.#open()
      .map(({ local }) => local)
      .filter(({ port }) => port === this.#options.ikePort);
  }

  endpointAt(address: Address): Endpoint | undefined {
    return this.#at({ address, port: this.#options.ikePort })?.local;
  }

  send(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    this.#put(local, remote, bytes, local.port === this.#options.nattPort);
  }

  keepalive(local: Endpoint, remote: Endpoint): void {
    this.#put(local, remote, KEEPALIVE, false);
  }

  /** ESP of the embedded kernel, from our NAT-T port to the peer's: the usual one unless a NAT gave it another. */
  sendEsp(
    local: Address,
    remote: { readonly address: Address; readonly port: number | undefined },
    esp: Bytes,
  ): void {
    const { nattPort } = this.#options;
    const there = { address: remote.address, port: remote.port ?? nattPort };
    this.#put({ address: local, port: nattPort }, there, esp, false);
  }

  /** Settles when nothing waits any more for the system to have room. */
  async sent(): Promise<void> {
    await Promise.all(this.#open().map(({ socket }) => socket.sent()));
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    const open = this.#open();
    this.#sockets.clear();
    await Promise.all(open.map((socket) => this.#close(socket)));
  }

  #put(local: Endpoint, remote: Endpoint, bytes: Bytes, marked: boolean): void {
    const open = this.#at(local);
    if (open === undefined) {
      this.#options.onError(local, remote, 'no socket is open on this address');
      return;
    }
    try {
      open.socket.send(remote, bytes, marked);
    } catch (error) {
      this.#options.onError(local, remote, error instanceof Error ? error.message : String(error));
    }
  }

  #at({ address, port }: Endpoint): OpenSocket | undefined {
    const there = this.#sockets.get(address);
    if (there === undefined) return undefined;
    for (const open of there) if (open.local.port === port) return open;
    return undefined;
  }

  #open(): readonly OpenSocket[] {
    return [...this.#sockets.values()].flat();
  }

  async #openAddress(address: Address): Promise<void> {
    for (const port of [this.#options.ikePort, this.#options.nattPort]) {
      const local = { address, port };
      if (this.#at(local) !== undefined) continue;
      const opened = await this.#bind(local);
      if (!opened.ok) throw new Error(bindFault(local, opened.error), { cause: opened.error });
      const there = this.#sockets.get(address) ?? [];
      this.#sockets.set(address, [...there, { local, socket: opened.value }]);
      this.#options.onChange('opened', local);
    }
  }

  async #bind(local: Endpoint): Promise<Result<BoundSocket, unknown>> {
    const reader: SocketReader = {
      received: (remote, bytes) => {
        this.#received(local, remote, bytes);
      },
      failed: (error, remote) => {
        this.#options.onError(local, remote, error);
      },
    };
    const bound = this.#options.openBound?.(local);
    if (bound === undefined) return NodeSocket.open(local, undefined, reader);
    if (!bound.ok) return bound;
    const { descriptor, adopted } = bound.value;
    const { calls, clock } = this.#options;
    const opened =
      calls === undefined
        ? await NodeSocket.open(local, descriptor, reader)
        : polledSocket(calls, descriptor, reader, clock);
    if (opened.ok) adopted();
    return opened;
  }

  #received(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
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
    for (const [address, there] of [...this.#sockets]) {
      if (now.has(address)) continue;
      this.#sockets.delete(address);
      for (const open of there) await this.#close(open);
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
    await socket.close();
    this.#options.onChange('closed', local);
  }
}

function polledSocket(
  calls: UdpCalls,
  descriptor: number,
  reader: SocketReader,
  clock: Clock,
): Result<PolledSocket, unknown> {
  try {
    return ok(new PolledSocket(calls, descriptor, reader, clock));
  } catch (error) {
    closeSync(descriptor);
    return err(error);
  }
}

/** Unicast addresses of this host; IPv6 link-local ones would need a zone and are left out. */
export function localAddresses(): readonly Address[] {
  const found = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return found
    .map((info) => parseAddress(info.address))
    .filter((address) => address !== undefined)
    .filter((address) => !address.startsWith('fe80:'));
}
