/** PF_KEY and NETLINK_XFRM sockets through the addon: whole messages, from Node's loop. */
import { getSystemErrorName } from 'node:util';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Bytes } from '../../services/bytes.js';
import type {
  KernelSockets,
  MessageListener,
  MessageSocket,
  SystemFault,
} from '../../services/ports/kernel-socket.js';
import { err, ok, type Result } from '../../services/result.js';
import type { Native, Polled } from './load-native.js';

const READABLE = 1;
/** A dump of the kernel comes in datagrams of at most 32 kB. */
const LONGEST_MESSAGE = 256 * 1024;
/** In one turn of the loop, so that timers and other sockets get theirs. */
const MESSAGES_PER_TURN = 64;

const { EAGAIN, EWOULDBLOCK, EMSGSIZE, ENOBUFS, EIO, ECANCELED } = constants.errno;

export function nativeKernelSockets(native: Native): KernelSockets {
  return {
    key: (listener) => opened(native, 'PF_KEY', native.openKeySocket(), [], listener),
    xfrm: (groups, listener) => opened(native, 'NETLINK_XFRM', native.openXfrmSocket(), groups, listener),
  };
}

function opened(
  native: Native,
  kind: SocketKind,
  descriptor: number,
  groups: readonly number[],
  listener: MessageListener,
): Result<MessageSocket, SystemFault> {
  if (descriptor < 0) return err(systemFault(-descriptor, openFault(kind, codeOf(-descriptor))));
  for (const group of groups) {
    const fault = -native.joinGroup(descriptor, group);
    if (fault === 0) continue;
    closeSync(descriptor);
    const why = `This kernel does not tell what happens in group ${String(group)} of ${kind}: ${codeOf(fault)}.`;
    return err(systemFault(fault, why));
  }
  return ok(messageSocket(native, descriptor, listener));
}

type SocketKind = 'PF_KEY' | 'NETLINK_XFRM';

function openFault(kind: SocketKind, code: string): string {
  const module = kind === 'PF_KEY' ? 'af_key' : 'xfrm_user';
  switch (code) {
    case 'EAFNOSUPPORT':
    case 'EPROTONOSUPPORT':
      return `This kernel has no ${kind}: load its module (modprobe ${module}), or choose another --kernel.`;
    case 'EPERM':
    case 'EACCES':
      return `This user may not open ${kind}: run as root, or with CAP_NET_ADMIN.`;
    default:
      return `${kind} cannot be opened: ${code}.`;
  }
}

/** Owns the descriptor of a socket of whole messages, of whatever family, from now on. */
export function messageSocket(native: Native, descriptor: number, listener: MessageListener): MessageSocket {
  return new NativeMessageSocket(native, descriptor, listener);
}

class NativeMessageSocket implements MessageSocket {
  readonly #native: Native;
  readonly #listener: MessageListener;
  readonly #polled: Polled;
  readonly #room = new Uint8Array(LONGEST_MESSAGE);

  constructor(native: Native, descriptor: number, listener: MessageListener) {
    this.#native = native;
    this.#listener = listener;
    this.#polled = new native.Polled(descriptor, (events) => {
      this.#receive(events === 0);
    });
    this.#polled.want(READABLE);
  }

  send(bytes: Bytes): SystemFault | undefined {
    if (this.#polled.descriptor < 0) return systemFault(ECANCELED, 'The socket to the kernel is closed.');
    const count = this.#native.sendMessage(this.#polled.descriptor, bytes);
    if (count >= 0) return undefined;
    return systemFault(-count, `The kernel was not told: ${codeOf(-count)}.`);
  }

  close(): void {
    this.#polled.close();
  }

  /** `inError`: the loop watches no more until it is asked again; reading tells the error. */
  #receive(inError: boolean): void {
    for (let turn = 0; turn < MESSAGES_PER_TURN && this.#polled.descriptor >= 0; turn++) {
      const count = this.#native.receiveMessage(this.#polled.descriptor, this.#room);
      if (count === -EAGAIN || count === -EWOULDBLOCK) {
        // An error that reading does not show would be reported again at once, and for ever.
        if (inError && turn === 0) this.#fail(EIO);
        break;
      }
      // A message longer than any that a kernel sends: part of the news is lost, as when too many came.
      if (count === -ENOBUFS || count === -EMSGSIZE) this.#listener.overrun();
      else if (count < 0) this.#fail(-count);
      else this.#tell(count);
    }
    if (inError && this.#polled.descriptor >= 0) this.#polled.want(READABLE);
  }

  #tell(length: number): void {
    const message = this.#room.slice(0, length);
    // Kernels answer with keys.
    this.#room.fill(0, 0, length);
    this.#listener.message(message);
  }

  #fail(errno: number): void {
    this.#polled.close();
    this.#listener.failed(
      systemFault(errno, `The socket to the kernel is of no use any more: ${codeOf(errno)}.`),
    );
  }
}

function systemFault(errno: number, message: string): SystemFault {
  return { code: codeOf(errno), errno, message };
}

function codeOf(errno: number): string {
  return getSystemErrorName(-errno);
}
