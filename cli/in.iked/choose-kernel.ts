/** Where the SAs of this daemon go: makes the kernel that was asked for, with what else of the daemon it needs. */
import { EmbeddedKernel, type OutputOutcome } from '../../adapters/kernel/embedded/embedded-kernel.js';
import { policiesNotCarried } from '../../adapters/kernel/embedded/policies-not-carried.js';
import { openSadbTrace } from '../../adapters/kernel/embedded/sadb-trace-file.js';
import { illumosPfkeyKernel, linuxPfkeyKernel } from '../../adapters/kernel/pfkey/pfkey-kernels.js';
import { XfrmKernel, type XfrmKernelParts } from '../../adapters/kernel/xfrm/xfrm-kernel.js';
import { nativeKernelSockets } from '../../adapters/native/kernel-sockets.js';
import type { Native } from '../../adapters/native/load-native.js';
import type { NodeRandom } from '../../adapters/random/node-random.js';
import type { UdpSockets } from '../../adapters/udp/udp-sockets.js';
import type { EventStream } from '../../daemon/event-stream.js';
import type { KeyStore } from '../../daemon/key-store.js';
import { StartRefused } from '../../machines/daemon.js';
import type { Bytes } from '../../services/bytes.js';
import type { Address, Endpoint } from '../../services/net/address.js';
import type { WorkerPlace } from '../../services/isakmp/worker-of-cookie.js';
import type { Clock } from '../../services/ports/clock.js';
import type { IpsecPolicy, Kernel } from '../../services/ports/kernel.js';
import type { PacketCounters } from '../../services/ports/packet-counters.js';
import type { Arguments } from './arguments.js';
import { bestKernel, type BestKernel } from './best-kernel.js';
import type { Reading } from './read-settings.js';
import type { RecentPackets } from './recent-packets.js';
import type { Rights } from './run-as.js';
import { type KernelThread, startKernelThread } from './start-kernel-thread.js';

export interface ChosenKernel {
  readonly kernel: Kernel;
  /** Reads ESP in UDP from a socket of its own beside IKE's, whose descriptor it owns; undefined: IKE's socket gets it. */
  readonly espSockets?: EspSockets;
  /** ESP that a UDP socket of this process was handed; kernels with ESP of their own take it before. */
  readonly espArrived: (local: Address, remote: Address, esp: Bytes) => void;
  /** A packet by hand; undefined where packets are the system's own business. */
  readonly output: ((packet: Bytes) => OutputOutcome | Promise<OutputOutcome>) | undefined;
  /** Undefined where packets are the system's own business. */
  readonly counters: (() => PacketCounters | Promise<PacketCounters>) | undefined;
  /** Its SAs end with this process, however that ends: an earlier run can have left none, and all in it are ours. */
  readonly endsWithUs: boolean;
  /** What it cannot do for these policies, one line each. */
  readonly warnings?: (policies: readonly IpsecPolicy[]) => readonly string[];
  /** By what routing shall know the packets of this process's own sockets; undefined: they are like any. */
  readonly socketMark?: number | undefined;
  /** Of a thread of its own, when the process becomes another user. */
  readonly rights?: Rights;
  /** After the kernel was closed. `discard`: the daemon never came up. */
  readonly release: (what: 'keep' | 'discard') => Promise<void>;
}

export interface EspSockets {
  /** Undefined: no ESP comes to that socket. */
  readonly readerOf: (local: Endpoint) => ((descriptor: number) => void) | undefined;
  readonly closed: (local: Endpoint) => void;
}

export interface KernelSurroundings {
  readonly clock: Clock;
  readonly random: NodeRandom;
  readonly keys: KeyStore;
  readonly udp: UdpSockets;
  readonly events: EventStream;
  readonly desk: RecentPackets;
  readonly native: Native | undefined;
  /** Undefined where there is one daemon only. */
  readonly place: WorkerPlace | undefined;
  /** Of the rule with that number in `ipsec_kmc_map`. */
  readonly labelOf: (cookie: number) => string | undefined;
  /** The kernel is gone, and all SAs with it: one sentence. */
  readonly lost: (why: string) => void;
}

export async function chooseKernel(
  args: Arguments,
  surroundings: KernelSurroundings,
  reading: Reading,
): Promise<ChosenKernel> {
  switch (args.kernel === 'auto' ? await automatic(surroundings) : args.kernel) {
    case 'embedded':
      return embedded(args, surroundings, reading);
    case 'pfkey':
      return ofSystem(pfkey(surroundings, reading));
    case 'xfrm':
      return ofSystem(new XfrmKernel(systemParts('xfrm', surroundings, reading)));
  }
}

async function automatic({ native, clock, events }: KernelSurroundings): Promise<BestKernel['which']> {
  const best = await bestKernel(native && nativeKernelSockets(native), clock);
  events.emit({ type: 'kernel.note', note: best.why });
  return best.which;
}

/** Packets are the system's own business. */
function ofSystem(kernel: Kernel): ChosenKernel {
  return {
    kernel,
    endsWithUs: false,
    espArrived: () => undefined,
    output: undefined,
    counters: undefined,
    release: () => Promise.resolve(),
  };
}

function pfkey(surroundings: KernelSurroundings, reading: Reading): Kernel {
  const parts = { ...systemParts('pfkey', surroundings, reading), pid: process.pid };
  if (process.platform !== 'sunos') return linuxPfkeyKernel(parts);
  return illumosPfkeyKernel({ ...parts, labelOf: surroundings.labelOf });
}

/** What a kernel of the system needs of us. */
function systemParts(
  kernel: Arguments['kernel'],
  { clock, keys, events, native }: KernelSurroundings,
  { policies }: Reading,
): XfrmKernelParts {
  if (native === undefined) {
    throw new StartRefused('environment', [
      `--kernel ${kernel} needs the native addon, which is built at installation where there is a C compiler.`,
    ]);
  }
  const note = (text: string): void => {
    events.emit({ type: 'kernel.note', note: text });
  };
  return { sockets: nativeKernelSockets(native), clock, keys, policies, note };
}

async function embedded(
  args: Arguments,
  surroundings: KernelSurroundings,
  reading: Reading,
): Promise<ChosenKernel> {
  const trace = args.sadbTrace === undefined ? undefined : openSadbTrace(args.sadbTrace);
  if (trace?.ok === false) throw new StartRefused('environment', [trace.error]);
  const closeTrace = (what: 'keep' | 'discard'): void => {
    if (what === 'keep') trace?.value.close();
    else trace?.value.discard();
  };
  const write = (line: string): void => {
    trace?.value.write(line);
  };
  if (args.tun === undefined) {
    return withoutInterface(surroundings, reading, trace === undefined ? undefined : write, closeTrace);
  }
  const begun = await thread(args, args.tun, surroundings, reading, write);
  const { kernel, mark } = begun;
  return {
    kernel,
    espSockets: {
      readerOf: ({ address, port }) =>
        port === args.nattPort
          ? (descriptor) => {
              kernel.socketOpened(address, descriptor);
            }
          : undefined,
      closed: ({ address, port }) => {
        if (port === args.nattPort) kernel.socketClosed(address);
      },
    },
    endsWithUs: true,
    espArrived: (local, remote, esp) => {
      kernel.input(local, remote, esp);
    },
    output: (packet) => kernel.output(packet),
    counters: () => kernel.counters(),
    warnings: (policies) => policiesNotCarried(policies, true),
    socketMark: mark,
    rights: {
      keepRights: () => kernel.keepRights(),
      takeRights: () => kernel.takeRights(),
      lost: 'the thread that carries packets has no rights over the network left: it serves no addresses and networks that come later',
    },
    release: async (what) => {
      await begun.end();
      closeTrace(what);
    },
  };
}

/** Real traffic, in a thread of its own: the flood of a transfer must not keep IKE waiting. */
async function thread(
  args: Arguments,
  device: string,
  { keys, events, native, lost }: KernelSurroundings,
  { policies, settings }: Reading,
  trace: (line: string) => void,
): Promise<KernelThread> {
  if (native === undefined) {
    const why =
      '--tun needs the native addon: install a C compiler and Node\'s headers, then run "npm run build".';
    throw new StartRefused('environment', [why]);
  }
  const started = await startKernelThread(
    {
      device,
      listen: args.listen,
      policies,
      larvalSeconds: settings.config.globals.expireTimerSeconds,
      traced: args.sadbTrace !== undefined,
    },
    {
      keys,
      trace,
      lost,
      unable: (explanation) => {
        events.emit({ type: 'kernel.unable', explanation });
      },
      note: (note) => {
        events.emit({ type: 'kernel.note', note });
      },
      defect: (error) => {
        events.emit({ type: 'internal.error', where: 'packets', error });
      },
    },
  );
  if (!started.ok) throw new StartRefused('environment', [started.error]);
  return started.value;
}

/** Packets by hand only. */
function withoutInterface(
  { clock, random, keys, udp, events, desk, place }: KernelSurroundings,
  { policies, settings }: Reading,
  trace: ((line: string) => void) | undefined,
  closeTrace: (what: 'keep' | 'discard') => void,
): ChosenKernel {
  const kernel = new EmbeddedKernel({
    clock,
    random,
    keys,
    policies,
    ...(place === undefined ? {} : { place }),
    larvalSeconds: settings.config.globals.expireTimerSeconds,
    transmit: (local, remote, esp) => {
      desk.saw('out', 'esp', local, remote.address, esp);
      udp.sendEsp(local, remote, esp);
    },
    observe: (what) => {
      if (what.type !== 'sa.not-carried') return;
      events.emit({ type: 'kernel.unable', explanation: what.explanation });
    },
    deliver: (packet) => {
      desk.saw('in', 'clear', '', '', packet);
    },
    ...(trace === undefined ? {} : { trace }),
  });
  return {
    kernel,
    endsWithUs: true,
    espArrived: (local, remote, esp) => {
      kernel.input(local, remote, esp);
    },
    output: (packet) => kernel.output(packet),
    counters: () => kernel.statistics,
    warnings: (policies) => policiesNotCarried(policies, false),
    release: (what) => {
      closeTrace(what);
      return Promise.resolve();
    },
  };
}
