/** A wire inside one process: each datagram is a turn of the event loop, and each turn's CPU time is the receiver's. */
import type { Datagram, Udp } from '../../services/ports/udp.js';
import { type BenchEngine, benchEngine, INITIATOR, RESPONDER } from './bench-engine.js';

type End = 'initiator' | 'responder';

export const IKE_PORT = 500;

/** CPU time of this process so far, milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export class Turns {
  readonly #listeners = new Map<End, (datagram: Datagram) => void>();
  readonly #spent: Record<End, number> = { initiator: 0, responder: 0 };
  readonly #waiting: { readonly to: End; readonly datagram: Datagram }[] = [];
  #running = false;

  engine(
    end: End,
    group: number,
    recorded = false,
    watch?: Parameters<typeof benchEngine>[2]['watch'],
  ): BenchEngine {
    return benchEngine(end, group, { udp: this.#udp(end), port: IKE_PORT, recorded, watch });
  }

  reset(): void {
    this.#spent.initiator = 0;
    this.#spent.responder = 0;
  }

  cpuMs(end: End): number {
    return this.#spent[end];
  }

  #udp(end: End): Udp {
    const local = { address: end === 'initiator' ? INITIATOR : RESPONDER, port: IKE_PORT };
    const to = end === 'initiator' ? 'responder' : 'initiator';
    return {
      send: (from, remote, bytes) => {
        this.#waiting.push({ to, datagram: { local: remote, remote: from, bytes: Uint8Array.from(bytes) } });
        this.#run();
      },
      onDatagram: (listener) => {
        this.#listeners.set(end, listener);
      },
      open: () => Promise.resolve(),
      keepalive: () => undefined,
      endpoints: () => [local],
      close: () => Promise.resolve(),
    };
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#running = false;
        return;
      }
      const before = cpuMs();
      this.#listeners.get(next.to)?.(next.datagram);
      // All jobs of this bench settle in microtasks: what the datagram set off is done before the next turn.
      setImmediate(() => {
        this.#spent[next.to] += cpuMs() - before;
        this.#running = false;
        if (this.#waiting.length > 0) this.#run();
      });
    });
  }
}
