/**
 * The addon: what Node lacks, from the C beside this file. It is optional: where it was not built, or does not load,
 * everything else works, and one sentence says what is missing.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '../../services/result.js';

/** A descriptor that Node's loop watches, and owns; see polled.c. */
export interface Polled {
  /** -1 after `close`. */
  readonly descriptor: number;
  /** 1 readable, 2 writable, 3 both, 0 nothing for now. */
  want(events: number): void;
  close(): void;
}

/** Counts and errors are of the host: minus `errno` where a count may come. */
export interface Native {
  /** Sets the limit of core files to 0, for good. 0, or `errno`. */
  readonly coreLimitZero: () => number;
  /** The user at the other end of a connected Unix socket, or minus `errno`. */
  readonly peerUid: (descriptor: number) => number;
  /** What this thread may do is put aside when it becomes another user. 0, or `errno`; ENOSYS where there is no such thing. */
  readonly keepRights: () => number;
  /** Takes up privileged ports and the kernel's SAs again, and nothing else. 0, or `errno`. */
  readonly takeRights: () => number;
  /** Takes up raw sockets, their marks, and routes, these also for programs that this thread starts. 0, or `errno`. */
  readonly takePacketRights: () => number;
  /** `onReady` gets what holds of what is wanted; 0 when the descriptor is in error, which stops the watch. */
  readonly Polled: new (descriptor: number, onReady: (events: number) => void) => Polled;
  /** Another descriptor of the same open file, or minus `errno`. */
  readonly duplicate: (descriptor: number) => number;
  /** Whatever is written goes to the end of the file from now on. 0, or `errno`; EBADF when it is not for writing. */
  readonly appendTo: (descriptor: number) => number;
  /**
   * How many bytes came, 0 at the end; the descriptors that came with them are added to `descriptors`. EMSGSIZE when they
   * were more than 2: then all are closed.
   */
  readonly receivePassed: (descriptor: number, bytes: Uint8Array, descriptors: number[]) => number;
  /** How many bytes went; the descriptors, 8 at most, go with the first of them. */
  readonly sendPassed: (descriptor: number, bytes: Uint8Array, descriptors: readonly number[]) => number;
  /** A descriptor of PF_KEY version 2, or minus `errno`. */
  readonly openKeySocket: () => number;
  /** A descriptor of NETLINK_XFRM, or minus `errno`. */
  readonly openXfrmSocket: () => number;
  /** A netlink socket hears a multicast group, counted from 1. 0, or minus `errno`. */
  readonly joinGroup: (descriptor: number, group: number) => number;
  /** Length of the datagram; EMSGSIZE when it was longer than `bytes` and is lost. */
  readonly receiveMessage: (descriptor: number, bytes: Uint8Array) => number;
  /** Length of the datagram that went. */
  readonly sendMessage: (descriptor: number, bytes: Uint8Array) => number;
  /** Two descriptors that hear each other; or minus `errno`. */
  readonly messagePair: () => readonly number[] | number;
  /** An unbound UDP socket, or minus `errno`. */
  readonly udpSocket: (version: 4 | 6) => number;
  /** `address` is its 4 or 16 bytes. 0, or minus `errno`. */
  readonly bindTo: (descriptor: number, address: Uint8Array, port: number) => number;
  /** Nobody may bind the same port beside it. 0, or minus `errno`. */
  readonly keepPort: (descriptor: number) => number;
  /** The socket's datagrams pass by IPsec policies of the kernel. 0, or minus `errno`; ENOPROTOOPT: there are none. */
  readonly bypassIpsec: (descriptor: number, version: 4 | 6) => number;
  /** The kernel takes ESP in UDP that comes to the socket. 0, or minus `errno`. */
  readonly encapsulateEsp: (descriptor: number) => number;
  /** Before it is bound: another socket that does the same may be bound to the same port. 0, or minus `errno`. */
  readonly sharePort: (descriptor: number) => number;
  /**
   * Of two sockets that share their port, the one bound first gets what begins with four zero bytes or is shorter, the
   * other one the rest. 0, or minus `errno`.
   */
  readonly splitEsp: (descriptor: number) => number;
  /**
   * Of `count` sockets that share their port, the one bound as the n-th gets the messages with initiator cookies that
   * leave n (`workerOfCookie`); `isMarked` 1: behind four zero bytes, and ESP by its SPI. 0, or minus `errno`.
   */
  readonly spreadByCookie: (descriptor: number, count: number, isMarked: 0 | 1) => number;
  /** A TUN device of that name, at most 15 bytes, which goes with its descriptor; or minus `errno`. */
  readonly openTun: (name: Uint8Array) => number;
  /** One packet of a TUN device. Its length, or minus `errno`. */
  readonly readPacket: (descriptor: number, bytes: Uint8Array) => number;
  readonly writePacket: (descriptor: number, bytes: Uint8Array) => number;
  /**
   * A raw socket of an IP protocol, or minus `errno`; through one of 255 whole packets are sent; to one of ICMP comes alone
   * what says that a packet did not reach its end (IPv4) or was too big (IPv6).
   */
  readonly rawSocket: (version: 4 | 6, protocol: number) => number;
  /** Routing may tell what the socket sends by its mark. 0, or minus `errno`. */
  readonly markSocket: (descriptor: number, mark: number) => number;
  /** A socket of IPv6 is told what ICMP says of its packets: Linux learns only then how long they may be. 0, or minus `errno`. */
  readonly hearErrors: (descriptor: number) => number;
  /** Such words are passed over; until then the descriptor is in error. How many there were, 64 at most. */
  readonly dropErrors: (descriptor: number) => number;
  /** Length of the datagram that went to the 4 or 16 bytes of an address, or minus `errno`. */
  readonly sendTo: (descriptor: number, bytes: Uint8Array, address: Uint8Array, port: number) => number;
  /** Length of the datagram; `address` has 16 bytes and gets the 4 or 16 of its sender. */
  readonly receiveFrom: (descriptor: number, bytes: Uint8Array, address: Uint8Array) => number;
  /**
   * How many datagrams, or errors, now stand in `room`, each behind its envelope (`datagrams.c`); 0 when there is nothing.
   * `room` has place for one of 65535 bytes at least.
   */
  readonly receiveDatagrams: (descriptor: number, room: Uint8Array) => number;
  /** The datagram at the beginning of `room`, behind its envelope. 0, or minus `errno`. */
  readonly sendDatagram: (descriptor: number, room: Uint8Array) => number;
}

/** Doors, which illumos alone has. Numbers below 0 are minus `errno`. */
export interface NativeDoors {
  /** A door attached to a file that is there. Each call waits for `doorAnswer`; `uid` is minus `errno` when not known. */
  readonly doorOpen: (
    path: string,
    longest: number,
    onCall: (id: number, request: Uint8Array, descriptors: readonly number[], uid: number) => void,
  ) => number;
  /** Nobody comes in any more; who waits is still answered. */
  readonly doorClose: (descriptor: number, path: string) => number;
  readonly doorAnswer: (id: number, reply: Uint8Array) => void;
  /** 0, or `errno`, and then `done` is not called. */
  readonly doorAsk: (
    door: number,
    request: Uint8Array,
    descriptors: readonly number[],
    done: (errno: number, reply: Uint8Array) => void,
  ) => number;
  /** Whether the user has the authorization of that name: user_attr(5). It may take as long as the name service does. */
  readonly isAuthorised: (uid: number, authorization: string) => boolean;
}

export function hasDoors(native: Native): native is Native & NativeDoors {
  return hasAll(native, ['doorOpen', 'doorClose', 'doorAnswer', 'doorAsk', 'isAuthorised']);
}

const FUNCTIONS: readonly (keyof Native)[] = [
  'coreLimitZero',
  'peerUid',
  'keepRights',
  'takeRights',
  'takePacketRights',
  'Polled',
  'duplicate',
  'appendTo',
  'receivePassed',
  'sendPassed',
  'openKeySocket',
  'openXfrmSocket',
  'joinGroup',
  'receiveMessage',
  'sendMessage',
  'messagePair',
  'udpSocket',
  'bindTo',
  'keepPort',
  'bypassIpsec',
  'encapsulateEsp',
  'sharePort',
  'splitEsp',
  'spreadByCookie',
  'openTun',
  'readPacket',
  'writePacket',
  'rawSocket',
  'markSocket',
  'hearErrors',
  'dropErrors',
  'sendTo',
  'receiveFrom',
  'receiveDatagrams',
  'sendDatagram',
];

/** Beside the bundles, or in `dist/` of the sources that run by themselves. */
export function addonPath(module = import.meta.url): string {
  const folder = dirname(fileURLToPath(module));
  const beside = join(folder, 'ikechart.node');
  return existsSync(beside) ? beside : join(folder, '../../dist/ikechart.node');
}

export function loadNative(path = addonPath()): Result<Native, string> {
  if (!existsSync(path)) {
    return err(`${path} was not built: install a C compiler and Node's headers, then run "npm run build".`);
  }
  try {
    const addon: unknown = createRequire(import.meta.url)(path);
    return isNative(addon)
      ? ok(addon)
      : err(`${path} is of another version of ikechart: run "npm run build".`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`${path} does not load: ${reason}; run "npm run build" on this host.`);
  }
}

function isNative(addon: unknown): addon is Native {
  return typeof addon === 'object' && addon !== null && hasAll(addon, FUNCTIONS);
}

function hasAll(addon: object, names: readonly string[]): boolean {
  return names.every((name) => typeof Reflect.get(addon, name) === 'function');
}
