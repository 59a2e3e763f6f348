/** A daemon in the simulation: the production engine and embedded kernel; only clock, network and dice are simulated. */
import { EmbeddedKernel } from '../../adapters/kernel/embedded/embedded-kernel.js';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { type ChartWatcher, UNWATCHED } from '../../daemon/chart-watcher.js';
import { Engine } from '../../daemon/engine.js';
import { EventStream } from '../../daemon/event-stream.js';
import type { ChartPreparation } from '../../daemon/exchange-machines.js';
import { watchNegotiation } from '../../daemon/inspect-hook.js';
import { openIntake } from '../../daemon/open-intake.js';
import { KeyStore } from '../../daemon/key-store.js';
import { type CertificateStores, NO_STORES } from '../../services/certs/stores.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { parsePresharedKeys } from './parse-keys.js';
import type { Address } from '../../services/net/address.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { Recorder } from '../../services/ports/recorder.js';
import type { FellowWorkers } from '../../services/ports/fellow-workers.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { Datagram } from '../../services/ports/udp.js';
import type { IpsecPolicy, Kernel } from '../../services/ports/kernel.js';
import { DaemonClock } from './daemon-clock.js';
import type { Keys } from '../../services/ports/keys.js';
import { Dice } from './dice.js';
import type { SimulatedNetwork } from './simulated-network.js';
import { slowCrypto } from './slow-crypto.js';
import type { VirtualClock } from './virtual-clock.js';

export const IKE_PORT = 500;
export const NATT_PORT = 4500;

export interface DaemonPlan {
  readonly address: Address;
  /** Others that it has, too. */
  readonly moreAddresses?: readonly Address[];
  /** Text of ike.config. */
  readonly config: string;
  /** Text of ike.preshared. */
  readonly preshared: string;
  /** Certificates, with their keys in the key store of the daemon. */
  readonly certificates?: (keys: Keys) => CertificateStores;
  readonly policies: readonly IpsecPolicy[];
  /** Longest delay of a crypto job, milliseconds of virtual time; 0 finishes in the same turn. */
  readonly cryptoMs?: number;
  /** Whether steps and states of the charts are among the events. */
  readonly watched?: boolean;
  readonly prepareChart?: ChartPreparation;
  /** Milliseconds of virtual time that eight datagrams cost it; undefined: nothing. */
  readonly turnMs?: number;
  /** Stands between the engine and its kernel or its crypto, to make them fail. */
  readonly kernel?: (kernel: Kernel) => Kernel;
  readonly crypto?: (crypto: Crypto) => Crypto;
  /** It is one of several workers; undefined: the only one. */
  readonly fellows?: FellowWorkers;
  /** Records what its negotiations are told. */
  readonly recorder?: (world: {
    readonly clock: DaemonClock;
    readonly keys: KeyStore;
    readonly events: EventStream;
  }) => Recorder;
}

export interface SimulatedDaemon {
  readonly address: Address;
  readonly engine: Engine;
  /** As if it came from the network, now. */
  readonly receive: (datagram: Datagram) => void;
  readonly kernel: EmbeddedKernel;
  readonly keys: KeyStore;
  readonly events: StampedEvent[];
  readonly stream: EventStream;
  /** Inner packets that came out of protection. */
  readonly delivered: Uint8Array[];
  /** SADB changes, keys included: what `--sadb-trace` would write. */
  readonly trace: SadbLine[];
  readonly clock: DaemonClock;
  /** Power failure: it does and says nothing any more, and what it knew is lost. Another may start at its address. */
  crash(): void;
  /** Keys the configuration itself holds: what is left when nothing is established. */
  readonly keysAtStart: number;
}

function engineWatcher(stream: EventStream): ChartWatcher {
  return (actor, id) => watchNegotiation(actor, id, stream);
}

export interface SadbLine {
  readonly op: 'add' | 'update' | 'delete';
  readonly src?: string;
  readonly dst: string;
  readonly proto: number;
  readonly spi: string;
  readonly enc?: { readonly alg: string; readonly key: string };
  readonly auth?: { readonly alg: string; readonly key: string };
  readonly aead?: { readonly alg: string; readonly key: string };
}

export async function startSimulated(
  plan: DaemonPlan,
  network: SimulatedNetwork,
  time: VirtualClock,
  seed: number,
  peers: Map<Address, SimulatedDaemon>,
): Promise<SimulatedDaemon> {
  const clock = new DaemonClock(time);
  const dice = new Dice(seed);
  const keys = new KeyStore();
  const stream = new EventStream(clock);
  const events: StampedEvent[] = [];
  stream.subscribe((event) => events.push(event));
  const { config, diagnostics } = parseIkeConfig(plan.config, 'config');
  if (config === undefined) throw new Error(JSON.stringify(diagnostics));
  const presharedKeys = parsePresharedKeys(plan.preshared, keys);
  const certificates = plan.certificates?.(keys) ?? NO_STORES;
  const delivered: Uint8Array[] = [];
  const trace: SadbLine[] = [];
  const kernel = new EmbeddedKernel({
    clock,
    random: dice,
    keys,
    policies: plan.policies,
    larvalSeconds: config.globals.expireTimerSeconds,
    transmit: (local, remote, esp) => {
      time.setTimeout(
        () => peers.get(remote.address)?.kernel.input(remote.address, local, Uint8Array.from(esp)),
        5,
      );
    },
    deliver: (packet) => delivered.push(Uint8Array.from(packet)),
    trace: (line) => {
      const entry: SadbLine = JSON.parse(line) as SadbLine;
      trace.push(entry);
    },
  });
  const real = new NodeCrypto(keys, dice, { workers: false });
  const slow = plan.cryptoMs === undefined ? real : slowCrypto(real, clock, dice, plan.cryptoMs);
  const udp = network.host(plan.address, IKE_PORT, plan.moreAddresses);
  const engine = new Engine(
    {
      udp,
      kernel: plan.kernel?.(kernel) ?? kernel,
      crypto: plan.crypto?.(slow) ?? slow,
      keys,
      clock,
      random: dice,
      events: stream,
      recorder: plan.recorder?.({ clock, keys, events: stream }),
      fellows: plan.fellows,
    },
    {
      ikePort: IKE_PORT,
      nattPort: NATT_PORT,
      settings: { config, presharedKeys, certificates },
      ...(plan.watched === true ? { watcher: engineWatcher(stream) } : {}),
      ...(plan.prepareChart === undefined ? {} : { prepareChart: plan.prepareChart }),
    },
  );
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
  const { turnMs } = plan;
  const watcher = plan.watched === true ? engineWatcher(stream) : UNWATCHED;
  const intake =
    turnMs === undefined
      ? undefined
      : openIntake(engine, watcher, {
          later: (run) => {
            clock.setTimeout(run, turnMs);
          },
          computations: () => 0,
        });
  const receive = (datagram: Datagram): void => {
    if (intake === undefined) engine.receive(datagram);
    else intake.arrived(datagram);
  };
  udp.onDatagram(receive);
  const daemon: SimulatedDaemon = {
    address: plan.address,
    engine,
    receive,
    kernel,
    keys,
    events,
    stream,
    delivered,
    trace,
    clock,
    keysAtStart: keys.size,
    crash: () => {
      clock.stop();
      void udp.close();
      peers.delete(plan.address);
    },
  };
  for (const address of [plan.address, ...(plan.moreAddresses ?? [])]) peers.set(address, daemon);
  return daemon;
}

/** Lets everything that is due in this instant happen, promises included. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Runs virtual time until `done`, or until `limitMs` have passed. */
export async function runUntil(clock: VirtualClock, done: () => boolean, limitMs: number): Promise<boolean> {
  const end = clock.now() + limitMs;
  await settle();
  while (!done()) {
    const due = clock.nextDue();
    if (due === undefined || due > end) {
      clock.advance(end - clock.now());
      await settle();
      return done();
    }
    clock.advance(due - clock.now());
    await settle();
  }
  return true;
}
