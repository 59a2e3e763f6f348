/** What the thread that carries packets runs: the embedded kernel with its data path. Bundled as a file of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { WheelClock } from '../../adapters/clock/wheel-clock.js';
import { EmbeddedKernel } from '../../adapters/kernel/embedded/embedded-kernel.js';
import type { FromThread, ThreadSettings, ToThread } from '../../adapters/kernel/embedded/thread/messages.js';
import { serveKernel } from '../../adapters/kernel/embedded/thread/serve-kernel.js';
import { loadNative, type Native } from '../../adapters/native/load-native.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { EspInUdp } from '../../adapters/tun/esp-in-udp.js';
import { TunPath } from '../../adapters/tun/tun-path.js';
import { KeyStore } from '../../daemon/key-store.js';

function post(message: FromThread): void {
  parentPort?.postMessage(message);
}

function limitNote({ remote, mtu }: { readonly remote: string; readonly mtu: number }): string {
  return `A router says that the path to ${remote} takes packets of ${String(mtu)} bytes: what goes there is kept so short that it fits, for ten minutes.`;
}

function run(native: Native, settings: ThreadSettings): void {
  const clock = new WheelClock({
    onError: (error) => {
      post({ type: 'defect', error: String(error) });
    },
  });
  const parts = {
    calls: native,
    clock,
    note: (note: string) => {
      post({ type: 'note', note });
    },
  };
  const path = new TunPath({ ...parts, name: settings.device, listen: settings.listen });
  if (!path.mark.ok) {
    post({ type: 'refused', why: path.mark.error });
    return;
  }
  const keys = new KeyStore();
  const udp = new EspInUdp(parts, (local, remote, esp) => {
    kernel.input(local, remote, esp);
  });
  const kernel = new EmbeddedKernel({
    clock,
    random: new NodeRandom(),
    keys,
    policies: settings.policies,
    larvalSeconds: settings.larvalSeconds,
    transmit: (local, remote, esp) => {
      // Without a NAT ESP is a protocol of its own (RFC 4303 2).
      if (remote.port === undefined) path.sendEsp(local, remote.address, esp);
      else udp.send(local, remote.address, remote.port, esp);
    },
    observe: (what) => {
      if (what.type === 'sa.not-carried') post({ type: 'unable', explanation: what.explanation });
      if (what.type === 'path.limited') post({ type: 'note', note: limitNote(what) });
    },
    deliver: (packet) => {
      path.deliver(packet);
    },
    path,
    ...(settings.traced
      ? {
          trace: (line: string) => {
            post({ type: 'trace', line });
          },
        }
      : {}),
  });
  const heard = serveKernel({
    rights: { keep: () => native.keepRights(), take: () => native.takePacketRights() },
    kernel,
    keys,
    post,
    socket: (local, descriptor) => {
      if (descriptor === undefined) udp.remove(local);
      else udp.add(local, descriptor);
    },
  });
  parentPort?.on('message', (message: ToThread) => {
    heard(message);
  });
  post({ type: 'ready', mark: path.mark.value });
}

function main(settings: ThreadSettings): void {
  const native = loadNative();
  if (native.ok) run(native.value, settings);
  else post({ type: 'refused', why: native.error });
}

// As `startKernelThread` gives it.
main(workerData as ThreadSettings);
