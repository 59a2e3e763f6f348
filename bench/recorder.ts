/**
 * What the flight recorder costs: two daemons, one with it, as it is by default, and one without. bench/README.md explains it.
 * `npm run bench -- recorder`; `BENCH_STARTS` sets how often each is started (default 12), `BENCH_HANDSHAKES` the handshakes
 * of each after each start (default 1500).
 */
import { measureInTurn, sayInTurn } from './ike/in-turn.js';
import type { Suite } from './ike/roots.js';

const SUITES: readonly Suite[] = [
  { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 },
  { name: 'modp2048', group: 14, method: 'preshared', strangers: 0 },
];

let port = 20_000 + (process.pid % 20_000);
for (const suite of SUITES) {
  const options = {
    starts: Math.max(2, Number(process.env.BENCH_STARTS ?? 12)),
    handshakes: Number(process.env.BENCH_HANDSHAKES ?? 1500),
    // What is kept is full after it, and the compiler has mostly settled.
    warmUp: 6000,
    port,
  };
  const results = await measureInTurn(
    suite,
    [
      { name: 'without recorder', flags: ['--no-record'] },
      { name: 'with recorder', flags: [] },
    ],
    options,
  );
  sayInTurn('recorder', suite, options, results);
  port += 4;
}
process.exit();
