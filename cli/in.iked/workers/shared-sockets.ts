/** The UDP sockets of all workers: the head makes them, in the order by which the kernel counts, and follows the addresses. */
import { closeSync } from 'node:fs';
import { bindFault } from '../../../adapters/udp/socket-fault.js';
import { localAddresses } from '../../../adapters/udp/udp-sockets.js';
import type { Address, Endpoint } from '../../../services/net/address.js';
import type { Result } from '../../../services/result.js';
import type { SocketNews } from './messages.js';

export interface SharedSocketsOptions {
  /** Undefined: every address of every interface, as they come and go. */
  readonly listen: readonly Address[] | undefined;
  readonly ports: readonly number[];
  readonly count: number;
  /** One for each worker, bound to the same place. */
  readonly open: (local: Endpoint) => Result<readonly number[], unknown>;
  readonly onError: (local: Endpoint, error: string) => void;
}

const ADDRESS_POLL_MS = 5000;

export class SharedSockets {
  readonly #options: SharedSocketsOptions;
  #addresses: readonly Address[] = [];
  #poll: NodeJS.Timeout | undefined;

  constructor(options: SharedSocketsOptions) {
    this.#options = options;
  }

  /** For each worker its own. Throws an `Error` of one sentence when an address or a port cannot be had. */
  open(): readonly SocketNews[] {
    const addresses = this.#options.listen ?? localAddresses();
    if (addresses.length === 0)
      throw new Error('This host has no address to listen on; name one with --listen.');
    this.#addresses = addresses;
    return this.#news(
      addresses.map((address) => {
        const opened = this.#openAddress(address);
        if (typeof opened === 'string') throw new Error(opened);
        return opened;
      }),
    );
  }

  /** `changed` gets what is new for each worker, whenever an address came or went. */
  follow(changed: (news: readonly SocketNews[]) => void): void {
    if (this.#options.listen !== undefined) return;
    this.#poll = setInterval(() => {
      const news = this.#lookAgain(localAddresses());
      if (news !== undefined) changed(news);
    }, ADDRESS_POLL_MS);
    this.#poll.unref();
  }

  close(): void {
    clearInterval(this.#poll);
  }

  #lookAgain(now: readonly Address[]): readonly SocketNews[] | undefined {
    const before = new Set(this.#addresses);
    const kept = now.filter((address) => before.has(address));
    const opened: Opened[] = [];
    for (const address of now) {
      if (before.has(address)) continue;
      const sockets = this.#openAddress(address);
      if (typeof sockets !== 'string') opened.push(sockets);
      // It is tried again at the next look.
      else this.#options.onError({ address, port: this.#options.ports[0] ?? 0 }, sockets);
    }
    if (opened.length === 0 && kept.length === this.#addresses.length) return undefined;
    this.#addresses = [...kept, ...opened.map(({ address }) => address)];
    return this.#news(opened);
  }

  /** All of its sockets, or why there are none. */
  #openAddress(address: Address): Opened | string {
    const sockets: { readonly port: number; readonly descriptors: readonly number[] }[] = [];
    for (const port of this.#options.ports) {
      const made = this.#options.open({ address, port });
      if (!made.ok) {
        for (const { descriptors } of sockets) for (const descriptor of descriptors) closeSync(descriptor);
        return bindFault({ address, port }, made.error);
      }
      sockets.push({ port, descriptors: made.value });
    }
    return { address, sockets };
  }

  #news(opened: readonly Opened[]): readonly SocketNews[] {
    return Array.from({ length: this.#options.count }, (_, worker) => ({
      addresses: this.#addresses,
      descriptors: opened.flatMap(({ address, sockets }) =>
        sockets.map(({ port, descriptors }) => ({ address, port, descriptor: descriptors[worker] ?? -1 })),
      ),
    }));
  }
}

interface Opened {
  readonly address: Address;
  readonly sockets: readonly { readonly port: number; readonly descriptors: readonly number[] }[];
}
