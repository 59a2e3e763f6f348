/** Datagrams between the socket and the engine: bounded, and worked off in portions so that timers run in between. */
import type { Datagram } from '../../services/ports/udp.js';

const MOST_WAITING = 4096;
const PORTION = 64;

export class ReceiveQueue {
  readonly #handle: (datagram: Datagram) => void;
  #waiting: Datagram[] = [];
  #scheduled = false;
  #overflow = 0;

  constructor(handle: (datagram: Datagram) => void) {
    this.#handle = handle;
  }

  /** Datagrams dropped because too many waited. */
  get overflow(): number {
    return this.#overflow;
  }

  push(datagram: Datagram): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#overflow += 1;
      return;
    }
    this.#waiting.push(datagram);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const portion = this.#waiting.splice(0, PORTION);
      if (this.#waiting.length > 0) this.#schedule();
      for (const datagram of portion) this.#handle(datagram);
    });
  }
}
