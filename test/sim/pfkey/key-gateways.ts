/** Two daemons over simulated PF_KEY kernels, with a wire between the kernels and another between the daemons. */
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import type { PfkeyKernel } from '../../../adapters/kernel/pfkey/pfkey-kernel.js';
import { Engine } from '../../../daemon/engine.js';
import { adoptEarlier } from '../../../daemon/adoption.js';
import { kernelListener } from '../../../daemon/kernel-listener.js';
import { rememberingKernel } from '../../../daemon/remembering-kernel.js';
import { SaMemory } from '../../../daemon/sa-memory.js';
import { FileOfSas } from '../../daemon/file-of-sas.js';
import { EventStream } from '../../../daemon/event-stream.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { NO_STORES } from '../../../services/certs/stores.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { Clock } from '../../../services/ports/clock.js';
import type { StampedEvent } from '../../../services/ports/events.js';
import type { IpsecPolicy, Kernel } from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import { DaemonClock } from '../daemon-clock.js';
import { Dice } from '../dice.js';
import { parsePresharedKeys } from '../parse-keys.js';
import { IKE_PORT, NATT_PORT, runUntil } from '../simulated-daemon.js';
import { SimulatedNetwork } from '../simulated-network.js';
import { configText, EAST, presharedText, tunnelPolicy, WEST } from '../two-gateways.js';
import { VirtualClock } from '../virtual-clock.js';
import type { SimulatedKeyKernel } from './simulated-key-kernel.js';

export interface KernelSurroundings {
  readonly sockets: SimulatedKeyKernel;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly pid: number;
  readonly policies: readonly IpsecPolicy[];
  readonly note: (note: string) => void;
}

export interface KeyGateway<K extends SimulatedKeyKernel> {
  readonly system: K;
  /** As the engine has it: with a memory. */
  readonly kernel: Kernel;
  readonly memory: SaMemory;
  readonly file: FileOfSas;
  readonly engine: Engine;
  readonly keys: KeyStore;
  readonly events: StampedEvent[];
  readonly notes: string[];
  readonly clock: DaemonClock;
  /** kill -9: the kernel and the file stay as they are. */
  crash(): void;
}

export interface GatewaysPlan<K extends SimulatedKeyKernel> {
  readonly system: (clock: Clock, dice: Dice, end: 'east' | 'west') => K;
  readonly kernel: (surroundings: KernelSurroundings) => PfkeyKernel;
  readonly globals?: string;
  readonly policies?: (end: 'east' | 'west') => readonly IpsecPolicy[];
}

export interface KeyPair<K extends SimulatedKeyKernel> {
  readonly time: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly east: KeyGateway<K>;
  readonly west: KeyGateway<K>;
  /** Another daemon over the kernel of one that crashed, and over its file. */
  again(before: KeyGateway<K>, end: 'east' | 'west', globals?: string): Promise<KeyGateway<K>>;
}

export async function startKeyPair<K extends SimulatedKeyKernel>(plan: GatewaysPlan<K>): Promise<KeyPair<K>> {
  const time = new VirtualClock();
  const network = new SimulatedNetwork(time, new Dice(1));
  const gateway = async (
    end: 'east' | 'west',
    seed: number,
    before?: KeyGateway<K>,
    globals = plan.globals,
  ): Promise<KeyGateway<K>> => {
    const clock = new DaemonClock(time);
    const dice = new Dice(seed);
    const keys = new KeyStore();
    const stream = new EventStream(clock);
    const events: StampedEvent[] = [];
    const notes: string[] = [];
    stream.subscribe((event) => events.push(event));
    const words = globals === undefined ? {} : { globals };
    const { config, diagnostics } = parseIkeConfig(configText(end, words), 'config');
    if (config === undefined) throw new Error(JSON.stringify(diagnostics));
    const presharedKeys = parsePresharedKeys(presharedText(end), keys);
    const system = before?.system ?? plan.system(time, dice, end);
    const policies = plan.policies?.(end) ?? [tunnelPolicy(end)];
    const note = (text: string): void => {
      notes.push(text);
    };
    const plain = plan.kernel({ sockets: system, clock, keys, pid: 1000 + seed, policies, note });
    const file = before?.file ?? new FileOfSas();
    const memory = new SaMemory(file, stream);
    const kernel = rememberingKernel(plain, memory, clock);
    const udp = network.host(end === 'east' ? EAST : WEST, IKE_PORT);
    const crypto = new NodeCrypto(keys, dice, { workers: false });
    const engine = new Engine(
      { udp, kernel, crypto, keys, clock, random: dice, events: stream, recorder: undefined },
      {
        ikePort: IKE_PORT,
        nattPort: NATT_PORT,
        settings: { config, presharedKeys, certificates: NO_STORES },
      },
    );
    const opening = kernel.open(kernelListener(engine));
    await finished(time, opening);
    udp.onDatagram((datagram) => {
      engine.receive(datagram);
    });
    await finished(time, adoptEarlier(engine, memory));
    const crash = (): void => {
      clock.stop();
      system.forsake();
      void udp.close();
    };
    return { system, kernel, memory, file, engine, keys, events, notes, clock, crash };
  };
  const east = await gateway('east', 1);
  const west = await gateway('west', 2);
  east.system.wire = (sa, bytes) => {
    west.system.input(sa, bytes);
  };
  west.system.wire = (sa, bytes) => {
    east.system.input(sa, bytes);
  };
  const again: KeyPair<K>['again'] = (before, end, globals) =>
    gateway(end, end === 'east' ? 3 : 4, before, globals);
  return { time, network, east, west, again };
}

/** Lets virtual time go on until a promise has settled. */
export async function finished<T>(time: VirtualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined);
  await runUntil(time, () => settled, 60_000);
  return watched;
}
