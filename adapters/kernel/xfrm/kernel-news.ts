/** What the kernel tells everybody who listens. After an overrun, what was lost is looked up. */
import type { KernelSockets, MessageSocket, SystemFault } from '../../../services/ports/kernel-socket.js';
import { ok, type Result } from '../../../services/result.js';
import { decodeXfrm, type XfrmMessage } from '../../../services/xfrm/message.js';
import { splitDatagram } from '../../../services/xfrm/netlink.js';
import { GROUP } from '../../../services/xfrm/registry.js';
import { verifyXfrm } from '../../../services/xfrm/verify.js';

export interface NewsListener {
  /** Keys in it are wiped when it returns. */
  told(message: XfrmMessage): void;
  /** Compares what is believed with what is there. */
  review(): Promise<Result<undefined, string>>;
  /** One sentence. */
  failed(why: string): void;
}

const GROUPS = [GROUP.acquire, GROUP.expire, GROUP.sa, GROUP.mapping];

export class KernelNews {
  readonly #sockets: KernelSockets;
  readonly #listener: NewsListener;
  #socket: MessageSocket | undefined;
  /** `again`: another overrun came meanwhile. */
  #reviewing: 'no' | 'running' | 'again' = 'no';

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
        void this.#overrun();
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

  async #overrun(): Promise<void> {
    if (this.#reviewing !== 'no') {
      this.#reviewing = 'again';
      return;
    }
    do {
      this.#reviewing = 'running';
      const reviewed = await this.#listener.review();
      if (!reviewed.ok) this.#listener.failed(reviewed.error);
    } while (this.#isAskedAgain());
    this.#reviewing = 'no';
  }

  #isAskedAgain(): boolean {
    return this.#reviewing === 'again' && this.#socket !== undefined;
  }
}
