/** A peer on loopback: the production engine, kernel and sockets; its crypto and what it sends may be tampered with. */
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { EmbeddedKernel } from '../../adapters/kernel/embedded/embedded-kernel.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { WheelClock } from '../../adapters/clock/wheel-clock.js';
import { UdpSockets } from '../../adapters/udp/udp-sockets.js';
import { Engine } from '../../daemon/engine.js';
import { EventStream } from '../../daemon/event-stream.js';
import { KeyStore } from '../../daemon/key-store.js';
import { NO_STORES } from '../../services/certs/stores.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { parseIpsecPolicies } from '../../services/config/ipsec-policy.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { Udp } from '../../services/ports/udp.js';
import { parsePresharedKeys } from '../sim/parse-keys.js';

export interface LoopbackPlan {
  readonly address: string;
  readonly port: number;
  readonly nattPort: number;
  readonly config: string;
  readonly preshared: string;
  readonly policy: string;
  readonly crypto?: (crypto: Crypto) => Crypto;
  readonly udp?: (udp: Udp) => Udp;
}

export interface LoopbackPeer {
  readonly engine: Engine;
  close(): Promise<void>;
}

export async function openPeer(plan: LoopbackPlan): Promise<LoopbackPeer> {
  const keys = new KeyStore();
  const random = new NodeRandom();
  const clock = new WheelClock({
    onError: (error) => {
      throw error;
    },
  });
  const { config } = parseIkeConfig(plan.config, 'config');
  const { policies } = parseIpsecPolicies(plan.policy, 'policy');
  if (config === undefined || policies === undefined) throw new Error('the configuration of a peer is wrong');
  const sockets = new UdpSockets({
    clock,
    listen: [plan.address],
    ikePort: plan.port,
    nattPort: plan.nattPort,
    onEsp: () => undefined,
    onChange: () => undefined,
    onError: () => undefined,
  });
  const udp = plan.udp?.(sockets) ?? sockets;
  const kernel = new EmbeddedKernel({
    clock,
    random,
    keys,
    policies,
    transmit: () => undefined,
    deliver: () => undefined,
  });
  const real = new NodeCrypto(keys, random, { workers: false });
  const crypto = plan.crypto?.(real) ?? real;
  const engine = new Engine(
    { udp, kernel, crypto, keys, clock, random, events: new EventStream(clock) },
    {
      ikePort: plan.port,
      nattPort: plan.nattPort,
      settings: { config, presharedKeys: parsePresharedKeys(plan.preshared, keys), certificates: NO_STORES },
    },
  );
  udp.onDatagram((datagram) => {
    engine.receive(datagram);
  });
  await kernel.open({
    acquire: (acquire) => {
      engine.acquired(acquire);
    },
    expire: (expiry) => {
      engine.expired(expiry);
    },
    deleted: (sa) => {
      engine.deletedInKernel(sa);
    },
    flushed: () => {
      engine.flushed();
    },
  });
  await udp.open();
  return {
    engine,
    close: async () => {
      await udp.close();
      await kernel.close();
      await real.close();
      clock.close();
    },
  };
}
