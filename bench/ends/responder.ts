/** The responder of the bench, alone in its process, so that the CPU time of the process is its own. */
import { benchEngine } from './bench-engine.js';

export type Ask =
  | { readonly ask: 'cpu' }
  /** Collects garbage first. */
  | { readonly ask: 'memory' }
  /** The crypto floor: one key generation and one shared secret, `times` times. */
  | { readonly ask: 'floor'; readonly times: number };

export interface Answer {
  /** Of this process so far, milliseconds; the floor's share is left out. */
  readonly cpuMs: number;
  /** Of the floor so far, milliseconds, and how often it was measured. */
  readonly floorMs: number;
  readonly floors: number;
  /** Bytes. */
  readonly rss: number;
  readonly heapAndExternal: number;
  readonly phase1: number;
  readonly phase2: number;
}

const [group = '2', port = '0'] = process.argv.slice(2);
const end = benchEngine('responder', Number(group), Number(port));
let floorMs = 0;
let floors = 0;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function floor(times: number): Promise<void> {
  const peer = await end.crypto.generateKeyPair(Number(group));
  const before = cpuMs();
  for (let n = 0; n < times; n++) {
    const own = await end.crypto.generateKeyPair(Number(group));
    end.crypto.erase(
      await end.crypto.sharedSecret(Number(group), own.privateKey, peer.publicValue),
      own.privateKey,
    );
  }
  floorMs += cpuMs() - before;
  floors += times;
  end.crypto.erase(peer.privateKey);
}

function measure(): Answer {
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    cpuMs: cpuMs() - floorMs,
    floorMs,
    floors,
    rss,
    heapAndExternal: heapUsed + external,
    phase1: end.engine.table.phase1Count,
    phase2: end.engine.table.phase2Count,
  };
}

process.on('message', (message: Ask) => {
  void (async () => {
    if (message.ask === 'floor') await floor(message.times);
    if (message.ask === 'memory') {
      // Twice: what a finalizer frees in the first is gone after the second.
      globalThis.gc?.();
      globalThis.gc?.();
    }
    process.send?.(measure());
  })();
});
process.on('disconnect', () => {
  void end.close().then(() => process.exit());
});
await end.open();
process.send?.(measure());
