/** Where the SAs of this daemon go: makes the kernel that was asked for, with what else of the daemon it needs. */
import { EmbeddedKernel, type OutputOutcome } from '../../adapters/kernel/embedded/embedded-kernel.js';
import { openSadbTrace } from '../../adapters/kernel/embedded/sadb-trace-file.js';
import { illumosPfkeyKernel, linuxPfkeyKernel } from '../../adapters/kernel/pfkey/pfkey-kernels.js';
import { XfrmKernel, type XfrmKernelParts } from '../../adapters/kernel/xfrm/xfrm-kernel.js';
import { nativeKernelSockets } from '../../adapters/native/kernel-sockets.js';
import type { Native } from '../../adapters/native/load-native.js';
import type { NodeRandom } from '../../adapters/random/node-random.js';
import { TunPath } from '../../adapters/tun/tun-path.js';
import type { UdpSockets } from '../../adapters/udp/udp-sockets.js';
import type { EventStream } from '../../daemon/event-stream.js';
import type { KeyStore } from '../../daemon/key-store.js';
import { StartRefused } from '../../machines/daemon.js';
import type { Bytes } from '../../services/bytes.js';
import type { Address } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Kernel } from '../../services/ports/kernel.js';
import type { Arguments } from './arguments.js';
import { bestKernel, type BestKernel } from './best-kernel.js';
import type { Reading } from './read-settings.js';
import type { RecentPackets } from './recent-packets.js';

export interface ChosenKernel {
  readonly kernel: Kernel;
  /** ESP that a UDP socket of this process was handed; kernels with ESP of their own take it before. */
  readonly espArrived: (local: Address, remote: Address, esp: Bytes) => void;
  /** A packet by hand; undefined where packets are the system's own business. */
  readonly output: ((packet: Bytes) => OutputOutcome) | undefined;
  /** By what routing shall know the packets of this process's own sockets; undefined: they are like any. */
  readonly socketMark?: number | undefined;
  /** After the kernel was closed. `discard`: the daemon never came up. */
  readonly closeTrace: (what: 'keep' | 'discard') => void;
}

export interface KernelSurroundings {
  readonly clock: Clock;
  readonly random: NodeRandom;
  readonly keys: KeyStore;
  readonly udp: UdpSockets;
  readonly events: EventStream;
  readonly desk: RecentPackets;
  readonly native: Native | undefined;
  /** Of the rule with that number in `ipsec_kmc_map`. */
  readonly labelOf: (cookie: number) => string | undefined;
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
  return { kernel, espArrived: () => undefined, output: undefined, closeTrace: () => undefined };
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

function embedded(
  args: Arguments,
  { clock, random, keys, udp, events, desk, native }: KernelSurroundings,
  reading: Reading,
): ChosenKernel {
  const trace = args.sadbTrace === undefined ? undefined : openSadbTrace(args.sadbTrace);
  if (trace?.ok === false) throw new StartRefused('environment', [trace.error]);
  const path = args.tun === undefined ? undefined : openPath(args.tun, args.listen, native);
  const kernel = new EmbeddedKernel({
    clock,
    random,
    keys,
    policies: reading.policies,
    larvalSeconds: reading.settings.config.globals.expireTimerSeconds,
    transmit: (local, remote, esp) => {
      if (path === undefined) desk.saw('out', 'esp', local, remote.address, esp);
      // Without a NAT and with sockets for it, ESP is a protocol of its own (RFC 4303 2).
      if (path === undefined || remote.port !== undefined) udp.sendEsp(local, remote, esp);
      else path.sendEsp(local, remote.address, esp);
    },
    observe: (what) => {
      if (what.type !== 'sa.not-carried') return;
      events.emit({ type: 'kernel.unable', explanation: what.explanation });
    },
    deliver: (packet) => {
      if (path === undefined) desk.saw('in', 'clear', '', '', packet);
      else path.deliver(packet);
    },
    ...(path === undefined ? {} : { path }),
    ...(trace === undefined
      ? {}
      : {
          trace: (line: string) => {
            trace.value.write(line);
          },
        }),
  });
  return {
    kernel,
    espArrived: (local, remote, esp) => {
      kernel.input(local, remote, esp);
    },
    output: (packet) => kernel.output(packet),
    socketMark: path?.mark.ok === true ? path.mark.value : undefined,
    closeTrace: (what) => {
      if (what === 'keep') trace?.value.close();
      else trace?.value.discard();
    },
  };
}

function openPath(name: string, listen: readonly Address[] | undefined, native: Native | undefined): TunPath {
  if (native === undefined) {
    const why =
      '--tun needs the native addon: install a C compiler and Node\'s headers, then run "npm run build".';
    throw new StartRefused('environment', [why]);
  }
  const path = new TunPath({ calls: native, name, listen });
  if (!path.mark.ok) throw new StartRefused('environment', [path.mark.error]);
  return path;
}
