/** The world, as the daemon is given it. */
import type { NegotiationId } from '../services/events/event.js';
import type { Clock } from '../services/ports/clock.js';
import type { Crypto } from '../services/ports/crypto.js';
import type { Events } from '../services/ports/events.js';
import type { FellowWorkers } from '../services/ports/fellow-workers.js';
import type { Kernel } from '../services/ports/kernel.js';
import type { Keys } from '../services/ports/keys.js';
import type { Random } from '../services/ports/random.js';
import type { NegotiationPorts, Recorder } from '../services/ports/recorder.js';
import type { Udp } from '../services/ports/udp.js';

export interface DaemonPorts {
  readonly udp: Udp;
  readonly kernel: Kernel;
  readonly crypto: Crypto;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  /** Undefined where nothing can be recorded. */
  readonly recorder?: Recorder | undefined;
  /** Undefined where this is the only one. */
  readonly fellows?: FellowWorkers | undefined;
}

/** The ports that are recorded, as one negotiation has them. */
export function recordedPortsOf(ports: DaemonPorts, id: NegotiationId): NegotiationPorts {
  return ports.recorder?.portsOf(id, ports) ?? ports;
}

/** All ports as one negotiation has them: through them it is recorded. */
export function portsOf(ports: DaemonPorts, id: NegotiationId): DaemonPorts {
  const { keys, events, recorder, fellows } = ports;
  const around = recordedPortsOf(ports, id);
  if (around === ports) return ports;
  const { udp, kernel, crypto, clock, random } = around;
  return { udp, kernel, crypto, keys, clock, random, events, recorder, fellows };
}
