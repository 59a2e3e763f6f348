/**
 * What the flight recorder costs: a daemon while it records, as it does by default, and while it does not, in turn.
 * bench/README.md explains it. `npm run bench -- recorder`; `BENCH_STARTS` sets how often it is started (default 4),
 * `BENCH_PORTIONS` how many portions of each kind follow each start (default 150).
 */
import type { Prompt } from './ike/operator.js';
import type { Suite } from './ike/roots.js';
import { suitesWanted } from './ike/suite-names.js';
import { measureSwitched, saySwitched, type SwitchedOptions } from './ike/switched.js';

const SUITES: readonly Suite[] = [
  { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 },
  { name: 'modp2048', group: 14, method: 'preshared', strangers: 0 },
];

const RECORDER = {
  name: 'recording',
  on: async (ikeadm: Prompt) => {
    await ikeadm.ask('record on');
  },
  off: async (ikeadm: Prompt) => {
    await ikeadm.ask('record off');
  },
};

let port = 20_000 + (process.pid % 20_000);
for (const suite of suitesWanted(SUITES)) {
  const options: SwitchedOptions = {
    starts: Number(process.env.BENCH_STARTS ?? 4),
    portions: Math.max(20, Number(process.env.BENCH_PORTIONS ?? 150)),
    // What is kept is full after it, and the compiler has mostly settled.
    warmUp: 6000,
    port,
  };
  saySwitched('recorder', suite, RECORDER.name, options, await measureSwitched(suite, RECORDER, options));
  port += 2;
}
process.exit();
