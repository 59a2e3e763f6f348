/** The daemon's ports over a clock that the test moves by hand. Nothing is at the other end of the wire. */
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { EmbeddedKernel } from '../../adapters/kernel/embedded/embedded-kernel.js';
import { EventStream } from '../../daemon/event-stream.js';
import { KeyStore } from '../../daemon/key-store.js';
import type { DaemonPorts } from '../../daemon/ports.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { Dice } from '../sim/dice.js';
import type { HandClock } from './hand-clock.js';

export const LOCAL = { address: '192.0.2.1', port: 500 };
export const REMOTE = { address: '192.0.2.2', port: 500 };

/** `reports` gets every event that is emitted. */
export function handPorts(clock: HandClock, reports: StampedEvent[]): DaemonPorts {
  const keys = new KeyStore();
  const random = new Dice(1);
  const events = new EventStream(clock);
  events.subscribe((event) => reports.push(event));
  return {
    clock,
    keys,
    random,
    events,
    crypto: new NodeCrypto(keys, random, { workers: false }),
    udp: {
      send: () => undefined,
      keepalive: () => undefined,
      onDatagram: () => undefined,
      open: () => Promise.resolve(),
      endpoints: () => [LOCAL],
      endpointAt: (address) => (address === LOCAL.address ? LOCAL : undefined),
      close: () => Promise.resolve(),
    },
    kernel: new EmbeddedKernel({
      clock,
      random,
      keys,
      policies: [],
      transmit: () => undefined,
      deliver: () => undefined,
    }),
  };
}
