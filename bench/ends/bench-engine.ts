/** One end of the bench: the production engine, embedded kernel, crypto and sockets, on a loopback address. */
import { WheelClock } from '../../adapters/clock/wheel-clock.js';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { EmbeddedKernel } from '../../adapters/kernel/embedded/embedded-kernel.js';
import { FlightRecorder } from '../../adapters/recorder/flight-recorder.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { UdpSockets } from '../../adapters/udp/udp-sockets.js';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import { Engine } from '../../daemon/engine.js';
import { EventStream } from '../../daemon/event-stream.js';
import { KeyStore } from '../../daemon/key-store.js';
import { NO_STORES } from '../../services/certs/stores.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { parsePreshared } from '../../services/config/ike-preshared.js';
import { prefixRange } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import type { Udp } from '../../services/ports/udp.js';

export const INITIATOR = '127.0.0.1';
export const RESPONDER = '127.0.0.2';

export interface BenchEngine {
  readonly engine: Engine;
  readonly crypto: NodeCrypto;
  readonly policy: IpsecPolicy;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Sockets of one end on loopback; `port` is the same at both ends, and NAT-T takes the next one. */
export function udpEnd(
  end: 'initiator' | 'responder',
  port: number,
): { readonly udp: Udp; readonly port: number } {
  const udp = new UdpSockets({
    listen: [end === 'initiator' ? INITIATOR : RESPONDER],
    ikePort: port,
    nattPort: port + 1,
    onEsp: () => undefined,
    onChange: () => undefined,
    onError: (_local, _remote, error) => {
      throw new Error(error);
    },
  });
  return { udp, port };
}

/** Retry windows are short, so that what is remembered for them goes soon. */
export function benchEngine(
  end: 'initiator' | 'responder',
  group: number,
  {
    udp,
    port,
    recorded = false,
    watch,
  }: {
    readonly udp: Udp;
    readonly port: number;
    readonly recorded?: boolean;
    /** Of every chart. */
    readonly watch?: ((events: EventStream, clock: WheelClock) => ChartWatcher) | undefined;
  },
): BenchEngine {
  const [local, remote] = end === 'initiator' ? [INITIATOR, RESPONDER] : [RESPONDER, INITIATOR];
  const keys = new KeyStore();
  const random = new NodeRandom();
  const clock = new WheelClock({
    onError: (error) => {
      throw error;
    },
  });
  const { config } = parseIkeConfig(
    `retry_limit 1 retry_timer_init 1
     { label "bench" local_addr ${local} remote_addr ${remote}
       p1_xform { auth_method preshared oakley_group ${String(group)} auth_alg sha1 encr_alg aes(128..128) } }`,
    'bench',
  );
  const preshared = parsePreshared(
    `{ localid ${local} remoteid ${remote} key 00112233445566778899aabbccddeeff }`,
    'bench',
    (bytes) => keys.put(bytes),
  );
  if (config === undefined || preshared.keys === undefined)
    throw new Error('the configuration of the bench is wrong');
  const networks = [prefixRange('10.1.0.0', 16), prefixRange('10.2.0.0', 16)] as const;
  const [here, there] = end === 'initiator' ? networks : [networks[1], networks[0]];
  const policy: IpsecPolicy = {
    selectors: { local: { addresses: here, port: 0 }, remote: { addresses: there, port: 0 }, protocol: 0 },
    mode: 'tunnel',
    outer: { local, remote },
    proposals: [
      [{ protocol: 50, encryption: 'aes-cbc', keyBits: { low: 128, high: 128 }, integrity: 'hmac-sha1-96' }],
    ],
    ruleLabel: undefined,
  };
  const kernel = new EmbeddedKernel({
    clock,
    random,
    keys,
    policies: [policy],
    transmit: () => undefined,
    deliver: () => undefined,
  });
  const crypto = new NodeCrypto(keys, random, { workers: false });
  const events = new EventStream(clock);
  const recorder = recorded ? new FlightRecorder({ clock, keys }) : undefined;
  if (recorder !== undefined)
    events.subscribe((event) => {
      recorder.read(event);
    });
  const engine = new Engine(
    { udp, kernel, crypto, keys, clock, random, events, recorder },
    {
      ikePort: port,
      nattPort: port + 4000,
      settings: { config, presharedKeys: preshared.keys, certificates: NO_STORES },
      ...(watch === undefined ? {} : { watcher: watch(events, clock) }),
    },
  );
  udp.onDatagram((datagram) => {
    engine.receive(datagram);
  });
  return {
    engine,
    crypto,
    policy,
    open: async () => {
      await kernel.open({
        acquire: () => undefined,
        expire: (expiry) => {
          engine.expired(expiry);
        },
        deleted: () => undefined,
        flushed: () => undefined,
      });
      await udp.open();
    },
    close: async () => {
      await udp.close();
      await kernel.close();
      await crypto.close();
      clock.close();
    },
  };
}

/** Starts `count` handshakes of both phases, a few at a time. */
export async function handshakes(
  { engine, policy }: BenchEngine,
  count: number,
  port: number,
): Promise<void> {
  const rule = engine.settings.config.rules[0];
  if (rule === undefined) throw new Error('the bench has no rule');
  const [local, remote] = [
    { address: INITIATOR, port },
    { address: RESPONDER, port },
  ];
  let left = count;
  const worker = async (lane: number): Promise<void> => {
    while (left > 0) {
      left -= 1;
      // Each Phase 1 anew: negotiations of one rule object are joined, so that every lane has a copy of its own.
      const phase1 = await engine.phase1.negotiate(local, remote, { ...rule }, `bench-${String(lane)}`);
      if (!phase1.ok) throw new Error(phase1.error.explanation);
      const entry = engine.table.phase1ById(phase1.value);
      if (entry === undefined) throw new Error('the Phase 1 SA is gone');
      const phase2 = await engine.phase2.negotiate(entry, policy, policy.selectors, entry.id, false);
      if (!phase2.ok) throw new Error(phase2.error.explanation);
    }
  };
  await Promise.all([0, 1, 2, 3].map(worker));
}
