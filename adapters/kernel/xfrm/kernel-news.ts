/** What the kernel tells everybody who listens. */
import type { KernelSockets, MessageSocket, SystemFault } from '../../../services/ports/kernel-socket.js';
import { ok, type Result } from '../../../services/result.js';
import { decodeXfrm, type XfrmMessage } from '../../../services/xfrm/message.js';
import { splitDatagram } from '../../../services/xfrm/netlink.js';
import { GROUP } from '../../../services/xfrm/registry.js';
import { verifyXfrm } from '../../../services/xfrm/verify.js';

export interface NewsListener {
  /** Keys in it are wiped when it returns. */
  told(message: XfrmMessage): void;
  /** Some of it was lost. */
  overrun(): void;
  /** One sentence. */
  failed(why: string): void;
}

const GROUPS = [GROUP.acquire, GROUP.expire, GROUP.sa, GROUP.mapping];

export class KernelNews {
  readonly #sockets: KernelSockets;
  readonly #listener: NewsListener;
  #socket: MessageSocket | undefined;

  constructor(sockets: KernelSockets, listener: NewsListener) {
    this.#sockets = sockets;
    this.#listener = listener;
  }

  open(): Result<undefined, SystemFault> {
    const socket = this.#sockets.xfrm(GROUPS, {
      message: (bytes) => {
        const messages = splitDatagram(bytes);
        for (const { type, body } of messages.ok ? messages.value : []) {
          const told = decodeXfrm(type, body);
          if (!told.ok || told.value === undefined) continue;
          if (verifyXfrm(told.value, 'fromKernel').length === 0) this.#listener.told(told.value);
        }
        // News of SAs carry their keys.
        bytes.fill(0);
      },
      overrun: () => {
        if (this.#socket !== undefined) this.#listener.overrun();
      },
      failed: ({ message }) => {
        this.#listener.failed(message);
      },
    });
    if (!socket.ok) return socket;
    this.#socket = socket.value;
    return ok(undefined);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}
