/** Raw IP sockets of the data path: ESP and AH as protocols of their own, what ICMP says of them, and packets that go on in the clear. All are marked. */
import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { Bytes } from '../../services/bytes.js';
import { type Address, addressBytes, familyOf } from '../../services/net/address.js';
import { addressText, knownBytes } from '../../services/net/known-addresses.js';
import type { TooBig } from '../../services/ports/data-path.js';
import { err, ok, type Result } from '../../services/result.js';
import type { DataPathCalls } from './calls.js';
import { type Drain, drain, type DrainParts } from './drain.js';
import { ICMP, readTooBig } from './too-big.js';

const PROTOCOL = { ESP: 50, AH: 51 } as const;
/** IPPROTO_RAW: whole packets, headers included. */
const WHOLE_PACKETS = 255;

/** Bytes are the listener's for the time of the call. */
export interface Heard {
  readonly esp: (local: Address, remote: Address, packet: Bytes) => void;
  /** Of IPv4 with its IP header, of IPv6 without. */
  readonly ah: (local: Address, remote: Address, packet: Bytes) => void;
}

export class RawSockets {
  readonly #parts: DrainParts;
  readonly #calls: DataPathCalls;
  readonly #mark: number;
  /** By local address. */
  readonly #esp = new Map<Address, Drain>();
  readonly #ah = new Map<Address, Drain>();
  readonly #whole = new Map<4 | 6, number>();
  readonly #icmp = new Map<4 | 6, Drain>();

  constructor(parts: DrainParts, mark: number) {
    this.#parts = parts;
    this.#calls = parts.calls;
    this.#mark = mark;
  }

  /** ESP and AH to and from these addresses of this host; sockets of others are closed. */
  listen(locals: readonly Address[], heard: Heard): Result<void, string> {
    for (const sockets of [this.#esp, this.#ah]) {
      for (const [address, socket] of sockets) {
        if (locals.includes(address)) continue;
        socket.close();
        sockets.delete(address);
      }
    }
    for (const local of locals) {
      const esp = this.#listen(this.#esp, 'ESP', local, (remote, bytes) => {
        heard.esp(local, remote, familyOf(local) === 4 ? payloadOfIpv4(bytes) : bytes);
      });
      if (!esp.ok) return esp;
      const ah = this.#listen(this.#ah, 'AH', local, (remote, bytes) => {
        heard.ah(local, remote, bytes);
      });
      if (!ah.ok) return ah;
    }
    return ok(undefined);
  }

  #listen(
    sockets: Map<Address, Drain>,
    name: keyof typeof PROTOCOL,
    local: Address,
    heard: (remote: Address, bytes: Bytes) => void,
  ): Result<void, string> {
    if (sockets.has(local)) return ok(undefined);
    const version = familyOf(local);
    const made = this.#open(version, PROTOCOL[name]);
    if (!made.ok) return made;
    const fault = this.#calls.bindTo(made.value, addressBytes(local), 0);
    if (fault < 0) {
      closeSync(made.value);
      return err(`${name} cannot be received on ${local}: ${getSystemErrorName(fault)}.`);
    }
    // Or the host would not cut what is longer than the path takes.
    if (version === 6) this.#calls.hearErrors(made.value);
    const from = new Uint8Array(16);
    const sender = from.subarray(0, version === 4 ? 4 : 16);
    const socket = drain(this.#parts, {
      name: `The raw socket of ${name} on ${local}`,
      descriptor: made.value,
      read: (descriptor, room) => this.#calls.receiveFrom(descriptor, room, from),
      take: (bytes) => {
        heard(addressText(sender), bytes);
      },
    });
    sockets.set(local, socket);
    return ok(undefined);
  }

  /** What routers say of packets that are too long for them, of both families. */
  hear(tooBig: (word: TooBig) => void): Result<void, string> {
    for (const version of [4, 6] as const) {
      if (this.#icmp.has(version)) continue;
      const made = this.#open(version, ICMP[version]);
      // A host without IPv6 has nobody to speak of it.
      if (!made.ok && version === 6) continue;
      if (!made.ok) return made;
      const from = new Uint8Array(16);
      const socket = drain(this.#parts, {
        name: `The raw socket of ${version === 4 ? 'ICMP' : 'ICMPv6'}`,
        descriptor: made.value,
        read: (descriptor, room) => this.#calls.receiveFrom(descriptor, room, from),
        take: (bytes) => {
          const word = readTooBig(version, bytes);
          if (word !== undefined) tooBig(word);
        },
      });
      this.#icmp.set(version, socket);
    }
    return ok(undefined);
  }

  /** Nothing is said of a packet that does not go: networks lose packets, too. */
  sendEsp(local: Address, remote: Address, packet: Bytes): void {
    const socket = this.#esp.get(local);
    if (socket !== undefined) this.#calls.sendTo(socket.descriptor, packet, knownBytes(remote), 0);
  }

  /** A whole IP packet, to its destination. */
  sendWhole(packet: Bytes): void {
    const version = (packet[0] ?? 0) >>> 4 === 4 ? 4 : 6;
    const to = version === 4 ? packet.subarray(16, 20) : packet.subarray(24, 40);
    let descriptor = this.#whole.get(version);
    if (descriptor === undefined) {
      const made = this.#open(version, WHOLE_PACKETS);
      if (!made.ok) return;
      descriptor = made.value;
      this.#whole.set(version, descriptor);
    }
    this.#calls.sendTo(descriptor, packet, to, 0);
  }

  close(): void {
    for (const sockets of [this.#esp, this.#ah, this.#icmp]) {
      for (const socket of sockets.values()) socket.close();
      sockets.clear();
    }
    for (const descriptor of this.#whole.values()) closeSync(descriptor);
    this.#whole.clear();
  }

  #open(version: 4 | 6, protocol: number): Result<number, string> {
    const descriptor = this.#calls.rawSocket(version, protocol);
    if (descriptor < 0) return err(`A raw socket cannot be opened: ${getSystemErrorName(descriptor)}.`);
    const fault = this.#calls.markSocket(descriptor, this.#mark);
    if (fault === 0) return ok(descriptor);
    closeSync(descriptor);
    return err(`Packets cannot be marked: ${getSystemErrorName(fault)}.`);
  }
}

/** Raw sockets of IPv4 give the header, too. */
function payloadOfIpv4(packet: Bytes): Bytes {
  return packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
}
