/** The responder of the bench, alone in its process, so that the memory of the process is its own. Answers any message. */
import { benchEngine, udpEnd } from './bench-engine.js';

/** Of this process after a forced collection, bytes. */
export interface Answer {
  readonly rss: number;
  readonly heapAndExternal: number;
  readonly phase1: number;
  readonly phase2: number;
}

const [group = '2', port = '0'] = process.argv.slice(2);
const end = benchEngine('responder', Number(group), udpEnd('responder', Number(port)));
function measure(): Answer {
  // Twice: what a finalizer frees in the first is gone after the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    rss,
    heapAndExternal: heapUsed + external,
    phase1: end.engine.table.phase1Count,
    phase2: end.engine.table.phase2Count,
  };
}

process.on('message', () => {
  process.send?.(measure());
});
process.on('disconnect', () => {
  void end.close().then(() => process.exit());
});
await end.open();
process.send?.(measure());
