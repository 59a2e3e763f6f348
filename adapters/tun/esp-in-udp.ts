/** ESP in UDP (RFC 3948 2.1): a socket for each local address, beside IKE's on the same port. */
import { closeSync } from 'node:fs';
import { familyOf, type Address } from '../../services/net/address.js';
import { addressText, knownBytes } from '../../services/net/known-addresses.js';
import type { Bytes } from '../../services/bytes.js';
import { type Drain, drain, type DrainParts } from './drain.js';

export class EspInUdp {
  readonly #parts: DrainParts;
  readonly #arrived: (local: Address, remote: Address, esp: Bytes) => void;
  readonly #sockets = new Map<Address, Drain>();

  /** `arrived` has the bytes for the time of the call. */
  constructor(parts: DrainParts, arrived: (local: Address, remote: Address, esp: Bytes) => void) {
    this.#parts = parts;
    this.#arrived = arrived;
  }

  /** Owns the descriptor from now on. */
  add(local: Address, descriptor: number): void {
    this.remove(local);
    const from = new Uint8Array(16);
    const sender = from.subarray(0, familyOf(local) === 4 ? 4 : 16);
    const { calls } = this.#parts;
    try {
      const socket = drain(this.#parts, {
        name: `The socket of ESP in UDP on ${local}`,
        descriptor,
        read: (one, room) => calls.receiveFrom(one, room, from),
        take: (esp) => {
          this.#arrived(local, addressText(sender), esp);
        },
      });
      this.#sockets.set(local, socket);
    } catch {
      // It cannot be watched; without it the kernel gives everything to IKE's socket.
      closeSync(descriptor);
    }
  }

  remove(local: Address): void {
    this.#sockets.get(local)?.close();
    this.#sockets.delete(local);
  }

  /** False where there is no socket for that address. A packet that does not go is lost, as in a network. */
  send(local: Address, remote: Address, port: number, esp: Bytes): boolean {
    const socket = this.#sockets.get(local);
    if (socket === undefined) return false;
    this.#parts.calls.sendTo(socket.descriptor, esp, knownBytes(remote), port);
    return true;
  }

  close(): void {
    for (const local of [...this.#sockets.keys()]) this.remove(local);
  }
}
